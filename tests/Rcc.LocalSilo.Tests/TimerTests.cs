using Orleans;
using Orleans.Runtime;

namespace Rcc.LocalSilo.Tests;

public sealed class TimerTests
{
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task The_period_counts_from_the_end_of_the_callback()
    {
        await using var silo = await TestSilo.StartAsync();
        var gate = new TaskCompletionSource();
        await silo.Probe("x").RunAsync(g =>
        {
            g.RegisterGrainTimer(
                async () =>
                {
                    g.Journal.Write("tick");
                    await gate.Task;
                    g.Journal.Write("tock");
                },
                Second,
                10 * Second);
            return Task.CompletedTask;
        });

        silo.Clock.Advance(0.9 * Second);
        await SettleAsync(silo);
        Assert.Equal(0, silo.Journal.Count("tick"));
        silo.Clock.Advance(0.1 * Second);
        await silo.Journal.UntilAsync("tick");
        silo.Clock.Advance(60 * Second);
        gate.SetResult();
        await silo.Journal.UntilAsync("tock");
        await SettleAsync(silo);
        Assert.Equal(1, silo.Journal.Count("tick"));
        silo.Clock.Advance(9.9 * Second);
        await SettleAsync(silo);
        Assert.Equal(1, silo.Journal.Count("tick"));
        silo.Clock.Advance(0.1 * Second);
        await silo.Journal.UntilAsync("tick", 2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_tick_takes_its_turn_unless_it_may_interleave(bool interleave)
    {
        await using var silo = await TestSilo.StartAsync();
        var gate = new TaskCompletionSource();
        await silo.Probe("x").RunAsync(g =>
        {
            g.RegisterGrainTimer(
                () =>
                {
                    g.Journal.Write("tick");
                    return Task.CompletedTask;
                },
                new() { DueTime = Second, Period = Timeout.InfiniteTimeSpan, Interleave = interleave });
            return Task.CompletedTask;
        });
        var held = silo.Probe("x").RunAsync(async g =>
        {
            g.Journal.Write("in");
            await gate.Task;
        });
        await silo.Journal.UntilAsync("in");
        silo.Clock.Advance(2 * Second);
        await silo.Probe("x").InterleaveAsync(_ => Task.CompletedTask);
        Assert.Equal(interleave ? 1 : 0, silo.Journal.Count("tick"));
        gate.SetResult();
        await held;
        await silo.Journal.UntilAsync("tick");
    }

    [Fact]
    public async Task A_callback_runs_on_the_scheduler_of_its_activation_and_its_failure_does_not_stop_the_timer()
    {
        await using var silo = await TestSilo.StartAsync();
        TaskScheduler? own = null, timers = null;
        await silo.Probe("x").RunAsync(g =>
        {
            own = TaskScheduler.Current;
            g.RegisterGrainTimer(
                () =>
                {
                    timers = TaskScheduler.Current;
                    g.Journal.Write("tick");
                    throw new InvalidDataException("a bad tick");
                },
                Second,
                Second);
            return Task.CompletedTask;
        });
        for (var tick = 1; tick <= 3; tick++)
        {
            silo.Clock.Advance(Second);
            await silo.Journal.UntilAsync("tick", tick);
            await SettleAsync(silo);
        }

        Assert.Same(own, timers);
    }

    [Fact]
    public async Task A_changed_timer_keeps_its_new_times_and_a_disposed_one_ticks_no_more()
    {
        await using var silo = await TestSilo.StartAsync();
        IGrainTimer? timer = null;
        await silo.Probe("x").RunAsync(g =>
        {
            timer = g.RegisterGrainTimer(
                (text, _) =>
                {
                    g.Journal.Write(text);
                    return Task.CompletedTask;
                },
                "tick",
                Second,
                Timeout.InfiniteTimeSpan);
            timer.Change(5 * Second, 3 * Second);
            return Task.CompletedTask;
        });
        silo.Clock.Advance(4 * Second);
        await SettleAsync(silo);
        Assert.Equal(0, silo.Journal.Count("tick"));
        silo.Clock.Advance(Second);
        await silo.Journal.UntilAsync("tick");
        await SettleAsync(silo);
        silo.Clock.Advance(3 * Second);
        await silo.Journal.UntilAsync("tick", 2);
        timer!.Dispose();
        silo.Clock.Advance(60 * Second);
        await SettleAsync(silo);
        Assert.Equal(2, silo.Journal.Count("tick"));
        Assert.Throws<ArgumentOutOfRangeException>(() => timer.Change(-Second, Second));
    }

    [Fact]
    public async Task A_change_made_within_a_tick_holds_when_the_tick_has_ended()
    {
        await using var silo = await TestSilo.StartAsync();
        await silo.Probe("x").RunAsync(g =>
        {
            IGrainTimer? timer = null;
            timer = g.RegisterGrainTimer(
                () =>
                {
                    g.Journal.Write("tick");
                    timer!.Change(5 * Second, 100 * Second);
                    return Task.CompletedTask;
                },
                Second,
                100 * Second);
            return Task.CompletedTask;
        });
        silo.Clock.Advance(Second);
        await silo.Journal.UntilAsync("tick");
        await SettleAsync(silo);
        silo.Clock.Advance(4 * Second);
        await SettleAsync(silo);
        Assert.Equal(1, silo.Journal.Count("tick"));
        silo.Clock.Advance(Second);
        await silo.Journal.UntilAsync("tick", 2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_timer_keeps_its_activation_only_when_told_so_and_stops_with_it(bool keepAlive)
    {
        await using var silo = await TestSilo.StartAsync();
        var stopped = CancellationToken.None;
        await silo.Probe("x").RunAsync(g =>
        {
            g.RegisterGrainTimer(
                token =>
                {
                    stopped = token;
                    g.Journal.Write("tick");
                    return Task.CompletedTask;
                },
                new() { DueTime = 60 * Second, Period = 60 * Second, KeepAlive = keepAlive });
            return Task.CompletedTask;
        });
        await Eventually.HoldsAsync(
            () =>
            {
                silo.Clock.Advance(30 * Second);
                return silo.Journal.Count("tick") >= 40 || silo.Journal.Count("x ended") == 1;
            },
            () => "many ticks or the end");
        Assert.True(silo.Journal.Count("tick") > 0);
        Assert.Equal(keepAlive ? 0 : 1, silo.Journal.Count("x ended"));
        Assert.Equal(!keepAlive, stopped.IsCancellationRequested);
    }

    /// <summary>Lets what a timer has enqueued at x run.</summary>
    static Task SettleAsync(TestSilo silo) => silo.Probe("x").InterleaveAsync(_ => Task.CompletedTask);
}
