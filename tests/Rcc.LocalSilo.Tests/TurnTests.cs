namespace Rcc.LocalSilo.Tests;

public sealed class TurnTests
{
    [Fact]
    public async Task A_second_request_waits_for_the_first_even_while_that_awaits()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Probe("x");
        var gate = new TaskCompletionSource();
        var first = grain.RunAsync(async g =>
        {
            g.Journal.Write("first in");
            await gate.Task;
            g.Journal.Write("first out");
        });
        var second = grain.RunAsync(g =>
        {
            g.Journal.Write("second");
            return Task.CompletedTask;
        });

        // Came later than the second and has ended: had the second been allowed to start, it would have.
        await grain.InterleaveAsync(_ => Task.CompletedTask);
        Assert.Equal(["x activated", "first in"], silo.Journal.Lines);
        gate.SetResult();
        await Task.WhenAll(first, second);
        Assert.Equal(["x activated", "first in", "first out", "second"], silo.Journal.Lines);
    }

    [Fact]
    public async Task Each_caller_meets_its_own_order_among_many_and_requests_never_overlap()
    {
        await using var silo = await TestSilo.StartAsync(options => options.MaxEnqueuedRequests = 100_000);
        const int callers = 32, calls = 500;
        var seen = new List<int>[callers];
        var inside = 0;
        var overlaps = 0;
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            seen[caller] = [];
            var grain = silo.Probe("x");
            var pending = new List<Task>();
            for (var call = 0; call < calls; call++)
            {
                var number = call;
                pending.Add(grain.RunAsync(async _ =>
                {
                    overlaps += inside++;
                    seen[caller].Add(number);
                    if (number % 7 == 0)
                    {
                        await Task.Yield();
                    }

                    overlaps += --inside;
                }));
            }

            await Task.WhenAll(pending);
        })));

        Assert.Equal(0, overlaps);
        Assert.All(seen, numbers => Assert.Equal(Enumerable.Range(0, calls), numbers));
    }

    [Fact]
    public async Task Interleaved_methods_enter_while_another_awaits_but_never_run_in_parallel()
    {
        await using var silo = await TestSilo.StartAsync(options => options.MaxEnqueuedRequests = 100_000);
        var grain = silo.Probe("x");
        var gate = new TaskCompletionSource();
        var underWay = 0;
        var onThread = 0;
        var parallel = 0;
        var counter = 0;
        var calls = Enumerable.Range(0, 2_000).Select(number => grain.InterleaveAsync(async _ =>
        {
            underWay++;
            await gate.Task;
            for (var step = 0; step < 5; step++)
            {
                // Counted without interlocked operations: a second thread would be caught or would lose counts.
                parallel += onThread++;
                counter++;
                Thread.SpinWait(10);
                onThread--;
                await Task.Run(static () => Thread.SpinWait(20));
            }
        })).ToArray();
        await Eventually.HoldsAsync(() => Volatile.Read(ref underWay) == 2_000, () => "all of them to be under way together");
        gate.SetResult();
        await Task.WhenAll(calls);

        Assert.Equal(0, parallel);
        Assert.Equal(10_000, counter);
    }

    [Fact]
    public async Task Code_after_an_await_is_back_on_the_scheduler_of_its_activation()
    {
        await using var silo = await TestSilo.StartAsync();
        TaskScheduler? before = null, after = null, inTaskRun = null, afterFalse = null, other = null;
        await silo.Probe("x").RunAsync(async g =>
        {
            before = TaskScheduler.Current;
            await Task.Run(() => inTaskRun = TaskScheduler.Current);
            await Task.Delay(1);
            await g.Grains.GetGrain<IProbe>("y").RunAsync(_ =>
            {
                other = TaskScheduler.Current;
                return Task.CompletedTask;
            });
            after = TaskScheduler.Current;
            await Task.Delay(1).ConfigureAwait(false);
            afterFalse = TaskScheduler.Current;
        });

        Assert.NotEqual(TaskScheduler.Default, before);
        Assert.Same(before, after);
        Assert.NotSame(before, other);
        Assert.Same(TaskScheduler.Default, inTaskRun);
        Assert.Same(TaskScheduler.Default, afterFalse);
    }

    [Fact]
    public async Task Read_only_requests_share_the_activation_and_a_writer_waits_for_them()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Probe("x");
        var gate = new TaskCompletionSource();
        var read = new[] { "one", "two" }.Select(name => grain.ReadAsync(async g =>
        {
            g.Journal.Write($"{name} in");
            await gate.Task;
            g.Journal.Write($"{name} out");
        })).ToArray();
        var write = grain.RunAsync(g =>
        {
            g.Journal.Write("write");
            return Task.CompletedTask;
        });
        var late = grain.ReadAsync(g =>
        {
            g.Journal.Write("late");
            return Task.CompletedTask;
        });

        await silo.Journal.UntilAsync("two in");
        await grain.InterleaveAsync(_ => Task.CompletedTask);
        Assert.Equal(["x activated", "one in", "two in"], silo.Journal.Lines);
        gate.SetResult();
        await Task.WhenAll([.. read, write, late]);
        Assert.Equal(["write", "late"], silo.Journal.Lines[^2..]);
    }

    [Fact]
    public async Task An_interleaving_request_overtakes_only_what_cannot_start()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Probe("x");
        await grain.EmptyAsync();
        var gate = new TaskCompletionSource();
        var order = new List<string>();
        var blocked = grain.RunAsync(async _ =>
        {
            order.Add("blocking");
            await gate.Task;
        });
        var waiting = grain.RunAsync(_ =>
        {
            order.Add("waiting");
            return Task.CompletedTask;
        });
        await grain.InterleaveAsync(_ =>
        {
            order.Add("interleaving");
            return Task.CompletedTask;
        });
        gate.SetResult();
        await Task.WhenAll(blocked, waiting);

        Assert.Equal(["blocking", "interleaving", "waiting"], order);
    }

    [Fact]
    public async Task Grains_of_different_keys_do_not_wait_for_each_other()
    {
        await using var silo = await TestSilo.StartAsync();
        var gate = new TaskCompletionSource();
        var held = silo.Probe("x").RunAsync(_ => gate.Task);
        await silo.Probe("y").EmptyAsync();
        Assert.False(held.IsCompleted);
        gate.SetResult();
        await held;
    }
}
