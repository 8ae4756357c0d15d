using Orleans;

namespace Rcc.LocalSilo.Tests;

public sealed class CycleTests
{
    [Fact]
    public async Task A_call_that_comes_back_to_a_waiting_grain_fails_at_once_and_prints_the_chain()
    {
        await using var silo = await TestSilo.StartAsync();
        var cycle = await Assert.ThrowsAsync<CallCycleException>(() => silo.Probe("a").RunAsync(async a =>
        {
            await Task.Yield();
            await a.Grains.GetGrain<IProbe>("b").RunAsync(async b =>
            {
                await Task.Yield();
                await b.Grains.GetGrain<IProbe>("a").EmptyAsync();
            });
        }));
        Assert.Contains("probe/a IProbe.RunAsync -> probe/b IProbe.RunAsync -> probe/a IProbe.EmptyAsync", cycle.Message, StringComparison.Ordinal);
        await silo.Probe("a").EmptyAsync();
        await silo.Probe("b").EmptyAsync();
    }

    [Fact]
    public async Task A_call_to_oneself_through_the_reference_is_a_cycle()
    {
        await using var silo = await TestSilo.StartAsync();
        var cycle = await Assert.ThrowsAsync<CallCycleException>(() => silo.Probe("a").RunAsync(a => a.AsReference<IProbe>().EmptyAsync().AsTask()));
        Assert.Contains("probe/a IProbe.RunAsync -> probe/a IProbe.EmptyAsync", cycle.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Work_moved_off_the_activation_still_belongs_to_the_chain()
    {
        await using var silo = await TestSilo.StartAsync();
        await Assert.ThrowsAsync<CallCycleException>(() =>
            silo.Probe("a").RunAsync(a => Task.Run(() => a.Grains.GetGrain<IProbe>("a").EmptyAsync().AsTask())));
    }

    [Fact]
    public async Task A_grain_that_calls_back_its_caller_while_it_is_activated_is_a_cycle()
    {
        await using var silo = await TestSilo.StartAsync();
        var cycle = await Assert.ThrowsAsync<CallCycleException>(() => silo.Grains.GetGrain<ISelfish>("s").EmptyAsync());
        Assert.Contains("OnActivateAsync", cycle.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Methods_that_may_enter_are_no_cycles()
    {
        await using var silo = await TestSilo.StartAsync();
        await silo.Probe("a").RunAsync(a => a.Grains.GetGrain<IProbe>("b").RunAsync(b => b.Grains.GetGrain<IProbe>("a").InterleaveAsync(_ => Task.CompletedTask)));
        await silo.Probe("a").InterleaveAsync(a => a.Grains.GetGrain<IProbe>("b").RunAsync(b => b.Grains.GetGrain<IProbe>("a").RunAsync(_ => Task.CompletedTask)));
        await silo.Probe("a").ReadAsync(a => a.Grains.GetGrain<IProbe>("b").RunAsync(b => b.Grains.GetGrain<IProbe>("a").ReadAsync(_ => Task.CompletedTask)));
        await Assert.ThrowsAsync<CallCycleException>(() =>
            silo.Probe("a").ReadAsync(a => a.Grains.GetGrain<IProbe>("b").RunAsync(b => b.Grains.GetGrain<IProbe>("a").RunAsync(_ => Task.CompletedTask))));
    }

    [Fact]
    public async Task A_nested_read_does_not_wait_behind_a_writer_that_waits_for_its_own_caller()
    {
        await using var silo = await TestSilo.StartAsync();
        var reading = new TaskCompletionSource();
        var writerWaits = new TaskCompletionSource();
        var write = Task.CompletedTask;
        var read = silo.Probe("a").ReadAsync(async a =>
        {
            reading.SetResult();
            await writerWaits.Task;
            await a.Grains.GetGrain<IProbe>("b").RunAsync(b => b.Grains.GetGrain<IProbe>("a").ReadAsync(_ => Task.CompletedTask));
            Assert.False(write.IsCompleted);
        });
        await reading.Task;
        write = silo.Probe("a").RunAsync(_ => Task.CompletedTask);
        writerWaits.SetResult();
        await read;
        await write;
    }

    [Fact]
    public async Task A_request_that_has_been_answered_is_no_part_of_a_cycle()
    {
        await using var silo = await TestSilo.StartAsync();
        var answered = new TaskCompletionSource();
        var background = Task.CompletedTask;
        await silo.Probe("a").RunAsync(a =>
        {
            background = CallBackLater(a);
            return Task.CompletedTask;
        });
        answered.SetResult();
        await background;

        async Task CallBackLater(ProbeGrain a)
        {
            await answered.Task;
            await a.Grains.GetGrain<IProbe>("b").RunAsync(b => b.Grains.GetGrain<IProbe>("a").EmptyAsync().AsTask());
        }
    }

    [Fact]
    public async Task A_one_way_call_starts_a_chain_of_its_own()
    {
        await using var silo = await TestSilo.StartAsync();
        await silo.Probe("a").RunAsync(async a =>
        {
            await a.Grains.GetGrain<IProbe>("b").TellAsync(async b =>
            {
                await b.Grains.GetGrain<IProbe>("a").EmptyAsync();
                b.Journal.Write("called back");
            });
        });
        await silo.Journal.UntilAsync("called back");
    }
}

interface ISelfish : IGrainWithStringKey
{
    Task EmptyAsync();
}

sealed class SelfishGrain : Grain, ISelfish
{
    public override Task OnActivateAsync(CancellationToken cancellationToken) =>
        GrainFactory.GetGrain<IProbe>("p").RunAsync(p => p.Grains.GetGrain<ISelfish>(this.GetPrimaryKeyString()).EmptyAsync());

    public Task EmptyAsync() => Task.CompletedTask;
}
