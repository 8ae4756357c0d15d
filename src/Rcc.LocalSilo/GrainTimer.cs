using Orleans.Runtime;

namespace Rcc.LocalSilo;

/// <summary>A timer of an activation. The period begins when a callback has ended, so ticks never pile up.</summary>
sealed class GrainTimer : IGrainTimer
{
    readonly Lock gate = new();
    readonly Activation activation;
    readonly Func<CancellationToken, Task> callback;
    readonly GrainMethod method;
    readonly bool keepAlive;
    readonly CancellationTokenSource disposed = new();
    readonly ITimer clock;
    bool ticking;
    bool changed;
    TimeSpan due;
    TimeSpan period;

    public GrainTimer(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        this.activation = activation;
        this.callback = callback;
        keepAlive = options.KeepAlive;
        method = new("timer") { AlwaysInterleave = options.Interleave };

        // A tick must not run in the execution context of the request that made the timer.
        using (ExecutionContext.SuppressFlow())
        {
            clock = activation.Mailbox.Silo.Time.CreateTimer(
                static timer => ((GrainTimer)timer!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        ThrowIfOutOfRange(dueTime, nameof(dueTime));
        ThrowIfOutOfRange(period, nameof(period));
        lock (gate)
        {
            if (disposed.IsCancellationRequested)
            {
                return;
            }

            due = dueTime;
            this.period = period;
            changed = true;
            if (!ticking)
            {
                clock.Change(dueTime, Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            if (disposed.IsCancellationRequested)
            {
                return;
            }

            clock.Dispose();
        }

        disposed.Cancel();
        activation.Forget(this);
    }

    static void ThrowIfOutOfRange(TimeSpan time, string name)
    {
        if ((time < TimeSpan.Zero && time != Timeout.InfiniteTimeSpan) || time.TotalMilliseconds > uint.MaxValue - 1)
        {
            throw new ArgumentOutOfRangeException(name, time, "A timer takes times between zero and 49 days, or an infinite one.");
        }
    }

    void Tick()
    {
        lock (gate)
        {
            ticking = true;
            changed = false;
        }

        activation.Mailbox.EnqueueTick(new TurnCall(RunAsync) { Method = method, KeepsAlive = keepAlive }, activation);
    }

    async Task RunAsync()
    {
        try
        {
            if (!disposed.IsCancellationRequested)
            {
                await callback(disposed.Token);
            }
        }
        catch (Exception exception)
        {
            activation.Mailbox.Silo.Log.TimerFailed(exception, activation.Mailbox.ToString());
        }

        lock (gate)
        {
            ticking = false;
            if (!disposed.IsCancellationRequested)
            {
                clock.Change(changed ? due : period, Timeout.InfiniteTimeSpan);
            }
        }
    }
}
