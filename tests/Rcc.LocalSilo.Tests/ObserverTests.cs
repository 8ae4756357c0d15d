using System.Runtime.CompilerServices;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Rcc.LocalSilo.Tests;

public sealed class ObserverTests
{
    [Fact]
    public async Task Calls_to_an_observer_run_one_at_a_time_and_in_order()
    {
        await using var silo = await TestSilo.StartAsync();
        var listener = new Listener();
        var reference = silo.Grains.CreateObjectReference<IListener>(listener);
        await silo.Probe("x").RunAsync(_ => Task.WhenAll(Enumerable.Range(0, 500).Select(reference.HearAsync)));
        Assert.Equal(Enumerable.Range(0, 500), listener.Heard);
        Assert.Equal(0, listener.Overlaps);
        GC.KeepAlive(listener);
    }

    [Fact]
    public async Task An_interleaving_call_does_not_wait_for_the_one_that_runs()
    {
        await using var silo = await TestSilo.StartAsync();
        var listener = new Listener();
        var reference = silo.Grains.CreateObjectReference<IListener>(listener);
        var held = reference.HoldAsync();
        var behind = reference.HearAsync(1);
        await reference.InterruptAsync();
        Assert.False(held.IsCompleted);
        Assert.Empty(listener.Heard);
        listener.Gate.SetResult();
        await held;
        await behind;
    }

    [Fact]
    public async Task A_full_observer_answers_busy_and_a_slow_one_a_time_out()
    {
        await using var silo = await TestSilo.StartAsync(options => options.MaxEnqueuedRequests = 2);
        var listener = new Listener();
        var reference = silo.Grains.CreateObjectReference<IListener>(listener);
        var held = reference.HoldAsync();
        var behind = reference.HearAsync(1);
        var busy = await Assert.ThrowsAsync<LimitExceededException>(() => reference.HearAsync(2));
        Assert.Contains("observer/", busy.Message, StringComparison.Ordinal);
        silo.Clock.Advance(TimeSpan.FromSeconds(31));
        await Assert.ThrowsAsync<TimeoutException>(() => held);
        await Assert.ThrowsAsync<TimeoutException>(() => behind);
        listener.Gate.SetResult();
        await Eventually.SucceedsAsync<LimitExceededException>(() => reference.HearAsync(3));
        Assert.Equal([3], listener.Heard);
    }

    [Fact]
    public async Task A_deleted_reference_fails_and_cannot_be_deleted_twice()
    {
        await using var silo = await TestSilo.StartAsync();
        var listener = new Listener();
        var reference = silo.Grains.CreateObjectReference<IListener>(listener);
        await reference.HearAsync(1);
        silo.Grains.DeleteObjectReference<IListener>(reference);
        await Assert.ThrowsAsync<ClientNotAvailableException>(() => reference.HearAsync(2));
        Assert.Equal([1], listener.Heard);
        Assert.Throws<ArgumentException>(() => silo.Grains.DeleteObjectReference<IListener>(reference));
        Assert.Throws<ArgumentException>(() => silo.Grains.DeleteObjectReference<IListener>(listener));
        Assert.Throws<ArgumentException>(() => silo.Grains.CreateObjectReference<IListener>(reference));
    }

    [Fact]
    public async Task The_engine_does_not_keep_the_observer_alive()
    {
        await using var silo = await TestSilo.StartAsync();
        var reference = await Forget(silo);
        await Eventually.HoldsAsync(
            () =>
            {
                GC.Collect();
                return reference.HearAsync(2).Exception?.InnerException is ClientNotAvailableException;
            },
            () => "the observer to be gone");

        [MethodImpl(MethodImplOptions.NoInlining)]
        static async Task<IListener> Forget(TestSilo silo)
        {
            var reference = silo.Grains.CreateObjectReference<IListener>(new Listener());
            await Task.Yield();
            return reference;
        }
    }

    [Fact]
    public async Task A_grain_cannot_make_an_observer_reference_but_can_be_one()
    {
        await using var silo = await TestSilo.StartAsync();
        await silo.Probe("x").RunAsync(g =>
        {
            Assert.Throws<InvalidOperationException>(() => g.Grains.CreateObjectReference<IListener>(new Listener()));
            return Task.CompletedTask;
        });
        var reference = silo.Grains.GetGrain<IListening>("l").AsReference<IListener>();
        await reference.HearAsync(7);
        Assert.Equal(7, await silo.Grains.GetGrain<IListening>("l").HeardAsync());
    }

    [Fact]
    public async Task An_observer_may_call_the_grain_that_is_calling_it_once_that_has_ended()
    {
        await using var silo = await TestSilo.StartAsync();
        var listener = new Listener { OnHear = () => silo.Probe("x").EmptyAsync().AsTask() };
        var reference = silo.Grains.CreateObjectReference<IListener>(listener);
        var told = Task.CompletedTask;
        await silo.Probe("x").RunAsync(_ =>
        {
            told = reference.HearAsync(1);
            return Task.CompletedTask;
        });
        await told;
        Assert.Equal([1], listener.Heard);
    }
}

interface IListener : IGrainObserver
{
    Task HearAsync(int number);

    Task HoldAsync();

    [AlwaysInterleave]
    Task InterruptAsync();
}

interface IListening : IGrainWithStringKey
{
    Task<int> HeardAsync();
}

sealed class ListeningGrain : Grain, IListening, IListener
{
    int heard;

    public Task<int> HeardAsync() => Task.FromResult(heard);

    public Task HearAsync(int number)
    {
        heard = number;
        return Task.CompletedTask;
    }

    public Task HoldAsync() => Task.CompletedTask;

    public Task InterruptAsync() => Task.CompletedTask;
}

sealed class Listener : IListener
{
    int inside;

    public List<int> Heard { get; } = [];

    public int Overlaps { get; private set; }

    public TaskCompletionSource Gate { get; } = new();

    public Func<Task> OnHear { get; init; } = () => Task.CompletedTask;

    public async Task HearAsync(int number)
    {
        Overlaps += inside++;
        await OnHear();
        await Task.Yield();
        Heard.Add(number);
        Overlaps += --inside;
    }

    public Task HoldAsync() => Gate.Task;

    public Task InterruptAsync() => Task.CompletedTask;
}
