namespace Rcc.LocalSilo.Tests;

/// <summary>Time that moves only when a test says so. Timers fire on the thread that advances it, in the order they are due.</summary>
sealed class ManualClock(DateTimeOffset start) : TimeProvider
{
    readonly Lock gate = new();
    readonly List<ManualTimer> timers = [];
    TimeSpan now;
    TimeSpan set;

    public ManualClock()
        : this(DateTimeOffset.UnixEpoch)
    {
    }

    /// <summary>How much too early timers go off.</summary>
    public TimeSpan Early { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        lock (gate)
        {
            return now.Ticks;
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
        {
            return start + now + set;
        }
    }

    /// <summary>Somebody sets the clock; no time passes.</summary>
    public void Set(TimeSpan by)
    {
        lock (gate)
        {
            set += by;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan time)
    {
        TimeSpan end;
        lock (gate)
        {
            end = now + time;
        }

        while (true)
        {
            ManualTimer? next;
            lock (gate)
            {
                next = timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
                now = next?.Due ?? end;
                next?.MoveOn();
            }

            if (next is null)
            {
                return;
            }

            next.Fire();
        }
    }

    sealed class ManualTimer(ManualClock clock, Action fire) : ITimer
    {
        TimeSpan period;

        public TimeSpan Due { get; private set; }

        public Action Fire => fire;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock.gate)
            {
                clock.timers.Remove(this);
                this.period = period;
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    Due = clock.now + (dueTime > clock.Early ? dueTime - clock.Early : dueTime);
                    clock.timers.Add(this);
                }
            }

            return true;
        }

        public void MoveOn()
        {
            if (period == Timeout.InfiniteTimeSpan || period == TimeSpan.Zero)
            {
                clock.timers.Remove(this);
            }
            else
            {
                Due += period;
            }
        }

        public void Dispose()
        {
            lock (clock.gate)
            {
                clock.timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
