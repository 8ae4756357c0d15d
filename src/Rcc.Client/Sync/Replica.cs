using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Rcc.Client.Conversations;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;

namespace Rcc.Client.Sync;

/// <summary>
/// The device's copy of what its person may see, and the one rule by which batches change it (see <see cref="PushBatch"/>). No I/O: every change is also written into the
/// <see cref="DeviceChanges"/> of the running transaction.
/// </summary>
sealed class Replica
{
    static readonly JsonElement NoState = JsonDocument.Parse("null").RootElement;

    readonly int historyMessages;
    readonly bool withoutNotes;
    readonly Dictionary<string, Dictionary<string, ReplicaItem>> items = new(StringComparer.Ordinal);
    readonly Dictionary<Guid, HashSet<ItemKey>> hanging = [];
    readonly Dictionary<LaneId, MessageWindow> lanes = [];

    public Replica(DeviceSnapshot snapshot, int historyMessages, bool withoutNotes)
    {
        this.historyMessages = historyMessages;
        this.withoutNotes = withoutNotes;
        Position = snapshot.Position;
        foreach (var item in snapshot.Items)
            Hold(item);
        foreach (var (id, record) in snapshot.Lanes)
            lanes[id] = new MessageWindow(id, historyMessages, record, snapshot.Messages);
    }

    public DevicePosition Position { get; private set; }

    public IReadOnlyDictionary<LaneId, MessageWindow> Lanes => lanes;

    public IEnumerable<ReplicaItem> Items => items.Values.SelectMany(kind => kind.Values);

    public IReadOnlyCollection<ReplicaItem> OfKind(string kind) => items.TryGetValue(kind, out var ofKind) ? ofKind.Values : [];

    public ReplicaItem? Find(string kind, string id) => items.TryGetValue(kind, out var ofKind) ? ofKind.GetValueOrDefault(id) : null;

    /// <summary>What hangs on a conversation: receipts, read position, draft, and kinds this client does not know.</summary>
    public IEnumerable<ReplicaItem> Hanging(Guid conversation, string kind) =>
        hanging.TryGetValue(conversation, out var keys) ? keys.Where(key => string.Equals(key.Kind, kind, StringComparison.Ordinal)).Select(key => items[key.Kind][key.Id]) : [];

    public bool Knows(Guid conversation) => Find(ItemKinds.Conversation, Text(conversation)) is not null;

    /// <summary>Whether the device keeps this lane.</summary>
    public bool Keeps(Lane lane) => lane == Lane.Public || (Position.Role is not Role.Customer && !withoutNotes);

    public static string Text(Guid id) => id.ToString("D");

    public void Move(DevicePosition position, DeviceChanges changes)
    {
        if (position == Position)
            return;
        Position = position;
        changes.Position = position;
    }

    /// <summary>Applies a batch that moves the token, with its token. False, and nothing is changed, when it does not follow what is stored.</summary>
    public bool TryApply(PushBatch batch, DeviceChanges changes)
    {
        var follows = batch.From is null ? batch.Resync is not null : string.Equals(batch.From, Position.Token, StringComparison.Ordinal);
        if (!follows)
            return false;

        if (batch.Resync is { } resync)
            Begin(resync, changes);
        foreach (var item in batch.Items)
            Apply(item, changes);
        if (!batch.More && Position.SweepDue)
            Sweep(changes);
        Move(Position with { Token = batch.To, Complete = !batch.More, SweepDue = Position.SweepDue && batch.More }, changes);
        return true;
    }

    void Begin(Resync resync, DeviceChanges changes)
    {
        Move(Position with { Mark = Position.Mark + 1, SweepDue = true }, changes);
        foreach (var (id, window) in lanes.ToArray())
        {
            // Another filter begins from nothing: what it keeps out will not be brought any more.
            if (withoutNotes && id.Lane == Lane.Notes)
            {
                Drop(id, changes);
                continue;
            }

            if (!resync.Discard)
            {
                window.AskForNewest(changes);
                continue;
            }
            Drop(id, changes);
            if (Knows(id.ConversationId))
                Open(id, newestDue: true, changes);
        }
    }

    void Sweep(DeviceChanges changes)
    {
        foreach (var item in Items.Where(item => item.Mark < Position.Mark).ToArray())
            Remove(item.Key, changes);
        foreach (var id in lanes.Keys.Where(id => !Knows(id.ConversationId)).ToArray())
            Drop(id, changes);
    }

    void Apply(SyncItem item, DeviceChanges changes)
    {
        switch (item)
        {
            case { Kind: ItemKinds.Message, Message: { } message }:
                var lane = new LaneId(message.ConversationId, message.Lane);
                // A page names an object where it last changed: the first messages of a conversation may come before it.
                if (!lanes.TryGetValue(lane, out var window))
                    window = Open(lane, newestDue: false, changes);
                window.Add(message, changes);
                break;
            case { Kind: ItemKinds.Left, Of: { } kind, Id: { } id }:
                Remove(new ItemKey(kind, id), changes);
                break;
            case { Kind: not (ItemKinds.Message or ItemKinds.Left), Id: { } id }:
                Put(new ItemKey(item.Kind, id), item, changes);
                break;
        }
    }

    void Put(ItemKey key, SyncItem sent, DeviceChanges changes)
    {
        var old = Find(key.Kind, key.Id);
        var stale = old is not null && old.Mark < Position.Mark;
        if (old is not null && !stale && sent.Revision <= old.Revision)
            return;

        // A store that was restored may have gone back: a stale item yields to any revision.
        var item = stale && old!.Revision == sent.Revision && JsonElement.DeepEquals(old.State, State(sent))
            ? old.SentAgain(Position.Mark)
            : new ReplicaItem(key, sent.Revision, State(sent), Position.Mark);
        Hold(item);
        changes.Items[key] = item;

        if (IsConversation(key, out var conversation))
        {
            foreach (var lane in (ReadOnlySpan<Lane>)[Lane.Public, Lane.Notes])
            {
                if (Keeps(lane))
                    Want(new LaneId(conversation, lane), isNew: old is null || stale, changes);
            }
        }
    }

    void Remove(ItemKey key, DeviceChanges changes)
    {
        if (items.TryGetValue(key.Kind, out var ofKind) && ofKind.Remove(key.Id))
        {
            changes.Items[key] = null;
            if (ConversationOf(key.Id) is { } on && hanging.TryGetValue(on, out var siblings))
                siblings.Remove(key);
        }
        if (!IsConversation(key, out var conversation))
            return;
        if (hanging.Remove(conversation, out var hangers))
        {
            foreach (var hanger in hangers)
            {
                items[hanger.Kind].Remove(hanger.Id);
                changes.Items[hanger] = null;
            }
        }
        Drop(new LaneId(conversation, Lane.Public), changes);
        Drop(new LaneId(conversation, Lane.Notes), changes);
        changes.Confirmed[conversation] = null;
    }

    void Hold(ReplicaItem item)
    {
        if (!items.TryGetValue(item.Key.Kind, out var ofKind))
            items[item.Key.Kind] = ofKind = new Dictionary<string, ReplicaItem>(StringComparer.Ordinal);
        ofKind[item.Key.Id] = item;
        if (ConversationOf(item.Key.Id) is { } conversation)
        {
            if (!hanging.TryGetValue(conversation, out var keys))
                hanging[conversation] = keys = [];
            keys.Add(item.Key);
        }
    }

    /// <summary>A conversation is on the device: unless its messages are here from the first on, the newest page must be loaded.</summary>
    void Want(LaneId id, bool isNew, DeviceChanges changes)
    {
        if (!lanes.TryGetValue(id, out var window))
            Open(id, newestDue: true, changes);
        else if (isNew && !window.IsBased)
            window.AskForNewest(changes);
    }

    MessageWindow Open(LaneId id, bool newestDue, DeviceChanges changes)
    {
        var window = new MessageWindow(id, historyMessages, newestDue);
        lanes[id] = window;
        changes.Lanes[id] = window.Record();
        return window;
    }

    void Drop(LaneId id, DeviceChanges changes)
    {
        if (lanes.Remove(id, out var window))
            window.Drop(changes);
        if (id.Lane == Lane.Public)
            changes.Confirmed[id.ConversationId] = null;
    }

    static JsonElement State(SyncItem item) => item.State.ValueKind == JsonValueKind.Undefined ? NoState : item.State;

    static bool IsConversation(ItemKey key, [NotNullWhen(true)] out Guid id)
    {
        id = default;
        return string.Equals(key.Kind, ItemKinds.Conversation, StringComparison.Ordinal) && Guid.TryParseExact(key.Id, "D", out id);
    }

    /// <summary>The conversation an id of the form <c>{conversation}/{…}</c> hangs on.</summary>
    static Guid? ConversationOf(string id) => id.Length > 37 && id[36] == '/' && Guid.TryParseExact(id.AsSpan(0, 36), "D", out var conversation) ? conversation : null;
}
