namespace Rcc.LocalSilo;

/// <summary>
/// The calls of one grain: which wait, which run, and which may start next. Calls start in the order they came, except that one which
/// always interleaves does not wait behind one that cannot start yet, and a nested one waits behind nobody. Its owner's lock guards it.
/// </summary>
sealed class CallQueue
{
    readonly Queue<GrainCall> waiting = new();
    Queue<GrainCall>? interleaving;
    Queue<GrainCall>? nested;
    GrainCall? oldest;
    GrainCall? newest;
    long sequence;
    int running;
    int runningAlone;
    int runningReadOnly;

    /// <summary>Calls that were added and have not ended, without ticks.</summary>
    public int Outstanding { get; private set; }

    public bool AnyRunning => running > 0;

    public void Add(GrainCall call)
    {
        call.Previous = newest;
        call.Listed = true;
        if (newest is null)
        {
            oldest = call;
        }
        else
        {
            newest.Next = call;
        }

        newest = call;
        Outstanding++;
        AddTick(call);
    }

    public void AddTick(GrainCall tick)
    {
        tick.Sequence = sequence++;
        var queue = tick.Nested ? nested ??= new() : tick.Method.AlwaysInterleave ? interleaving ??= new() : waiting;
        queue.Enqueue(tick);
    }

    public GrainCall? FirstWaiting() => Earlier(Earlier(Head(nested), Head(interleaving)), Head(waiting));

    public GrainCall? NextNested() => nested is not null && Head(nested) is { } call && MayStart(call) ? Start(nested.Dequeue()) : null;

    public GrainCall? Next()
    {
        var first = Head(waiting);
        if (first is not null && !MayStart(first))
        {
            first = null;
        }

        var next = Earlier(Head(interleaving), first);
        return next is null ? null : Start(ReferenceEquals(next, first) ? waiting.Dequeue() : interleaving!.Dequeue());
    }

    public void End(GrainCall call)
    {
        running--;
        Count(call, -1);
        Unlist(call);
    }

    public List<GrainCall>? Overdue(TimeSpan now)
    {
        List<GrainCall>? overdue = null;
        for (var call = oldest; call is not null; call = call.Next)
        {
            if (call.Deadline <= now && !call.IsSettled)
            {
                (overdue ??= []).Add(call);
            }
        }

        return overdue;
    }

    public List<GrainCall> All()
    {
        var all = new List<GrainCall>();
        for (var call = oldest; call is not null; call = call.Next)
        {
            all.Add(call);
        }

        return all;
    }

    /// <summary>Takes out all calls that wait.</summary>
    public List<GrainCall> TakeWaiting()
    {
        var taken = new List<GrainCall>();
        foreach (var queue in new[] { nested, interleaving, waiting })
        {
            while (queue?.TryDequeue(out var call) is true)
            {
                taken.Add(call);
                Unlist(call);
            }
        }

        return taken;
    }

    /// <summary>Drops ticks that wait: they belong to an activation that has ended.</summary>
    public void DropTicks()
    {
        foreach (var queue in new[] { nested, interleaving, waiting })
        {
            for (var left = queue?.Count ?? 0; left > 0; left--)
            {
                var call = queue!.Dequeue();
                if (call.Listed)
                {
                    queue.Enqueue(call);
                }
            }
        }
    }

    static GrainCall? Earlier(GrainCall? one, GrainCall? other) =>
        one is null ? other : other is null || one.Sequence < other.Sequence ? one : other;

    /// <summary>The first call that still has somebody waiting for it; those before it are dropped.</summary>
    GrainCall? Head(Queue<GrainCall>? queue)
    {
        if (queue is null)
        {
            return null;
        }

        while (queue.TryPeek(out var call))
        {
            if (!call.IsSettled)
            {
                return call;
            }

            Unlist(queue.Dequeue());
        }

        return null;
    }

    bool MayStart(GrainCall call) =>
        call.Method.AlwaysInterleave || (runningAlone == 0 && (runningReadOnly == 0 || call.Method.ReadOnly));

    GrainCall Start(GrainCall call)
    {
        running++;
        Count(call, 1);
        return call;
    }

    void Count(GrainCall call, int change)
    {
        if (call.Method.AlwaysInterleave)
        {
            return;
        }

        if (call.Method.ReadOnly)
        {
            runningReadOnly += change;
        }
        else
        {
            runningAlone += change;
        }
    }

    void Unlist(GrainCall call)
    {
        if (!call.Listed)
        {
            return;
        }

        call.Listed = false;
        Outstanding--;
        if (call.Previous is null)
        {
            oldest = call.Next;
        }
        else
        {
            call.Previous.Next = call.Next;
        }

        if (call.Next is null)
        {
            newest = call.Previous;
        }
        else
        {
            call.Next.Previous = call.Previous;
        }

        call.Previous = null;
        call.Next = null;
    }
}
