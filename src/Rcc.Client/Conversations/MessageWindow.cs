using Rcc.Client.Sync;
using Rcc.Contracts.Conversations;

namespace Rcc.Client.Conversations;

/// <summary>
/// The messages of one lane that a device holds: a contiguous run that is shown and, while a hole is being filled, a second run above it that is not shown yet.
/// Whatever comes, in whatever order, is merged by seq; a seq that is held is never replaced.
/// </summary>
sealed class MessageWindow
{
    readonly int limit;
    List<MessageItem> held = [];
    List<MessageItem> above = [];
    bool based;

    /// <param name="id">Whose messages.</param>
    /// <param name="limit">How many messages to go back for: at least 1.</param>
    /// <param name="newestDue">Whether the newest page is to be asked for.</param>
    public MessageWindow(LaneId id, int limit, bool newestDue = true)
    {
        Id = id;
        this.limit = limit;
        NewestDue = newestDue;
    }

    public MessageWindow(LaneId id, int limit, LaneRecord record, IReadOnlyDictionary<MessageKey, MessageItem> messages)
        : this(id, limit, record.NewestDue)
    {
        Exhausted = record.Exhausted;
        based = record.Based;
        for (var seq = record.HeldStart; seq <= record.HeldEnd; seq++)
            held.Add(messages[new MessageKey(id, seq)]);
        for (var seq = record.AboveStart; seq <= record.AboveEnd; seq++)
            above.Add(messages[new MessageKey(id, seq)]);
    }

    public LaneId Id { get; }

    /// <summary>What is shown: rising, without holes.</summary>
    public IReadOnlyList<MessageItem> Held => held;

    /// <summary>The newest page is to be asked for, whatever is held.</summary>
    public bool NewestDue { get; private set; }

    /// <summary>The server has nothing older.</summary>
    public bool Exhausted { get; private set; }

    /// <summary>The seq up to which nothing is missing; 0 when nothing is held.</summary>
    public long End => held.Count == 0 ? 0 : held[^1].Seq;

    /// <summary>The window has an end of its own: a newest page was loaded, or it starts at 1. Before, a message that came live says nothing about those before it.</summary>
    public bool IsBased => based || (held.Count > 0 && held[0].Seq == 1);

    /// <summary>The seq up to which the device can honestly say that it holds every body.</summary>
    public long Confirmable => IsBased ? End : 0;

    /// <summary>Whether something is still to be loaded.</summary>
    public bool WantsLoad => NewestDue || Before is not null;

    /// <summary>Where the next page ends; null together with <see cref="WantsLoad"/>: the newest.</summary>
    public long? Before =>
        NewestDue ? null
        : above.Count > 0 ? above[0].Seq
        : held.Count > 0 && held[0].Seq > 1 && held.Count < limit && !Exhausted ? held[0].Seq
        : null;

    /// <summary>After a resync: what is held may no longer reach the newest message.</summary>
    public void AskForNewest(DeviceChanges changes)
    {
        NewestDue = true;
        Exhausted = false;
        changes.Lanes[Id] = Record();
    }

    /// <summary>A message of a batch.</summary>
    public void Add(MessageItem message, DeviceChanges changes)
    {
        // The log goes on from here without a hole, and there is nothing before the first.
        if (held.Count == 0 && message.Seq == 1)
            NewestDue = false;
        Merge([message], changes);
    }

    /// <summary>The page asked for with <paramref name="before"/>. False when it did not bring the load on.</summary>
    public bool AddPage(long? before, IReadOnlyList<MessageItem> page, DeviceChanges changes)
    {
        for (var i = 0; i < page.Count; i++)
        {
            if (page[i].ConversationId != Id.ConversationId || page[i].Lane != Id.Lane || page[i].Seq != page[0].Seq + i)
                return false;
        }
        var (asked, heldBefore) = ((WantsLoad, Before), held.Count);
        if (before is null)
            (NewestDue, based) = (false, true);
        else if (page.Count == 0)
            NothingOlderThan(before.Value, changes);
        Merge(page, changes);
        return asked != (WantsLoad, Before) || held.Count != heldBefore || !WantsLoad;
    }

    public void Drop(DeviceChanges changes)
    {
        Forget(held, changes);
        Forget(above, changes);
        changes.Lanes[Id] = null;
    }

    public LaneRecord Record() => new(First(held), Last(held), First(above), Last(above), NewestDue, Exhausted, based);

    void NothingOlderThan(long before, DeviceChanges changes)
    {
        if (above.Count > 0 && above[0].Seq == before)
        {
            ShowAbove(changes);
            Exhausted = true;
        }
        else if (held.Count > 0 && held[0].Seq == before)
        {
            Exhausted = true;
        }
    }

    void Merge(IReadOnlyList<MessageItem> run, DeviceChanges changes)
    {
        if (run.Count > 0)
        {
            if (held.Count == 0 || Touches(held, run))
                Join(ref held, run, changes);
            else if (run[0].Seq > End)
                MergeAbove(run, changes);
        }
        if (above.Count > 0 && above[0].Seq <= End + 1)
        {
            var rest = above;
            above = [];
            Join(ref held, rest, changes);
        }
        else if (above.Count >= limit)
        {
            ShowAbove(changes);
        }
        changes.Lanes[Id] = Record();
    }

    void MergeAbove(IReadOnlyList<MessageItem> run, DeviceChanges changes)
    {
        if (above.Count == 0 || Touches(above, run))
        {
            Join(ref above, run, changes);
        }
        else if (run[0].Seq > above[^1].Seq)
        {
            // A second hole: what lies between is loaded again on the way down.
            Forget(above, changes);
            above = [];
            Join(ref above, run, changes);
        }
    }

    void ShowAbove(DeviceChanges changes)
    {
        Forget(held, changes);
        held = above;
        above = [];
        Exhausted = false;
        // Written again, so that observers learn that these are shown now.
        foreach (var message in held)
            changes.Messages[new MessageKey(Id, message.Seq)] = message;
    }

    void Join(ref List<MessageItem> into, IReadOnlyList<MessageItem> run, DeviceChanges changes)
    {
        var (first, last) = (First(into), Last(into));
        var older = new List<MessageItem>();
        foreach (var message in run)
        {
            if (into.Count > 0 && message.Seq >= first && message.Seq <= last)
                continue;
            changes.Messages[new MessageKey(Id, message.Seq)] = message;
            if (into.Count > 0 && message.Seq < first)
                older.Add(message);
            else
                into.Add(message);
        }
        if (older.Count > 0)
            into.InsertRange(0, older);
    }

    void Forget(List<MessageItem> run, DeviceChanges changes)
    {
        foreach (var message in run)
            changes.Messages[new MessageKey(Id, message.Seq)] = null;
    }

    static bool Touches(List<MessageItem> own, IReadOnlyList<MessageItem> run) => run[0].Seq <= own[^1].Seq + 1 && run[^1].Seq >= own[0].Seq - 1;

    static long First(List<MessageItem> run) => run.Count == 0 ? 1 : run[0].Seq;

    static long Last(List<MessageItem> run) => run.Count == 0 ? 0 : run[^1].Seq;
}
