using Microsoft.Extensions.Options;
using Orleans.Runtime;

namespace Rcc.LocalSilo.Tests;

public sealed class LimitTests
{
    [Fact]
    public async Task A_full_queue_answers_busy_at_once_and_takes_calls_again_when_it_has_room()
    {
        await using var silo = await TestSilo.StartAsync(options => options.MaxEnqueuedRequests = 3);
        var grain = silo.Probe("x");
        var gate = new TaskCompletionSource();
        Task[] taken = [.. Enumerable.Range(0, 3).Select(_ => grain.RunAsync(_ => gate.Task))];

        var busy = await Assert.ThrowsAsync<LimitExceededException>(() => grain.EmptyAsync().AsTask());
        Assert.Contains("MaxEnqueuedRequests", busy.Message, StringComparison.Ordinal);
        Assert.Contains("Threshold=3", busy.Message, StringComparison.Ordinal);
        Assert.Contains("probe/x", busy.Message, StringComparison.Ordinal);
        await silo.Probe("y").EmptyAsync();

        gate.SetResult();
        await Task.WhenAll(taken);
        await grain.EmptyAsync();
    }

    [Fact]
    public async Task One_activation_too_many_is_refused_until_another_has_ended()
    {
        await using var silo = await TestSilo.StartAsync(options => options.MaxActivations = 2);
        await silo.Probe("x").EmptyAsync();
        await silo.Probe("y").EmptyAsync();
        var full = await Assert.ThrowsAsync<LimitExceededException>(() => silo.Probe("z").EmptyAsync().AsTask());
        Assert.Contains("MaxActivations", full.Message, StringComparison.Ordinal);

        var deactivated = Task.CompletedTask;
        await silo.Probe("x").RunAsync(g =>
        {
            deactivated = g.GrainContext.Deactivated;
            g.End();
            return Task.CompletedTask;
        });
        await deactivated;
        await Eventually.SucceedsAsync<LimitExceededException>(() => silo.Probe("z").EmptyAsync().AsTask());
    }

    [Fact]
    public async Task A_caller_gets_a_time_out_that_names_the_call_while_the_callee_runs_on()
    {
        await using var silo = await TestSilo.StartAsync(options => options.ResponseTimeout = TimeSpan.FromSeconds(5));
        var grain = silo.Probe("x");
        var gate = new TaskCompletionSource();
        var call = grain.RunAsync(async g =>
        {
            g.Journal.Write("in");
            await gate.Task;
            g.Journal.Write("out");
        });
        await silo.Journal.UntilAsync("in");

        silo.Clock.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(call.IsCompleted);
        silo.Clock.Advance(TimeSpan.FromSeconds(1));
        var timedOut = await Assert.ThrowsAsync<TimeoutException>(() => call);
        Assert.Contains("probe/x IProbe.RunAsync", timedOut.Message, StringComparison.Ordinal);
        Assert.Contains("00:00:05", timedOut.Message, StringComparison.Ordinal);
        Assert.Equal(0, silo.Journal.Count("out"));

        gate.SetResult();
        await silo.Journal.UntilAsync("out");
        await grain.EmptyAsync();
    }

    [Fact]
    public async Task A_request_whose_caller_has_given_up_is_not_started()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Probe("x");
        var gate = new TaskCompletionSource();
        var running = grain.RunAsync(_ => gate.Task);
        var overdue = grain.HurryAsync(g =>
        {
            g.Journal.Write("overdue ran");
            return Task.CompletedTask;
        });
        silo.Clock.Advance(TimeSpan.FromSeconds(3));
        await Assert.ThrowsAsync<TimeoutException>(() => overdue);
        Assert.False(running.IsCompleted);

        gate.SetResult();
        await running;
        await grain.EmptyAsync();
        Assert.Equal(0, silo.Journal.Count("overdue ran"));
    }

    [Fact]
    public async Task A_method_may_have_a_time_out_of_its_own()
    {
        await using var silo = await TestSilo.StartAsync();
        var gate = new TaskCompletionSource();
        var patient = silo.Probe("x").RunAsync(_ => gate.Task);
        var hasty = silo.Probe("y").HurryAsync(_ => gate.Task);
        silo.Clock.Advance(TimeSpan.FromSeconds(3));
        await Assert.ThrowsAsync<TimeoutException>(() => hasty);
        Assert.False(patient.IsCompleted);
        gate.SetResult();
        await patient;
    }

    [Fact]
    public async Task A_cancelled_call_ends_at_once_and_is_told_to_the_callee()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Probe("x");
        using var cancel = new CancellationTokenSource();
        var told = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        var call = grain.CancellableAsync(
            async token =>
            {
                await using var registration = token.Register(told.SetResult);
                await gate.Task;
            },
            cancel.Token);
        var waiting = grain.CancellableAsync(
            _ =>
            {
                silo.Journal.Write("waiting ran");
                return Task.CompletedTask;
            },
            cancel.Token);
        await grain.InterleaveAsync(_ => Task.CompletedTask);

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await told.Task;
        gate.SetResult();
        await grain.EmptyAsync();
        Assert.Equal(0, silo.Journal.Count("waiting ran"));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => grain.CancellableAsync(_ => Task.CompletedTask, new(true)));
    }

    [Fact]
    public async Task Wrong_options_stop_the_start_with_all_their_errors()
    {
        var silo = TestSilo.Build(options =>
        {
            options.Assemblies.Clear();
            options.MaxEnqueuedRequests = 0;
            options.ResponseTimeout = TimeSpan.Zero;
            options.CollectionInterval = TimeSpan.FromDays(50);
        });
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(silo.StartHostAsync);
        Assert.Equal(4, refused.Failures.Count());
        Assert.Contains(refused.Failures, failure => failure.Contains("Assemblies is empty", StringComparison.Ordinal));
        Assert.Contains(refused.Failures, failure => failure.Contains("MaxEnqueuedRequests is 0", StringComparison.Ordinal));
        Assert.Contains(refused.Failures, failure => failure.Contains("CollectionInterval is 50.00:00:00", StringComparison.Ordinal));
    }
}
