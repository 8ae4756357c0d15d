using Rcc.Client.Sync;

namespace Rcc.Client.Conversations;

/// <summary>A page of messages that was asked for.</summary>
/// <param name="Window">For whom: an answer for a window that is gone meanwhile is dropped.</param>
/// <param name="Before">Where the page ends; null: the newest.</param>
sealed record Load(MessageWindow Window, long? Before);

/// <summary>Which lane is loaded next. What is to be loaded stands in the windows themselves; here is only whose turn it is.</summary>
sealed class LoadPlan(int parallelLoads)
{
    readonly Queue<LaneId> ready = [];
    readonly HashSet<LaneId> queued = [];
    readonly HashSet<LaneId> inFlight = [];
    readonly Dictionary<LaneId, (int Attempts, DateTimeOffset Due, bool IsAsked)> putOff = [];

    /// <summary>When the next load that was put off is due.</summary>
    public DateTimeOffset? NextDue => putOff.Count == 0 ? null : putOff.Values.Where(p => p.Due != DateTimeOffset.MaxValue).Select(p => (DateTimeOffset?)p.Due).Min();

    public void Consider(MessageWindow window)
    {
        if (window.WantsLoad && !inFlight.Contains(window.Id) && !IsPutOff(window.Id) && queued.Add(window.Id))
            ready.Enqueue(window.Id);
    }

    /// <summary>The loads to be asked for now.</summary>
    public List<Load> TakeDue(Replica replica, DateTimeOffset now)
    {
        var loads = new List<Load>();
        if (!replica.Position.Complete)
            return loads;
        foreach (var (lane, (attempts, due, _)) in putOff.ToArray())
        {
            if (due > now)
                continue;
            putOff[lane] = (attempts, DateTimeOffset.MaxValue, IsAsked: false);
            if (queued.Add(lane))
                ready.Enqueue(lane);
        }
        while (inFlight.Count < parallelLoads && ready.TryDequeue(out var lane))
        {
            queued.Remove(lane);
            if (replica.Lanes.TryGetValue(lane, out var window) && window.WantsLoad && replica.Knows(lane.ConversationId) && inFlight.Add(lane))
                loads.Add(new Load(window, window.Before));
        }
        return loads;
    }

    public void Done(Load load)
    {
        inFlight.Remove(load.Window.Id);
        putOff.Remove(load.Window.Id);
    }

    /// <summary>Not now: again after a while that grows with the attempts. <paramref name="isAsked"/>: the server has asked for it, so that another connection does not shorten it.</summary>
    public void PutOff(Load load, Func<int, DateTimeOffset> dueAfter, bool isAsked)
    {
        inFlight.Remove(load.Window.Id);
        var attempts = putOff.TryGetValue(load.Window.Id, out var before) ? before.Attempts + 1 : 1;
        putOff[load.Window.Id] = (attempts, dueAfter(attempts), isAsked);
    }

    public void Forget(LaneId lane) => putOff.Remove(lane);

    /// <summary>The connection is gone: all that windows want is asked for again on the next.</summary>
    public void Disconnected(Replica replica)
    {
        inFlight.Clear();
        foreach (var (lane, (_, _, isAsked)) in putOff.ToArray())
        {
            if (!isAsked)
                putOff.Remove(lane);
        }
        foreach (var window in replica.Lanes.Values)
            Consider(window);
    }

    // Due at MaxValue: its turn has come again, and only the count of attempts is remembered.
    bool IsPutOff(LaneId lane) => putOff.TryGetValue(lane, out var later) && later.Due != DateTimeOffset.MaxValue;
}
