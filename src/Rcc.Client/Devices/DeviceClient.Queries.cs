using Rcc.Client.Conversations;
using Rcc.Client.Sync;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Delivery;
using Rcc.Contracts.Devices;
using Rcc.Contracts.Routing;
using Rcc.Contracts.Sync;

namespace Rcc.Client.Devices;

/// <summary>A conversation as a list shows it.</summary>
/// <param name="Id">The Conversation-ID.</param>
/// <param name="Revision">Of the state.</param>
/// <param name="State">The state.</param>
/// <param name="Last">The newest message held of the public lane.</param>
/// <param name="Unread">How far the person's read position is behind the last message of somebody else.</param>
public sealed record ConversationEntry(Guid Id, int Revision, ConversationState State, MessageItem? Last, long Unread);

/// <summary>A post that is not among the messages yet.</summary>
/// <param name="Post">The command.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Outcome">With <see cref="OutboxState.Refused"/>: why.</param>
public sealed record PendingPost(PostMessage Post, OutboxState State, Outcome? Outcome);

/// <summary>A lane as a user interface shows it.</summary>
/// <param name="Messages">What is held, rising, without holes.</param>
/// <param name="Pending">The device's own posts beneath them.</param>
/// <param name="Complete">Nothing older or missing is being loaded.</param>
public sealed record LaneView(IReadOnlyList<MessageItem> Messages, IReadOnlyList<PendingPost> Pending, bool Complete);

/// <summary>How far a message has come (RFC 5438).</summary>
public enum Disposition
{
    /// <summary>The server has it.</summary>
    Sent = 0,

    /// <summary>Somebody else's device has it.</summary>
    Delivered,

    /// <summary>Somebody else saw it.</summary>
    Displayed,
}

/// <summary>What a desk counts. Each number is the length of a list that the device holds, from the same ordered changes as everything else: there is no counter that could drift.</summary>
/// <param name="Mine">Open conversations assigned to the person.</param>
/// <param name="Unread">Open conversations the person takes part in, with messages it has not read.</param>
/// <param name="Unassigned">Conversations that no agent has, in all queues.</param>
/// <param name="Queues">The same by queue; a queue in which nothing waits is not among them.</param>
/// <param name="Agents">Agents by what they say of themselves, without suspended and removed ones.</param>
public sealed record DeskCounts(int Mine, int Unread, int Unassigned, IReadOnlyDictionary<Guid, int> Queues, IReadOnlyDictionary<Availability, int> Agents);

/// <summary>What a user interface asks. Every answer is a picture of one instant.</summary>
public sealed partial class DeviceClient
{
    /// <summary>The token of the last batch stored.</summary>
    public string? Token => Ask(() => replica.Position.Token);

    /// <summary>Who the device belongs to; empty before the first answer of the server.</summary>
    public Guid PersonId => Ask(() => replica.Position.PersonId);

    /// <summary>The limits the server last named.</summary>
    public SyncLimits? Limits => Ask(() => replica.Position.Limits);

    /// <summary>All conversations, the last active first.</summary>
    public IReadOnlyList<ConversationEntry> Conversations() => Ask(() =>
    {
        var entries = new List<ConversationEntry>();
        foreach (var item in replica.OfKind(ItemKinds.Conversation))
        {
            if (!Guid.TryParseExact(item.Key.Id, "D", out var id))
                continue;
            var last = replica.Lanes.TryGetValue(new LaneId(id, Lane.Public), out var window) && window.Held.Count > 0 ? window.Held[^1] : null;
            entries.Add(new ConversationEntry(id, item.Revision, item.Read<ConversationState>(), last, UnreadIn(id)));
        }
        entries.Sort(static (a, b) =>
        {
            var byTime = (b.Last?.At ?? b.State.OpenedAt).CompareTo(a.Last?.At ?? a.State.OpenedAt);
            return byTime != 0 ? byTime : a.Id.CompareTo(b.Id);
        });
        return entries;
    });

    /// <summary>A lane's messages and pending posts.</summary>
    public LaneView Messages(Guid conversationId, Lane lane = Lane.Public) => Ask(() =>
    {
        var id = new LaneId(conversationId, lane);
        var window = replica.Lanes.GetValueOrDefault(id);
        return new LaneView(
            window is null ? [] : [.. window.Held],
            [.. outbox.Echoes(id).Select(e => new PendingPost((PostMessage)e.Command, e.State, e.Outcome))],
            window is { WantsLoad: false });
    });

    /// <summary>The highest public seq written by others minus the read position.</summary>
    public long Unread(Guid conversationId) => Ask(() => UnreadIn(conversationId));

    /// <summary>How far a message has come with those who did not write it.</summary>
    public Disposition DispositionOf(MessageItem message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Ask(() =>
        {
            var best = Disposition.Sent;
            foreach (var item in replica.Hanging(message.ConversationId, ItemKinds.Receipt))
            {
                if (item.Key.Id.EndsWith(Replica.Text(message.PersonId), StringComparison.Ordinal))
                    continue;
                var receipt = item.Read<ReceiptState>();
                var here = receipt.Displayed >= message.Seq ? Disposition.Displayed : receipt.Delivered >= message.Seq ? Disposition.Delivered : Disposition.Sent;
                best = here > best ? here : best;
            }
            return best;
        });
    }

    /// <summary>The person's unsent text; null: none.</summary>
    public DraftState? Draft(Guid conversationId) => Ask(() =>
    {
        var item = OwnItem(ItemKinds.Draft, conversationId);
        var draft = outbox.Draft(conversationId) ?? item?.Read<DraftState>();
        return draft is { Text.Length: > 0 } ? draft : null;
    });

    /// <summary>Who else is typing.</summary>
    public IReadOnlyList<Guid> TypingIn(Guid conversationId) => Ask(() => typing.In(conversationId).Where(person => person != replica.Position.PersonId).ToList());

    /// <summary>The conversation the person has open on the desk, on any device; null: none.</summary>
    public Guid? OpenConversation() => Ask(() => outbox.Commands.LastOrDefault(c => c.Entry.Command is SetOpenConversation) is { Entry.Command: SetOpenConversation given }
        ? given.ConversationId
        : replica.Find(ItemKinds.OpenConversation, Replica.Text(replica.Position.PersonId))?.Read<OpenConversationState>().ConversationId);

    /// <summary>Where a customer's waiting conversation stands, as the server has told last; null: it does not wait, or the server has not told for a while.</summary>
    public QueuePlace? PlaceInQueue(Guid conversationId) => Ask(() => places.Of(conversationId));

    /// <summary>Who else has the conversation open, as far as it was told. Customers are told of nobody.</summary>
    public IReadOnlyList<Guid> ViewersOf(Guid conversationId) => Ask(() => viewing.In(conversationId).Where(person => person != replica.Position.PersonId).ToList());

    /// <summary>The agents of the tenant, by id.</summary>
    public IReadOnlyDictionary<string, AgentState> Agents() => Ask(() => replica.OfKind(ItemKinds.Agent).ToDictionary(i => i.Key.Id, i => i.Read<AgentState>(), StringComparer.Ordinal));

    /// <summary>What a desk counts.</summary>
    public DeskCounts Counts() => Ask(() =>
    {
        var open = replica.OfKind(ItemKinds.Conversation).Where(i => i.Read<ConversationState>().Status == ConversationStatus.Open).ToList();
        var waiting = replica.OfKind(ItemKinds.Waiting).Select(i => i.Read<WaitingState>()).ToList();
        var agents = replica.OfKind(ItemKinds.Agent).Select(i => i.Read<AgentState>()).Where(a => a is { Suspended: false, Removed: false });
        return new DeskCounts(
            open.Count(i => i.Read<ConversationState>().AssigneeId == replica.Position.PersonId),
            open.Count(i => Guid.TryParseExact(i.Key.Id, "D", out var id) && UnreadIn(id) > 0),
            waiting.Count,
            waiting.CountBy(w => w.QueueId).ToDictionary(),
            agents.CountBy(a => a.Availability).ToDictionary());
    });

    /// <summary>The person's own devices, by id.</summary>
    public IReadOnlyDictionary<string, DeviceState> Devices() => Ask(() => replica.OfKind(ItemKinds.Device).ToDictionary(i => i.Key.Id, i => i.Read<DeviceState>(), StringComparer.Ordinal));

    /// <summary>Any item, of kinds this client does not know too.</summary>
    public ReplicaItem? Item(string kind, string id) => Ask(() => replica.Find(kind, id));

    /// <summary>Commands the server has not settled, accepted ones whose effect synchronisation has not brought yet, and refused posts, in the order they were given.</summary>
    public IReadOnlyList<OutboxEntry> Unsettled() => Ask(() => outbox.Commands.Select(c => c.Entry).ToArray());

    /// <summary>SHA-256, in hexadecimal, of the canonical form of all items and messages: equal on two devices that hold the same.</summary>
    public string CanonicalHash() => Ask(() => CanonicalForm.Hash(replica));

    T Ask<T>(Func<T> query)
    {
        lock (gate)
            return query();
    }

    ReplicaItem? OwnItem(string kind, Guid conversation) => replica.Find(kind, $"{conversation:D}/{replica.Position.PersonId:D}");

    long UnreadIn(Guid conversation)
    {
        var lane = new LaneId(conversation, Lane.Public);
        if (!replica.Lanes.TryGetValue(lane, out var window))
            return 0;
        var last = 0L;
        for (var i = window.Held.Count - 1; i >= 0; i--)
        {
            if (window.Held[i].PersonId != replica.Position.PersonId)
            {
                last = window.Held[i].Seq;
                break;
            }
        }
        return Math.Max(0, last - Math.Max(ReadPosition(conversation, Lane.Public), outbox.Read(lane)));
    }

    long ReadPosition(Guid conversation, Lane lane) =>
        OwnItem(ItemKinds.Read, conversation)?.Read<ReadState>() is { } read ? lane == Lane.Notes ? read.NotesSeq : read.Seq : 0;
}
