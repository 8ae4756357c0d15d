using System.Globalization;
using System.Text.Json;
using Rcc.Client.Sync;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;

namespace Rcc.Client.Tests.Sync;

/// <summary>
/// The contract's other side in one simple list: everything that ever changed, in order. It is what devices are compared with, and so as plain as possible: no audiences, one
/// person whose devices all see the same conversations, of which some come and go, by joining and leaving or by a filter.
/// </summary>
sealed class ModelServer
{
    readonly List<Entry> log = [];
    readonly Dictionary<ItemKey, SyncItem> items = [];
    readonly Dictionary<LaneId, List<MessageItem>> messages = [];
    readonly Dictionary<Guid, int> joinedAt = [];
    readonly Dictionary<Guid, Dictionary<ItemKey, SyncItem>> outside = [];
    readonly Dictionary<(string Device, long Number), (string Body, Outcome Outcome)> commands = [];
    ModelServer? backup;

    public static readonly Guid Person = Guid.Parse("018f0000-0000-7000-8000-00000000000a");
    public static readonly Guid Customer = Guid.Parse("018f0000-0000-7000-8000-00000000000b");

    public int Epoch { get; private set; }

    /// <summary>Tokens below it are too old.</summary>
    public int Floor { get; private set; }

    public IReadOnlyDictionary<ItemKey, SyncItem> Items => items;

    public IReadOnlyList<Guid> Visible => [.. joinedAt.Keys];

    public IReadOnlyList<MessageItem> Messages(LaneId lane) => messages.TryGetValue(lane, out var list) ? list : [];

    public IEnumerable<MessageItem> AllMessages => messages.Values.SelectMany(list => list);

    public void Join(Guid conversation)
    {
        joinedAt[conversation] = log.Count + 1;
        Put(ItemKinds.Conversation, conversation.ToString(), new { displayId = 1, inboxId = Person, contactId = Customer, status = "open", openedAt = DateTimeOffset.UnixEpoch, contributionId = conversation });
        Put(ItemKinds.Receipt, $"{conversation}/{Customer}", new { delivered = 0, displayed = 0 });
    }

    public void Leave(Guid conversation)
    {
        joinedAt.Remove(conversation);
        foreach (var key in items.Keys.Where(k => k.Id.StartsWith(conversation.ToString(), StringComparison.Ordinal)).ToArray())
            items.Remove(key);
        log.Add(new Entry(new SyncItem { Kind = ItemKinds.Left, Of = ItemKinds.Conversation, Id = conversation.ToString(), Reason = LeftReason.Left }));
    }

    /// <summary>Not on the devices, because of their filter.</summary>
    public bool IsOutside(Guid conversation) => outside.ContainsKey(conversation);

    public void LeaveFilter(Guid conversation)
    {
        joinedAt.Remove(conversation);
        outside[conversation] = items.Where(item => ConversationOf(item.Key) == conversation).ToDictionary();
        foreach (var key in outside[conversation].Keys)
            items.Remove(key);
        log.Add(new Entry(new SyncItem { Kind = ItemKinds.Left, Of = ItemKinds.Conversation, Id = conversation.ToString(), Reason = LeftReason.Filtered }));
    }

    /// <summary>With it comes what hangs on it, changed meanwhile or not.</summary>
    public void ReturnToFilter(Guid conversation)
    {
        outside.Remove(conversation, out var kept);
        joinedAt[conversation] = log.Count + 1;
        Put(ItemKinds.Conversation, conversation.ToString(), kept![new ItemKey(ItemKinds.Conversation, conversation.ToString())].State);
        foreach (var (key, item) in kept.Where(item => !string.Equals(item.Key.Kind, ItemKinds.Conversation, StringComparison.Ordinal)))
        {
            items[key] = item;
            log.Add(new Entry(item));
        }
    }

    public void Put(string kind, string id, object state)
    {
        var key = new ItemKey(kind, id);
        // Ids that come back go on counting, as rows of a table do.
        var revision = log.Count(e => e.Item is { } item && string.Equals(item.Kind, kind, StringComparison.Ordinal) && string.Equals(item.Id, id, StringComparison.Ordinal)) + 1;
        var item = new SyncItem { Kind = kind, Id = id, Revision = revision, State = JsonSerializer.SerializeToElement(state) };
        (outside.GetValueOrDefault(ConversationOf(key)) ?? items)[key] = item;
        log.Add(new Entry(item));
    }

    public MessageItem Append(LaneId lane, Guid author, Guid messageId, string content)
    {
        if (!messages.TryGetValue(lane, out var list))
            messages[lane] = list = [];
        var message = new MessageItem
        {
            ConversationId = lane.ConversationId, Lane = lane.Lane, Seq = list.Count + 1, MessageId = messageId, PersonId = author, Role = Role.Agent,
            At = DateTimeOffset.UnixEpoch.AddSeconds(log.Count), ContentType = "text/plain", Content = content,
        };
        list.Add(message);
        log.Add(new Entry(new SyncItem { Kind = ItemKinds.Message, Message = message }));
        return message;
    }

    public void RaiseFloor() => Floor = log.Count;

    public void Backup() => backup = Copy();

    /// <summary>Goes back to the backup: what came after it never was.</summary>
    public bool Restore()
    {
        if (backup is not { } before)
            return false;
        var copy = before.Copy();
        Replace(log, copy.log);
        Replace(items, copy.items);
        Replace(messages, copy.messages);
        Replace(joinedAt, copy.joinedAt);
        Replace(outside, copy.outside);
        Replace(commands, copy.commands);
        Floor = copy.Floor;
        Epoch++;
        return true;
    }

    public Outcome Execute(string device, string method, JsonElement argument)
    {
        var number = argument.GetProperty("number").GetInt64();
        if (commands.TryGetValue((device, number), out var before))
            return string.Equals(before.Body, argument.GetRawText(), StringComparison.Ordinal) ? before.Outcome : throw new InvalidOperationException($"number {number} came with another body");
        var outcome = Execute(method, argument);
        commands[(device, number)] = (argument.GetRawText(), outcome);
        return outcome;
    }

    public MessagePage Load(LoadMessages request, int most)
    {
        if (!joinedAt.ContainsKey(request.ConversationId))
            return new MessagePage { Outcome = Outcome.Refused(ErrorCode.NotFound) };
        var all = Messages(new LaneId(request.ConversationId, request.Lane));
        var below = all.Where(m => m.Seq < (request.Before ?? long.MaxValue)).ToArray();
        return new MessagePage { Outcome = Outcome.Done, Messages = below[Math.Max(0, below.Length - Math.Min(most, request.Limit ?? 50))..], LastSeq = all.Count };
    }

    /// <summary>Where a presented token stands; from nothing, with the reason, where it stands nowhere.</summary>
    public Position Open(string? token)
    {
        var parts = token?.Split(':').Select(p => int.Parse(p, CultureInfo.InvariantCulture)).ToArray();
        return parts switch
        {
            null => Nothing(ResyncReason.New, discard: false),
            [var epoch, ..] when epoch != Epoch => Nothing(ResyncReason.Epoch, discard: true),
            [_, var at, _] when at < Floor => Nothing(ResyncReason.Floor, discard: false),
            [_, var at, _] when at > log.Count => Nothing(ResyncReason.Future, discard: true),
            [_, var at, var until] => new Position(token, at, until, Resync: null),
            _ => throw new InvalidOperationException($"a token that was never given: {token}"),
        };

        Position Nothing(ResyncReason reason, bool discard) => new(Token: null, At: 0, log.Count, new Resync(reason, discard));
    }

    /// <summary>The next page or frame of at most so many items. Of several entries of one object only the newest counts.</summary>
    public (PushBatch Batch, Position Next) Read(Position from, int most, bool live)
    {
        var sent = new List<SyncItem>();
        var at = from.At;
        while (at < log.Count && sent.Count < most)
        {
            at++;
            if (Counts(at, from) is { } item)
                sent.Add(item);
        }
        var to = $"{Epoch}:{at}:{from.LoadedUntil}";
        var batch = new PushBatch { From = from.Resync is null ? from.Token : null, To = to, More = !live && at < log.Count, Resync = from.Resync, Items = sent };
        return (batch, new Position(to, at, from.LoadedUntil, Resync: null));
    }

    public bool HasNewsFor(Position position) => position.At < log.Count || position.Resync is not null;

    SyncItem? Counts(int at, Position from)
    {
        var item = log[at - 1].Item;
        if (item.Message is { } message)
            return at > from.LoadedUntil && joinedAt.TryGetValue(message.ConversationId, out var joined) && at > joined ? item : null;
        if (item.Kind is ItemKinds.Left)
            return item;
        var current = items.GetValueOrDefault(new ItemKey(item.Kind, item.Id!));
        return ReferenceEquals(current, item) ? item : null;
    }

    Outcome Execute(string method, JsonElement argument)
    {
        if (method is "SetAvailability")
        {
            var choice = argument.Deserialize(ContractJson.Default.SetAvailability)!;
            Put(ItemKinds.Agent, Person.ToString(), new { name = "Ada", role = "agent", availability = "away", availabilityLabel = choice.Label, availabilityNote = choice.Note, availabilityUntil = choice.Until });
            return Outcome.Done;
        }
        var conversation = argument.GetProperty("conversationId").GetGuid();
        if (!joinedAt.ContainsKey(conversation) && !IsOutside(conversation))
            return Outcome.Refused(ErrorCode.NotFound);
        var held = outside.GetValueOrDefault(conversation) ?? items;
        switch (method)
        {
            case "PostMessage":
                var post = argument.Deserialize(ContractJson.Default.PostMessage)!;
                if (AllMessages.Any(m => m.MessageId == post.MessageId))
                    return Outcome.Refused(ErrorCode.Taken);
                var message = Append(new LaneId(conversation, post.Lane), Person, post.MessageId!.Value, post.Content);
                return new Outcome { Code = ErrorCode.Ok, ConversationId = conversation, MessageId = message.MessageId, Seq = message.Seq, At = message.At };
            case "MarkRead":
                var seq = argument.GetProperty("seq").GetInt64();
                var read = held.GetValueOrDefault(new ItemKey(ItemKinds.Read, $"{conversation}/{Person}"))?.State.GetProperty("seq").GetInt64() ?? 0;
                if (seq > read)
                    Put(ItemKinds.Read, $"{conversation}/{Person}", new { seq, notesSeq = 0 });
                return Outcome.Done;
            case "SetDraft":
                var draft = argument.Deserialize(ContractJson.Default.SetDraft)!;
                var revision = held.GetValueOrDefault(new ItemKey(ItemKinds.Draft, $"{conversation}/{Person}"))?.Revision ?? 0;
                if (draft.IfRevision is { } on && on != revision)
                    return Outcome.Refused(ErrorCode.Conflict) with { Revision = revision };
                Put(ItemKinds.Draft, $"{conversation}/{Person}", new { text = draft.Text, lane = "public" });
                return Outcome.Done with { Revision = held[new ItemKey(ItemKinds.Draft, $"{conversation}/{Person}")].Revision };
            default:
                throw new InvalidOperationException($"unexpected {method}");
        }
    }

    static Guid ConversationOf(ItemKey key) => Guid.TryParse(key.Id.Split('/')[0], out var conversation) ? conversation : default;

    ModelServer Copy()
    {
        var copy = new ModelServer { Floor = Floor };
        Replace(copy.log, log);
        Replace(copy.items, items);
        Replace(copy.messages, messages);
        Replace(copy.joinedAt, joinedAt);
        Replace(copy.outside, outside);
        Replace(copy.commands, commands);
        foreach (var lane in copy.messages.Keys.ToArray())
            copy.messages[lane] = [.. copy.messages[lane]];
        foreach (var conversation in copy.outside.Keys.ToArray())
            copy.outside[conversation] = new(copy.outside[conversation]);
        return copy;
    }

    static void Replace<T>(ICollection<T> all, IEnumerable<T> by)
    {
        all.Clear();
        foreach (var one in by)
            all.Add(one);
    }

    sealed record Entry(SyncItem Item);

    /// <summary>How far a connection has been told.</summary>
    /// <param name="Token">What was last given or presented.</param>
    /// <param name="At">Entries covered.</param>
    /// <param name="LoadedUntil">Messages up to this entry are loaded by the device, not pushed.</param>
    /// <param name="Resync">To be said with the next batch.</param>
    public sealed record Position(string? Token, int At, int LoadedUntil, Resync? Resync);
}
