using System.Globalization;
using System.Text;
using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Delivery;
using Rcc.Contracts.Sync;
using Rcc.Core.Conversations;
using Rcc.Core.Devices;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Postgres.Tests.Sync;

/// <summary>
/// What the contract of the log says, one proposal after the other, in memory. Its numbers are its own and dense, so what it is compared by is order and content, at the ends of batches.
/// </summary>
sealed class LogModel
{
    readonly Dictionary<ItemKey, Stored> items = [];
    readonly Dictionary<ItemKey, (long First, long Second, int Revision, long Number)> marks = [];
    readonly Dictionary<(Guid, Lane), long> lanes = [];
    readonly Dictionary<(Guid, long), (BodyHash Hash, Answer Answer)> commands = [];
    readonly List<(long Number, Audience Audience, LogEntry Entry)> told = [];
    readonly List<Interval> intervals = [];
    readonly HashSet<Guid> signedOut = [];
    readonly HashSet<(Guid Conversation, Guid Person)> joined = [];
    readonly Dictionary<Guid, ConversationStatus> statuses = [];
    readonly Dictionary<(Guid Conversation, Guid Person), ParticipantRow> participants = [];

    public bool IsSuspended { get; private set; }

    public long Newest { get; private set; }

    public long LastSeq(Guid conversation, Lane lane) => lanes.GetValueOrDefault((conversation, lane));

    public int RevisionOf(ItemKey key) => items.TryGetValue(key, out var item) ? item.Revision : 0;

    public ConversationState? StateOf(ItemKey key) =>
        items.TryGetValue(key, out var item) ? JsonSerializer.Deserialize(item.State, ContractJson.Default.ConversationState) : null;

    /// <summary>Judges and applies; the lines are what it told, in order.</summary>
    public (AppendVerdict Verdict, Answer? First, List<string> Lines) Append(Proposal proposal)
    {
        var verdict = Judge(proposal, out var first);
        return verdict == AppendVerdict.Accepted ? (verdict, null, Apply(proposal)) : (verdict, first, []);
    }

    /// <summary>At the end of a run: who has joined is told what it could not know, and nobody else.</summary>
    public List<string> TellWhoJoined()
    {
        List<string> lines = [];
        foreach (var key in marks.Keys.OrderBy(key => key.Id).ThenBy(key => key.Kind).ThenBy(key => key.Sub))
        {
            var who = joined.Where(one => one.Conversation == key.Id && (key.Kind == ItemKind.Receipt || one.Person == key.Sub)).Select(one => Audience.OfPerson(one.Person)).ToList();
            if (who.Count > 0)
            {
                lines.Add(Tell(Entry(key), who));
            }
        }

        joined.Clear();
        return lines;
    }

    /// <summary>What a device gets after a position, by the definition.</summary>
    public List<string> Page(Guid person, long position, SyncFilter filter)
    {
        SortedDictionary<long, IEnumerable<LogEntry>> page = [];
        foreach (var interval in intervals.Where(i => i.Person == person && i.Until > position && !(filter.WithoutNotes && i.Audience.Kind == AudienceKind.Notes)))
        {
            foreach (var (number, _, entry) in told.Where(t => t.Audience == interval.Audience && t.Number > Math.Max(position, interval.Since) && t.Number <= interval.Until))
            {
                if (Filter(number, entry, filter) is { } kept)
                {
                    page[number] = filter.Statuses is not null && kept is ItemEntry { Key: { Kind: ItemKind.Conversation, Id: var conversation } }
                        ? [kept, .. HangingOn(conversation, person, before: number)]
                        : [kept];
                }
            }
        }

        return SaidOnce(page.Values.SelectMany(entries => entries).Select(Show));
    }

    /// <summary>That a conversation is left out is said once a page, so how often depends on where pages are cut.</summary>
    public static List<string> SaidOnce(IEnumerable<string> lines)
    {
        HashSet<string> said = [];
        return [.. lines.Where(line => !line.EndsWith($" {LeftReason.Filtered}", StringComparison.Ordinal) || said.Add(line))];
    }

    /// <summary>What a device gets from nothing, by the definition.</summary>
    public List<string> Snapshot(Guid person, SyncFilter filter)
    {
        var homes = intervals.Where(i => i.Person == person && i.State != MembershipState.Left).Select(i => i.Audience).ToHashSet();
        var seen = items.Where(i => homes.Contains(i.Value.Home)).Select(i => Entry(i.Key))
            .Concat(marks.Keys.Where(key => homes.Contains(Audience.OfConversation(key.Id)) && (key.Kind == ItemKind.Receipt || key.Sub == person)).Select(Entry))
            .Where(entry => !(entry.Key.Kind == ItemKind.Conversation || entry.Key.HangsOnConversation) || Matches(entry.Key.Id, filter));
        return [.. seen.OrderBy(e => e.Key.Kind).ThenBy(e => e.Key.Id).ThenBy(e => e.Key.Sub).Select(Show)];
    }

    public HashSet<Audience> Reads(Guid person, SyncFilter filter) =>
        [.. intervals.Where(i => i.Person == person && i.State == MembershipState.Reads && !(filter.WithoutNotes && i.Audience.Kind == AudienceKind.Notes)).Select(i => i.Audience)];

    public static string Show(LogEntry entry) => entry switch
    {
        MessageEntry { Message: var m } => $"message {m.ConversationId} {m.Lane} {m.Seq} {m.MessageId} {m.PersonId} {Encoding.UTF8.GetString(m.Content.AsSpan())}",
        ItemEntry item => string.Create(CultureInfo.InvariantCulture, $"item {item.Key} {item.Revision} {Convert.ToHexString(item.State.AsSpan())}"),
        LeftEntry left => $"left {left.Key} {left.Reason}",
        MembershipEntry { Change: var c } => $"membership {c}",
        _ => throw new InvalidOperationException(entry.ToString()),
    };

    AppendVerdict Judge(Proposal proposal, out Answer? first)
    {
        first = null;
        if (IsSuspended && !proposal.EvenIfSuspended)
        {
            return AppendVerdict.Suspended;
        }

        if (proposal.By is { } by && signedOut.Contains(by.DeviceId))
        {
            return AppendVerdict.SignedOut;
        }

        if (proposal.Command is { } command && commands.TryGetValue((proposal.By!.Value.DeviceId, command.Number), out var known))
        {
            first = known.Answer;
            return known.Hash == command.Hash ? AppendVerdict.Duplicate : AppendVerdict.NumberReused;
        }

        var holds = proposal.Fences.All(fence => fence.Holds(RevisionOf(fence.Key)))
            && proposal.Items.All(item => RevisionOf(item.Key) == item.Revision - 1)
            && proposal.Messages.All(message => LastSeq(message.ConversationId, message.Lane) == message.Seq - 1);
        return holds ? AppendVerdict.Accepted : AppendVerdict.Fenced;
    }

    List<string> Apply(Proposal proposal)
    {
        List<string> lines = [];
        if (proposal.Command is { } command)
        {
            commands[(proposal.By!.Value.DeviceId, command.Number)] = (command.Hash, proposal.Answer);
        }

        foreach (var row in proposal.Rows)
        {
            Apply(row);
        }

        foreach (var change in proposal.Audiences)
        {
            Apply(change);
            lines.Add(Show(new MembershipEntry(change)));
        }

        foreach (var item in proposal.Items)
        {
            items[item.Key] = new Stored(item.Revision, [.. item.State], item.Home, Newest + 1);
            lines.Add(Tell(new ItemEntry(item.Key, item.Revision, item.State), item.Tell));
        }

        lines.AddRange(proposal.Shown.Select(shown => Tell(new ItemEntry(shown.Key, shown.Revision, shown.State), shown.Tell)));
        foreach (var departure in proposal.Departures)
        {
            if (departure.Delete)
            {
                items.Remove(departure.Key);
            }

            lines.Add(Tell(new LeftEntry(departure.Key, departure.Reason), departure.Tell));
        }

        foreach (var message in proposal.Messages)
        {
            lanes[(message.ConversationId, message.Lane)] = message.Seq;
            lines.Add(Tell(new MessageEntry(message, default), [Audience.OfLane(message.ConversationId, message.Lane)]));
        }

        lines.AddRange(proposal.Marks.Select(Apply).OfType<string>());
        return lines;
    }

    void Apply(RowWrite row)
    {
        switch (row)
        {
            case TenantRow tenant:
                IsSuspended = tenant.Suspended;
                break;
            case DeviceSignOutRow device:
                signedOut.Add(device.Id);
                break;
            case ConversationRow conversation:
                statuses[conversation.Id] = conversation.Status;
                break;
            case ParticipantRow participant:
                participants[(participant.ConversationId, participant.PersonId)] = participant;
                break;
        }
    }

    void Apply(AudienceChange change)
    {
        Newest++;
        var current = intervals.SingleOrDefault(i => i.Person == change.PersonId && i.Audience == change.Audience && i.State != MembershipState.Left);
        if (current is not null && current.State != change.State)
        {
            current.Until = Math.Min(current.Until, Newest);
            current.State = change.State == MembershipState.Rests ? MembershipState.Rests : MembershipState.Left;
        }

        if (current is null && change is { State: MembershipState.Reads, Audience.Kind: AudienceKind.Conversation })
        {
            joined.Add((change.Audience.Id, change.PersonId));
        }

        if (change.State != MembershipState.Left && current?.State is null or MembershipState.Left)
        {
            intervals.Add(new Interval(change.PersonId, change.Audience, Newest)
            {
                Until = change.State == MembershipState.Reads ? long.MaxValue : Newest, State = change.State,
            });
        }
    }

    string? Apply(MarkAdvance mark)
    {
        if (participants.GetValueOrDefault((mark.ConversationId, mark.PersonId)) is not { Left: false } part || (part.Hidden && mark.Kind == MarkKind.Receipt))
        {
            return null;
        }

        var newest = LastSeq(mark.ConversationId, Lane.Public);
        var isReceipt = mark.Kind == MarkKind.Receipt;
        var first = Math.Min(isReceipt ? Math.Max(mark.First, mark.Second) : mark.First, newest);
        var second = Math.Min(mark.Second, isReceipt ? newest : LastSeq(mark.ConversationId, Lane.Notes));
        var key = new ItemKey((ItemKind)mark.Kind, mark.ConversationId, mark.PersonId);
        var now = marks.GetValueOrDefault(key);
        if (first <= now.First && second <= now.Second)
        {
            return null;
        }

        marks[key] = (Math.Max(first, now.First), Math.Max(second, now.Second), now.Revision + 1, Newest + 1);
        return Tell(
            Entry(key),
            !isReceipt ? [Audience.OfPerson(mark.PersonId)]
            : statuses[mark.ConversationId] == ConversationStatus.Open ? [Audience.OfConversation(mark.ConversationId)]
            : [.. participants.Where(p => p.Key.Conversation == mark.ConversationId && !p.Value.Left).Select(p => Audience.OfPerson(p.Key.Person))]);
    }

    string Tell(LogEntry entry, IEnumerable<Audience> audiences)
    {
        Newest++;
        told.AddRange(audiences.Select(audience => (Newest, audience, entry)));
        return Show(entry);
    }

    LogEntry? Filter(long number, LogEntry entry, SyncFilter filter)
    {
        switch (entry)
        {
            case MessageEntry message:
                return Matches(message.Message.ConversationId, filter) ? entry : Filtered(message.Message.ConversationId);
            case ItemEntry item:
                var (revision, since) = marks.TryGetValue(item.Key, out var mark) ? (mark.Revision, mark.Number) : items.TryGetValue(item.Key, out var stored) ? (stored.Revision, stored.Number) : (0, 0);
                return revision != item.Revision || since > number ? null
                    : !(item.Key.Kind == ItemKind.Conversation || item.Key.HangsOnConversation) || Matches(item.Key.Id, filter) ? entry : Filtered(item.Key.Id);
            default:
                return entry;
        }
    }

    /// <summary>What a person's device has of a conversation besides its messages, as far as it is older.</summary>
    IEnumerable<LogEntry> HangingOn(Guid conversation, Guid person, long before)
    {
        var belongs = intervals.Where(i => i.Person == person && i.State != MembershipState.Left).Select(i => i.Audience).ToHashSet();
        var older = marks.Where(mark => (mark.Key.Kind == ItemKind.Receipt || mark.Key.Sub == person) && mark.Value.Number < before).Select(mark => mark.Key)
            .Concat(items.Where(item => item.Key.HangsOnConversation && belongs.Contains(item.Value.Home) && item.Value.Number < before).Select(item => item.Key));
        return older.Where(key => key.Id == conversation).OrderBy(key => key.Kind).ThenBy(key => key.Sub).Select(Entry);
    }

    static LeftEntry Filtered(Guid conversation) => new(new ItemKey(ItemKind.Conversation, conversation), LeftReason.Filtered);

    bool Matches(Guid conversation, SyncFilter filter) => filter.Statuses is null || filter.Statuses.Contains(statuses[conversation]);

    ItemEntry Entry(ItemKey key) => marks.TryGetValue(key, out var mark)
        ? new ItemEntry(key, mark.Revision, [.. key.Kind == ItemKind.Receipt
            ? JsonSerializer.SerializeToUtf8Bytes(new ReceiptState(mark.First, mark.Second), ContractJson.Default.ReceiptState)
            : JsonSerializer.SerializeToUtf8Bytes(new ReadState(mark.First, mark.Second), ContractJson.Default.ReadState)])
        : new ItemEntry(key, items[key].Revision, [.. items[key].State]);

    sealed record Stored(int Revision, byte[] State, Audience Home, long Number);

    sealed record Interval(Guid Person, Audience Audience, long Since)
    {
        public required long Until { get; set; }

        public required MembershipState State { get; set; }
    }
}
