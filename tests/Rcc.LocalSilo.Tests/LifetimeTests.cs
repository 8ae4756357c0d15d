using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;

namespace Rcc.LocalSilo.Tests;

public sealed class LifetimeTests
{
    [Fact]
    public async Task An_idle_activation_ends_after_its_collection_age_and_its_scope_is_disposed()
    {
        await using var silo = await TestSilo.StartAsync();
        await silo.Probe("x").EmptyAsync();
        silo.Clock.Advance(TimeSpan.FromMinutes(10));
        await silo.Probe("x").EmptyAsync();
        silo.Clock.Advance(TimeSpan.FromMinutes(10));
        await silo.Probe("x").EmptyAsync();
        Assert.Equal(["x activated"], silo.Journal.Lines);

        silo.Clock.Advance(TimeSpan.FromMinutes(17));
        await silo.Journal.UntilAsync("scope disposed");
        Assert.Equal(["x activated", "x ending: ActivationIdle", "x ended", "scope disposed"], silo.Journal.Lines);
        await silo.Probe("x").EmptyAsync();
        Assert.Equal(2, silo.Journal.Count("x activated"));
    }

    [Fact]
    public async Task A_class_may_have_a_collection_age_of_its_own_or_none()
    {
        await using var silo = await TestSilo.StartAsync();
        await silo.Grains.GetGrain<IAged>("x", typeof(BriefGrain).FullName).EmptyAsync();
        await silo.Grains.GetGrain<IAged>("x", typeof(LastingGrain).FullName).EmptyAsync();
        await silo.Probe("x").EmptyAsync();
        silo.Clock.Advance(TimeSpan.FromMinutes(4));
        await silo.Journal.UntilAsync("BriefGrain ended");
        Assert.Equal(0, silo.Journal.Count("x ended"));
        silo.Clock.Advance(TimeSpan.FromDays(1));
        await silo.Journal.UntilAsync("x ended");
        Assert.Equal(0, silo.Journal.Count("LastingGrain ended"));
    }

    [Fact]
    public async Task A_delayed_deactivation_keeps_idle_collection_away_for_that_time()
    {
        await using var silo = await TestSilo.StartAsync();
        await silo.Probe("x").RunAsync(g =>
        {
            g.Delay(TimeSpan.FromHours(2));
            return Task.CompletedTask;
        });
        await silo.Probe("y").EmptyAsync();
        silo.Clock.Advance(TimeSpan.FromMinutes(119));
        await silo.Journal.UntilAsync("y ended");
        Assert.Equal(0, silo.Journal.Count("x ending: ActivationIdle"));
        silo.Clock.Advance(TimeSpan.FromMinutes(3));
        await silo.Journal.UntilAsync("x ended");
    }

    [Fact]
    public async Task Requests_that_meet_a_deactivation_go_to_the_next_activation_which_starts_after_the_old_one_has_ended()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Probe("x");
        var gate = new TaskCompletionSource();
        var ending = new TaskCompletionSource();
        int first = 0, second = 0;
        var held = grain.RunAsync(async g =>
        {
            first = g.Number;
            g.Ending = (_, _) => ending.Task;
            g.End();
            await gate.Task;
            g.Journal.Write("held");
        });
        var waiting = grain.RunAsync(g =>
        {
            second = g.Number;
            g.Journal.Write("waiting");
            return Task.CompletedTask;
        });
        gate.SetResult();
        await held;
        await silo.Journal.UntilAsync("x ending: ApplicationRequested");
        var late = grain.RunAsync(g =>
        {
            g.Journal.Write("late");
            return Task.CompletedTask;
        });
        Assert.False(waiting.IsCompleted);
        ending.SetResult();
        await Task.WhenAll(waiting, late);

        Assert.NotEqual(first, second);
        Assert.Equal(
            ["x activated", "held", "x ending: ApplicationRequested", "x ended", "scope disposed", "x activated", "waiting", "late"],
            silo.Journal.Lines);
    }

    [Fact]
    public async Task A_failed_activation_tells_those_who_wait_and_the_next_call_tries_again()
    {
        var failures = new Failures();
        await using var silo = await TestSilo.StartAsync(add: services => services.AddSingleton(failures));
        var grain = silo.Grains.GetGrain<IFragile>("x");
        failures.OnActivate = new InvalidDataException("no state");
        Assert.Equal("no state", (await Assert.ThrowsAsync<InvalidDataException>(grain.EmptyAsync)).Message);
        failures.OnActivate = null;
        failures.OnConstruct = new InvalidDataException("no object");
        Assert.Equal("no object", (await Assert.ThrowsAsync<InvalidDataException>(grain.EmptyAsync)).Message);
        failures.OnConstruct = null;
        await grain.EmptyAsync();
        Assert.Equal(3, failures.Tries);
    }

    [Fact]
    public async Task An_activation_that_takes_too_long_is_given_up()
    {
        var failures = new Failures { Hang = new() };
        await using var silo = await TestSilo.StartAsync(options => options.ActivationTimeout = TimeSpan.FromSeconds(3), services => services.AddSingleton(failures));
        var call = silo.Grains.GetGrain<IFragile>("x").EmptyAsync();
        await failures.Hanging.Task;
        silo.Clock.Advance(TimeSpan.FromSeconds(4));
        var late = await Assert.ThrowsAsync<TimeoutException>(() => call);
        Assert.Contains("fragile/x OnActivateAsync", late.Message, StringComparison.Ordinal);
        failures.Hang = null;
        await silo.Grains.GetGrain<IFragile>("x").EmptyAsync();
    }

    [Fact]
    public async Task A_grain_that_ends_itself_while_it_is_activated_refuses_instead_of_going_round_for_ever()
    {
        var failures = new Failures { EndAtOnce = true };
        await using var silo = await TestSilo.StartAsync(add: services => services.AddSingleton(failures));
        await Assert.ThrowsAsync<OrleansMessageRejectionException>(silo.Grains.GetGrain<IFragile>("x").EmptyAsync);
        failures.EndAtOnce = false;
        await silo.Grains.GetGrain<IFragile>("x").EmptyAsync();
    }

    [Fact]
    public async Task A_failing_deactivation_does_not_keep_the_next_activation_from_starting()
    {
        await using var silo = await TestSilo.StartAsync();
        await silo.Probe("x").RunAsync(g =>
        {
            g.Ending = (_, _) => throw new InvalidDataException("cannot end");
            g.End();
            return Task.CompletedTask;
        });
        await silo.Probe("x").EmptyAsync();
        Assert.Equal(2, silo.Journal.Count("x activated"));
        Assert.Equal(1, silo.Journal.Count("scope disposed"));
    }

    [Fact]
    public async Task Stopping_lets_running_and_waiting_requests_finish_ends_every_activation_and_then_refuses()
    {
        await using var silo = await TestSilo.StartAsync();
        var gate = new TaskCompletionSource();
        var running = silo.Probe("x").RunAsync(async g =>
        {
            g.Journal.Write("running");
            await gate.Task;
            await g.Grains.GetGrain<IProbe>("z").EmptyAsync();
        });
        var waiting = silo.Probe("x").EmptyAsync();
        await silo.Probe("y").EmptyAsync();
        await silo.Journal.UntilAsync("running");

        var stop = silo.StopAsync();
        await silo.Journal.UntilAsync("y ended");
        await Assert.ThrowsAsync<SiloUnavailableException>(() => silo.Probe("w").EmptyAsync().AsTask());
        Assert.False(stop.IsCompleted);
        gate.SetResult();
        await stop;
        await running;
        await waiting;
        Assert.Equal(1, silo.Journal.Count("x ending: ShuttingDown"));
        Assert.Equal(1, silo.Journal.Count("z ending: ShuttingDown"));
        Assert.Equal(3, silo.Journal.Count("scope disposed"));
        var refused = await Assert.ThrowsAsync<SiloUnavailableException>(() => silo.Probe("x").EmptyAsync().AsTask());
        Assert.Contains("probe/x", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_ever_and_answers_those_it_leaves()
    {
        await using var silo = await TestSilo.StartAsync(options => options.StopTimeout = TimeSpan.FromSeconds(5));
        var gate = new TaskCompletionSource();
        var hung = silo.Probe("x").RunAsync(async g =>
        {
            g.Journal.Write("in");
            await gate.Task;
        });
        await silo.Journal.UntilAsync("in");
        var stop = silo.StopAsync();
        await Eventually.HoldsAsync(
            () =>
            {
                silo.Clock.Advance(TimeSpan.FromSeconds(1));
                return stop.IsCompleted;
            },
            () => "the stop to end");
        await stop;
        await Assert.ThrowsAsync<SiloUnavailableException>(() => hung);
        gate.SetResult();
    }

    [Fact]
    public async Task A_silo_that_has_not_been_started_refuses()
    {
        var silo = TestSilo.Build();
        var refused = await Assert.ThrowsAsync<SiloUnavailableException>(() => silo.Probe("x").EmptyAsync().AsTask());
        Assert.Contains("has not been started", refused.Message, StringComparison.Ordinal);
    }
}

interface IAged : IGrainWithStringKey
{
    Task EmptyAsync();
}

abstract class AgedGrain(Journal journal) : Grain, IAged
{
    public Task EmptyAsync() => Task.CompletedTask;

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        journal.Write($"{GetType().Name} ended");
        return Task.CompletedTask;
    }
}

[CollectionAgeLimit(Minutes = 2)]
sealed class BriefGrain(Journal journal) : AgedGrain(journal);

[KeepAlive]
sealed class LastingGrain(Journal journal) : AgedGrain(journal);

/// <summary>What goes wrong in a <see cref="FragileGrain"/>.</summary>
sealed class Failures
{
    public Exception? OnConstruct { get; set; }

    public Exception? OnActivate { get; set; }

    public TaskCompletionSource? Hang { get; set; }

    public TaskCompletionSource Hanging { get; } = new();

    public bool EndAtOnce { get; set; }

    public int Tries { get; set; }
}

interface IFragile : IGrainWithStringKey
{
    Task EmptyAsync();
}

sealed class FragileGrain : Grain, IFragile
{
    readonly Failures failures;

    public FragileGrain(Failures failures)
    {
        this.failures = failures;
        failures.Tries++;
        if (failures.OnConstruct is { } exception)
        {
            throw exception;
        }
    }

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (failures.OnActivate is { } exception)
        {
            throw exception;
        }

        if (failures.EndAtOnce)
        {
            DeactivateOnIdle();
        }

        failures.Hanging.TrySetResult();
        await (failures.Hang?.Task ?? Task.CompletedTask);
    }

    public Task EmptyAsync() => Task.CompletedTask;
}
