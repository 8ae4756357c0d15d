using Orleans;

namespace Rcc.LocalSilo;

enum EnqueueOutcome
{
    Taken,
    Full,

    /// <summary>The mailbox is out of use; the address has, or gets, another one.</summary>
    Dead,
}

/// <summary>
/// The queue of one grain and the single thread of control that works it off: requests, timers and whatever grain code
/// continues after an await. It outlives the activations it starts and ends, so requests that meet a deactivation simply wait for the next one.
/// </summary>
/// <remarks>It is a <see cref="TaskScheduler"/>, so that continuations of grain code come back to it.</remarks>
sealed partial class Mailbox(GrainAddress address) : TaskScheduler, IThreadPoolWorkItem, ICallRunner
{
    /// <summary>Items worked off before other mailboxes get the thread.</summary>
    const int ItemsPerTurn = 64;

    readonly Lock gate = new();
    readonly Queue<Task> continuations = new();
    readonly CallQueue calls = new();

    Phase phase;
    bool scheduled;
    object? turn;
    Activation? activation;
    DeactivationReason? ending;
    DeactivationReason? stopping;
    TaskCompletionSource? stopped;
    TimeSpan lastUsed = address.Silo.Now;

    enum Phase
    {
        Vacant,
        Activating,
        Active,
        Deactivating,
        Dead,
    }

    public GrainAddress Address => address;

    public GrainClass Class => address.Class;

    public string Key => address.Key;

    public Silo Silo => address.Silo;

    public override int MaximumConcurrencyLevel => 1;

    public EnqueueOutcome TryEnqueue(GrainCall call)
    {
        bool start;
        lock (gate)
        {
            if (phase == Phase.Dead)
            {
                return EnqueueOutcome.Dead;
            }

            if (calls.Outstanding >= Silo.Options.MaxEnqueuedRequests)
            {
                return EnqueueOutcome.Full;
            }

            call.Runner = this;
            calls.Add(call);
            start = Schedule();
        }

        StartTurn(start);
        return EnqueueOutcome.Taken;
    }

    /// <summary>Enqueues a tick of a timer. A tick of an activation that has ended, or is about to, is dropped.</summary>
    public void EnqueueTick(GrainCall tick, Activation owner)
    {
        bool start;
        lock (gate)
        {
            if (!ReferenceEquals(activation, owner) || ending is not null || phase is not (Phase.Activating or Phase.Active))
            {
                return;
            }

            tick.Target = address;
            tick.Runner = this;
            calls.AddTick(tick);
            start = Schedule();
        }

        StartTurn(start);
    }

    public void Finished(GrainCall call)
    {
        bool start;
        lock (gate)
        {
            if (ReferenceEquals(call.Method, GrainMethod.Activating) || ReferenceEquals(call.Method, GrainMethod.Deactivating))
            {
                return;
            }

            calls.End(call);
            if (call.KeepsAlive)
            {
                lastUsed = Silo.Now;
            }

            start = Schedule();
        }

        StartTurn(start);
    }

    public void Execute()
    {
        // Grain code must run inside a task of this scheduler for its continuations to come back here.
        var task = new Task(static mailbox => ((Mailbox)mailbox!).WorkOff(), this);
        turn = task;
        task.Start(this);
        TryExecuteTask(task);
    }

    /// <summary>Answers calls whose time is over. Those still waiting will not run; a running one runs on.</summary>
    public void TimeOut(TimeSpan now)
    {
        if (calls.Outstanding == 0)
        {
            return;
        }

        List<GrainCall>? overdue;
        lock (gate)
        {
            overdue = calls.Overdue(now);
        }

        foreach (var call in overdue ?? [])
        {
            call.TryFail(Silo.TimedOut(call, now));
        }
    }

    public override string ToString() => address.ToString();

    protected override void QueueTask(Task task)
    {
        bool start;
        lock (gate)
        {
            if (ReferenceEquals(task, turn))
            {
                return;
            }

            continuations.Enqueue(task);
            start = Schedule();
        }

        StartTurn(start);
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && ReferenceEquals(Current, this) && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (gate)
        {
            return [.. continuations];
        }
    }

    bool Schedule()
    {
        var start = !scheduled;
        scheduled = true;
        return start;
    }

    void StartTurn(bool start)
    {
        if (start)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
        }
    }

    void WorkOff()
    {
        var clean = ExecutionContext.Capture()!;
        for (var done = 0; done < ItemsPerTurn; done++)
        {
            Task? continuation;
            GrainCall? call = null;
            lock (gate)
            {
                if (!continuations.TryDequeue(out continuation) && (call = NextCall()) is null)
                {
                    scheduled = false;
                    return;
                }
            }

            if (continuation is not null)
            {
                TryExecuteTask(continuation);
            }
            else
            {
                call!.RunInChain(activation?.GrainInstance!);
                ExecutionContext.Restore(clean);
            }
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    GrainCall? NextCall()
    {
        switch (phase)
        {
            case Phase.Vacant when calls.FirstWaiting() is { } first:
                phase = Phase.Activating;
                return new TurnCall(ActivateAsync) { Target = address, Runner = this, Method = GrainMethod.Activating, Caller = first };
            case Phase.Vacant:
                Die();
                return null;
            case Phase.Active:
                if (calls.NextNested() is { } nested)
                {
                    return nested;
                }

                if (ending is null && stopping is not null && !calls.AnyRunning && calls.FirstWaiting() is null)
                {
                    ending = stopping;
                }

                if (ending is null)
                {
                    return calls.Next();
                }

                if (calls.AnyRunning)
                {
                    return null;
                }

                phase = Phase.Deactivating;
                return new TurnCall(DeactivateAsync) { Target = address, Runner = this, Method = GrainMethod.Deactivating };
            default:
                return null;
        }
    }
}
