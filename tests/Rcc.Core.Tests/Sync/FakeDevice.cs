using System.Collections.Immutable;
using System.Text.Json;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Core.Conversations;
using Rcc.Core.Devices;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Sync;

/// <summary>
/// A device that applies batches by the rule of the contract and judges every one of them: <c>from</c> is its last token byte for byte, no message comes twice or leaves a hole, nothing comes that its person
/// may not see. It opens every conversation it has (loads its messages), and may fall back to an older backup of itself.
/// </summary>
sealed class FakeDevice(ModelStore store, Caller caller)
{
    const int MaxBackups = 20;

    readonly Lock gate = new();
    readonly List<string> wrongs = [];
    readonly List<PushBatch> batches = [];
    readonly List<DeviceBackup> backups = [];
    Dictionary<ItemKey, (int Revision, string State)> items = [];
    HashSet<ItemKey> stale = [];
    Dictionary<Audience, ImmutableList<MessageItem>> messages = [];
    Dictionary<Audience, long> pushedUpTo = [];
    string? token;
    bool inResync;
    bool isAsking;
    DeviceLink? link;

    public Caller Caller => caller;

    public SyncFilter Filter { get; set; } = new();

    public int? PageItems { get; set; }

    public FakePort? Port { get; private set; }

    public bool IsConnected => link is not null && Port is { ClosedBecause: null };

    public DeviceLink Link => link ?? throw new InvalidOperationException("The device is not connected.");

    /// <summary>What was wrong with what it was sent.</summary>
    public IReadOnlyList<string> Wrongs
    {
        get
        {
            lock (gate)
            {
                return [.. wrongs];
            }
        }
    }

    /// <summary>Every batch it was sent, in order.</summary>
    public IReadOnlyList<PushBatch> Batches
    {
        get
        {
            lock (gate)
            {
                return [.. batches];
            }
        }
    }

    public string? Token
    {
        get
        {
            lock (gate)
            {
                return token;
            }
        }

        set
        {
            lock (gate)
            {
                token = value;
            }
        }
    }

    public IReadOnlyList<EphemeralFact> Facts => [.. Batches.SelectMany(batch => batch.Ephemeral ?? [])];

    public async Task<SyncAnswer> ConnectAsync(Node node, Func<FakePort, Task>? beforeSend = null)
    {
        Port = new FakePort(this, beforeSend);
        link = node.Links.Connect(caller, Port);
        return await SynchronizeAsync();
    }

    /// <summary>Asks again on the same connection.</summary>
    public async Task<SyncAnswer> SynchronizeAsync()
    {
        Port!.Pause();
        SyncRequest request;
        lock (gate)
        {
            request = new SyncRequest { Token = token, Filter = Filter, PageItems = PageItems };
            isAsking = true;
        }

        var answer = await Link.SynchronizeAsync(request, CancellationToken.None);
        lock (gate)
        {
            isAsking = false;
        }

        Port.Resume();
        return answer;
    }

    public async Task DisconnectAsync()
    {
        if (link is { } ending)
        {
            Port!.Cut();
            await ending.DisposeAsync();
            link = null;
        }
    }

    /// <summary>Falls back to what it was some batches ago, as a device does whose last writes were lost.</summary>
    public void FallBack(int age)
    {
        lock (gate)
        {
            if (backups.Count > 0)
            {
                var at = Math.Max(0, backups.Count - 1 - age);
                (items, messages, pushedUpTo, token, stale, inResync) = backups[at].Restore();
                backups.RemoveRange(at, backups.Count - at);
            }
        }
    }

    public void Receive(PushBatch batch)
    {
        lock (gate)
        {
            if (isAsking)
            {
                // On its way before the server was asked anew: what is asked for begins at the token that was presented.
                return;
            }

            batches.Add(batch);
            if (batch.To is null)
            {
                Check(batch.Items.Count == 0 && batch.From is null, "A batch without a token carries items.");
                return;
            }

            if (batch.Resync is { } resync)
            {
                Check(batch.From is null, "A start from nothing names an earlier token.");
                Begin(resync);
            }
            else if (!string.Equals(batch.From, token, StringComparison.Ordinal))
            {
                wrongs.Add($"from is not the device's token, in a batch of {batch.Items.Count} items.");
                return;
            }

            Check(!string.Equals(batch.To, token, StringComparison.Ordinal), "The token did not move.");
            foreach (var item in batch.Items)
            {
                Apply(item);
            }

            token = batch.To;
            if (!batch.More)
            {
                End();
            }

            backups.Add(new DeviceBackup(items, messages, pushedUpTo, token, stale, inResync));
            if (backups.Count > MaxBackups)
            {
                backups.RemoveAt(0);
            }
        }
    }

    /// <summary>How the device differs from what the store says it must hold; null when it does not.</summary>
    public string? Difference()
    {
        lock (gate)
        {
            var expected = store.Of(caller.Tenant).ItemsFor(caller.PersonId, Filter);
            foreach (var (key, (revision, state)) in expected)
            {
                if (!items.TryGetValue(key, out var mine))
                {
                    return $"{key} is missing";
                }

                if (mine.Revision != revision || mine.State != Canonical(state.AsSpan()))
                {
                    return $"{key} has revision {mine.Revision}, not {revision}";
                }
            }

            if (items.Keys.Where(key => !expected.ContainsKey(key)).ToList() is [var extra, ..])
            {
                return $"{extra} is on the device";
            }

            foreach (var conversation in expected.Keys.Where(key => key.Kind == ItemKind.Conversation))
            {
                foreach (var lane in Lanes)
                {
                    var mine = messages.GetValueOrDefault(Audience.OfLane(conversation.Id, lane), []).Select(message => message.MessageId);
                    if (!mine.SequenceEqual(store.ReadMessages(caller.Tenant, conversation.Id, lane).Select(entry => entry.Message.MessageId)))
                    {
                        return $"The messages of {conversation.Id} in {lane} are not the store's";
                    }
                }
            }

            return messages.Keys.Any(lane => !expected.ContainsKey(new ItemKey(ItemKind.Conversation, lane.Id))) ? "messages of no conversation are on the device" : null;
        }
    }

    IEnumerable<Lane> Lanes => caller.IsAgent && !Filter.WithoutNotes ? [Lane.Public, Lane.Notes] : [Lane.Public];

    void Begin(Resync resync)
    {
        stale = [.. items.Keys];
        pushedUpTo = [];
        inResync = true;
        if (resync.Discard)
        {
            messages = [];
        }
    }

    void End()
    {
        foreach (var key in stale)
        {
            Forget(key);
        }

        stale = [];
        inResync = false;
    }

    void Apply(SyncItem item)
    {
        switch (item.Kind)
        {
            case ItemKinds.Message:
                Apply(item.Message!);
                break;
            case ItemKinds.Left:
                Forget(KeyOf(item.Of!, item.Id!));
                break;
            default:
                Apply(KeyOf(item.Kind, item.Id!), item);
                break;
        }
    }

    void Apply(ItemKey key, SyncItem item)
    {
        Check(store.Of(caller.Tenant).MayHold(caller.PersonId, key, item.Revision), $"{key} revision {item.Revision} is not for this person.");

        // What a start from nothing says is true whatever revision the device has: the store may have gone back, or the item may be another one.
        var isStale = stale.Remove(key);
        var isNew = !items.TryGetValue(key, out var known);
        if (isNew || isStale || item.Revision > known.Revision)
        {
            items[key] = (item.Revision, Canonical(item.State));
        }

        if (key.Kind == ItemKind.Conversation && (isNew || inResync))
        {
            Load(key.Id);
        }
    }

    /// <summary>Opens the conversation: its messages. All else has to be sent.</summary>
    void Load(Guid conversation)
    {
        foreach (var lane in Lanes)
        {
            messages[Audience.OfLane(conversation, lane)] = [.. store.ReadMessages(caller.Tenant, conversation, lane).Select(entry => entry.ToItem())];
        }
    }

    void Apply(MessageItem message)
    {
        var lane = Audience.OfLane(message.ConversationId, message.Lane);
        Check(store.Of(caller.Tenant).MayHold(caller.PersonId, message.ConversationId, message.Lane, message.Seq), $"Message {message.Seq} of {lane} is not for this person.");
        Check(message.Seq > pushedUpTo.GetValueOrDefault(lane), $"Message {message.Seq} of {lane} came again or out of order.");
        pushedUpTo[lane] = message.Seq;
        var held = messages.GetValueOrDefault(lane, []);
        var conversation = new ItemKey(ItemKind.Conversation, message.ConversationId);
        if (!items.ContainsKey(conversation) || stale.Contains(conversation))
        {
            // It is loaded with its conversation, if that comes: the person may have left again since.
            return;
        }

        if (message.Seq <= held.Count)
        {
            Check(held[(int)message.Seq - 1].MessageId == message.MessageId, $"Message {message.Seq} of {lane} is another than the device holds.");
            return;
        }

        Check(message.Seq == held.Count + 1, $"Message {message.Seq} of {lane} leaves a hole after {held.Count}.");
        messages[lane] = held.Add(message);
    }

    void Forget(ItemKey key)
    {
        items.Remove(key);
        if (key.Kind == ItemKind.Conversation)
        {
            foreach (var hanging in items.Keys.Where(other => other.HangsOnConversation && other.Id == key.Id).ToList())
            {
                items.Remove(hanging);
            }

            messages.Remove(Audience.OfConversation(key.Id));
            messages.Remove(Audience.OfNotes(key.Id));
            pushedUpTo.Remove(Audience.OfConversation(key.Id));
            pushedUpTo.Remove(Audience.OfNotes(key.Id));
        }
    }

    void Check(bool condition, string wrong)
    {
        if (!condition)
        {
            wrongs.Add(wrong);
        }
    }

    static ItemKey KeyOf(string kind, string id)
    {
        var ids = id.Split('/').Select(Guid.Parse).ToArray();
        var item = Enum.GetValues<ItemKind>().Where(one => one >= ItemKind.Conversation).Single(one => string.Equals(new ItemKey(one, default).WireKind, kind, StringComparison.Ordinal));
        return new ItemKey(item, ids[0], ids.ElementAtOrDefault(1));
    }

    static string Canonical(ReadOnlySpan<byte> state) => Canonical(JsonSerializer.Deserialize<JsonElement>(state));

    static string Canonical(JsonElement state) => JsonSerializer.Serialize(state);

    sealed class DeviceBackup(
        Dictionary<ItemKey, (int, string)> items, Dictionary<Audience, ImmutableList<MessageItem>> messages, Dictionary<Audience, long> pushedUpTo, string token, HashSet<ItemKey> stale, bool inResync)
    {
        readonly Dictionary<ItemKey, (int, string)> items = new(items);
        readonly Dictionary<Audience, ImmutableList<MessageItem>> messages = new(messages);
        readonly Dictionary<Audience, long> pushedUpTo = new(pushedUpTo);
        readonly HashSet<ItemKey> stale = [.. stale];

        public (Dictionary<ItemKey, (int, string)>, Dictionary<Audience, ImmutableList<MessageItem>>, Dictionary<Audience, long>, string, HashSet<ItemKey>, bool) Restore() =>
            (new(items), new(messages), new(pushedUpTo), token, [.. stale], inResync);
    }
}
