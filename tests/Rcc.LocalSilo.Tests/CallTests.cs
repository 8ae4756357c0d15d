using System.Diagnostics;
using Orleans;
using Orleans.Concurrency;

namespace Rcc.LocalSilo.Tests;

public sealed class CallTests
{
    [Fact]
    public async Task Arguments_and_results_of_any_shape_arrive()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Probe("x");
        Assert.Equal(new T4(7, 3, 1, 40), await grain.ValuesAsync(7, new(10, 20, 30, 40), "abc", Guid.NewGuid()));
        Assert.Equal(new T4(-1, -1, 0, 4), await grain.ValuesAsync(-1, new(1, 2, 3, 4), null, Guid.Empty));
        Assert.Equal("x", await grain.KeyAsync());
        Assert.Equal("x", grain.GetPrimaryKeyString());
        await grain.EmptyAsync();
    }

    [Fact]
    public async Task An_exception_reaches_the_caller_with_its_type_and_the_place_it_was_thrown()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Probe("x");
        var thrown = await Assert.ThrowsAsync<InvalidDataException>(() => grain.RunAsync(_ => ThrowHere()));
        Assert.Contains(nameof(ThrowHere), thrown.StackTrace, StringComparison.Ordinal);
        var late = await Assert.ThrowsAsync<InvalidDataException>(() => grain.RunAsync(async _ =>
        {
            await Task.Yield();
            await ThrowHere();
        }));
        Assert.Contains(nameof(ThrowHere), late.StackTrace, StringComparison.Ordinal);
        await grain.EmptyAsync();

        static Task ThrowHere() => throw new InvalidDataException("as thrown");
    }

    [Fact]
    public async Task A_one_way_call_returns_before_it_has_run_and_its_failure_is_not_the_callers()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Probe("x");
        var gate = new TaskCompletionSource();
        var told = grain.TellAsync(async g =>
        {
            await gate.Task;
            g.Journal.Write("told");
            throw new InvalidOperationException("nobody's");
        });
        Assert.True(told.IsCompletedSuccessfully);
        gate.SetResult();
        await grain.EmptyAsync();
        Assert.Equal(1, silo.Journal.Count("told"));
    }

    [Fact]
    public async Task The_callers_activity_flows_into_the_call_and_its_other_ambient_values_do_not()
    {
        await using var silo = await TestSilo.StartAsync();
        using var activity = new Activity("caller").Start();
        var ambient = new AsyncLocal<string> { Value = "callers" };
        string? seenActivity = null, seenAmbient = "unset", afterwards = "unset";
        var gate = new TaskCompletionSource();
        var held = silo.Probe("y").RunAsync(_ => gate.Task);
        var traced = silo.Probe("y").RunAsync(_ => Task.CompletedTask);
        Activity.Current = null;
        var untraced = silo.Probe("y").RunAsync(_ =>
        {
            afterwards = Activity.Current?.Id;
            return Task.CompletedTask;
        });
        gate.SetResult();
        await Task.WhenAll(held, traced, untraced);
        Assert.Null(afterwards);

        Activity.Current = activity;
        await silo.Probe("x").RunAsync(async g =>
        {
            await Task.Yield();
            seenAmbient = ambient.Value;
            await g.Grains.GetGrain<IProbe>("y").RunAsync(_ =>
            {
                seenActivity = Activity.Current?.Id;
                return Task.CompletedTask;
            });
        });

        Assert.Equal(activity.Id, seenActivity);
        Assert.Null(seenAmbient);
    }

    [Fact]
    public async Task References_to_one_grain_are_equal()
    {
        await using var silo = await TestSilo.StartAsync();
        var one = silo.Probe("x");
        Assert.Equal(one, silo.Probe("x"));
        Assert.Equal(one.GetHashCode(), silo.Probe("x").GetHashCode());
        Assert.NotEqual(one, silo.Probe("y"));
        IProbe? own = null;
        await one.RunAsync(g =>
        {
            own = g.AsReference<IProbe>();
            return Task.CompletedTask;
        });
        Assert.Equal(one, own);
        Assert.Throws<InvalidCastException>(() => one.AsReference<ITwin>());
    }

    [Fact]
    public async Task A_grain_itself_cannot_be_an_argument_only_a_reference_to_it()
    {
        await using var silo = await TestSilo.StartAsync();
        await silo.Probe("x").RunAsync(async g =>
        {
            await g.Grains.GetGrain<IProbe>("y").AcceptAsync(g.AsReference<IProbe>());
            await Assert.ThrowsAsync<NotSupportedException>(() => g.Grains.GetGrain<IProbe>("y").AcceptAsync(g));
        });
    }

    [Fact]
    public async Task Several_classes_behind_one_interface_are_told_apart_by_prefix_only()
    {
        await using var silo = await TestSilo.StartAsync();
        var ambiguous = Assert.Throws<ArgumentException>(() => silo.Grains.GetGrain<ITwin>("x"));
        Assert.Contains(nameof(ElderTwinGrain), ambiguous.Message, StringComparison.Ordinal);
        Assert.Equal("elder", await silo.Grains.GetGrain<ITwin>("x", "Rcc.LocalSilo.Tests.Elder").NameAsync());
        Assert.Equal("younger", await silo.Grains.GetGrain<ITwin>("x", "Rcc.LocalSilo.Tests.Younger").NameAsync());
        Assert.Throws<ArgumentException>(() => silo.Grains.GetGrain<IOrphan>("x"));
        Assert.Throws<ArgumentException>(() => silo.Probe(" "));
    }

    [Fact]
    public async Task An_interface_that_could_not_be_called_is_refused_with_its_method_and_reason()
    {
        await using var silo = await TestSilo.StartAsync();
        foreach (var make in new Action[]
        {
            () => silo.Grains.GetGrain<IReturnsNothing>("x"),
            () => silo.Grains.GetGrain<IIsGeneric>("x"),
            () => silo.Grains.GetGrain<IHasOut>("x"),
            () => silo.Grains.GetGrain<IAnswersOneWay>("x"),
            () => silo.Grains.GetGrain<ITakesTokenFirst>("x"),
        })
        {
            var refused = Assert.Throws<NotSupportedException>(make);
            Assert.Contains(".BadAsync cannot be called on a grain", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Two_silos_in_one_process_share_nothing()
    {
        await using var one = await TestSilo.StartAsync();
        await using var two = await TestSilo.StartAsync();
        await one.Probe("x").EmptyAsync();
        await two.Probe("x").EmptyAsync();
        Assert.Equal(["x activated"], one.Journal.Lines);
        Assert.Equal(["x activated"], two.Journal.Lines);
        Assert.NotEqual(one.Probe("x"), two.Probe("x"));
        await one.StopAsync();
        await two.Probe("x").EmptyAsync();
    }
}

interface ITwin : IGrainWithStringKey
{
    Task<string> NameAsync();
}

sealed class ElderTwinGrain : Grain, ITwin
{
    public Task<string> NameAsync() => Task.FromResult("elder");
}

sealed class YoungerTwinGrain : Grain, ITwin
{
    public Task<string> NameAsync() => Task.FromResult("younger");
}

interface IOrphan : IGrainWithStringKey
{
    Task NoneAsync();
}

interface IReturnsNothing : IGrainWithStringKey
{
    void BadAsync();
}

interface IIsGeneric : IGrainWithStringKey
{
    Task BadAsync<T>(T value);
}

interface IHasOut : IGrainWithStringKey
{
    Task BadAsync(out int value);
}

interface IAnswersOneWay : IGrainWithStringKey
{
    [OneWay]
    Task<int> BadAsync();
}

interface ITakesTokenFirst : IGrainWithStringKey
{
    Task BadAsync(CancellationToken first, CancellationToken second);
}

abstract class Uncallable : Grain, IReturnsNothing, IIsGeneric, IHasOut, IAnswersOneWay, ITakesTokenFirst
{
    public void BadAsync()
    {
    }

    public Task BadAsync<T>(T value) => Task.CompletedTask;

    public Task BadAsync(out int value)
    {
        value = 0;
        return Task.CompletedTask;
    }

    Task<int> IAnswersOneWay.BadAsync() => Task.FromResult(0);

    public Task BadAsync(CancellationToken first, CancellationToken second) => Task.CompletedTask;
}

sealed class UncallableGrain : Uncallable;
