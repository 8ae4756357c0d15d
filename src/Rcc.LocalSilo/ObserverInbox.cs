using Orleans;
using Orleans.Runtime;

namespace Rcc.LocalSilo;

/// <summary>
/// The queue of one observer object, which is held weakly. Calls run on the thread pool one at a time, in order; those that always interleave at once.
/// They are no links of call chains: an observer is outside the grains, and calling one from a grain blocks nobody's turn but its own.
/// </summary>
sealed class ObserverInbox(Silo silo, IGrainObserver observer, long number) : CallTarget(silo), ICallRunner, IThreadPoolWorkItem
{
    readonly Lock gate = new();
    readonly CallQueue calls = new();
    readonly WeakReference<IGrainObserver> observer = new(observer);
    bool scheduled;
    bool deleted;

    /// <summary>Whether nobody can be called here any more.</summary>
    public bool IsGone => deleted || !observer.TryGetTarget(out _);

    public override void Send(GrainCall call)
    {
        if (!Silo.Accepts(call))
        {
            call.TryFail(Silo.Unavailable(this));
            return;
        }

        if (IsGone)
        {
            call.TryFail(Gone());
            return;
        }

        call.Caller = null;
        call.Runner = this;
        bool start;
        lock (gate)
        {
            if (calls.Outstanding >= Silo.Options.MaxEnqueuedRequests)
            {
                start = false;
            }
            else
            {
                calls.Add(call);
                start = !scheduled;
                scheduled = true;
            }
        }

        if (start)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
        }
        else if (!call.Listed)
        {
            var limit = Silo.Options.MaxEnqueuedRequests;
            call.TryFail(new LimitExceededException(nameof(LocalSiloOptions.MaxEnqueuedRequests), limit, limit, this));
        }
    }

    public void Finished(GrainCall call)
    {
        bool start;
        lock (gate)
        {
            calls.End(call);
            start = !scheduled;
            scheduled = true;
        }

        if (start)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
        }
    }

    public void Execute()
    {
        var clean = ExecutionContext.Capture()!;
        while (true)
        {
            GrainCall? call;
            lock (gate)
            {
                call = calls.Next();
                if (call is null)
                {
                    scheduled = false;
                    return;
                }
            }

            if (!deleted && observer.TryGetTarget(out var target))
            {
                call.RunOutsideChains(target);
                ExecutionContext.Restore(clean);
            }
            else
            {
                call.TryFail(Gone());
                Finished(call);
            }
        }
    }

    public bool Delete()
    {
        lock (gate)
        {
            var first = !deleted;
            deleted = true;
            return first;
        }
    }

    public void TimeOut(TimeSpan now)
    {
        List<GrainCall>? overdue;
        lock (gate)
        {
            overdue = calls.Overdue(now);
        }

        overdue?.ForEach(call => call.TryFail(Silo.TimedOut(call, now)));
    }

    public void Abandon(Exception exception)
    {
        List<GrainCall> all;
        lock (gate)
        {
            all = calls.All();
        }

        all.ForEach(call => call.TryFail(exception));
    }

    public override string ToString() => $"observer/{number}";

    ClientNotAvailableException Gone() =>
        new($"{this} is gone: its reference was deleted, or nobody held the object any more.");
}
