using System.Collections.Immutable;
using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Delivery;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Devices;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Tests.Sync;

/// <summary>One tenant of the <see cref="ModelStore"/>: what an append does, one proposal after the other.</summary>
public sealed partial class ModelTenant(TenantId id, TimeProvider clock)
{
    readonly Lock gate = new();
    readonly List<IReadOnlyList<Proposal>> journal = [];
    List<LogEntry> log = [];
    Dictionary<ItemKey, ModelItem> items = [];
    Dictionary<Audience, List<MessageEntry>> lanes = [];
    Dictionary<(Guid Device, long Number), (BodyHash Hash, Answer Answer)> commands = [];
    Dictionary<Guid, (Guid Person, bool SignedOut)> devices = [];
    Dictionary<Guid, bool> agents = [];
    Dictionary<Guid, ConversationRow> conversations = [];
    Dictionary<(Guid Conversation, Guid Person), ParticipantRow> participants = [];
    List<ModelMembership> memberships = [];
    Dictionary<Guid, long> cutOffs = [];
    bool? suspended;
    long newest;
    long floor;

    /// <summary>Nothing is left of it, as after its deletion.</summary>
    public bool Erased { get; set; }

    public long Newest
    {
        get
        {
            lock (gate)
            {
                return Erased ? 0 : newest;
            }
        }
    }

    public long Floor
    {
        get
        {
            lock (gate)
            {
                return floor;
            }
        }
    }

    public CommittedBatch Append(IReadOnlyList<Proposal> proposals)
    {
        lock (gate)
        {
            journal.Add(proposals);
            return Run(proposals);
        }
    }

    public AppendResult? FindAnswer(Guid device, CommandKey command)
    {
        lock (gate)
        {
            return Repeated(device, command);
        }
    }

    /// <summary>Forgets the entries up to here, as retention does.</summary>
    public void RaiseFloor(long upTo)
    {
        lock (gate)
        {
            floor = Math.Max(floor, Math.Min(upTo, newest));
            log.RemoveAll(entry => entry.ModSeq <= floor && entry is not MessageEntry);
        }
    }

    /// <summary>Commands of the device up to this number are remembered no longer.</summary>
    public void RaiseCutOff(Guid device, long number)
    {
        lock (gate)
        {
            cutOffs[device] = number;
            foreach (var key in commands.Keys.Where(key => key.Device == device && key.Number > 0 && key.Number <= number).ToList())
            {
                commands.Remove(key);
            }
        }
    }

    /// <summary>A backup was restored: only the first batches have ever been.</summary>
    public void RollBack(int batches)
    {
        lock (gate)
        {
            (log, items, lanes, commands, devices, agents) = ([], [], [], [], [], []);
            (conversations, participants, memberships, cutOffs, suspended, newest, floor) = ([], [], [], [], null, 0, 0);
            journal.RemoveRange(batches, journal.Count - batches);
            journal.ForEach(batch => Run(batch));
        }
    }

    CommittedBatch Run(IReadOnlyList<Proposal> proposals)
    {
        var from = newest;
        var first = log.Count;
        var results = proposals.Select(Decide).ToList();
        return new CommittedBatch(from, newest, results, [.. log.Skip(first)]);
    }

    AppendResult Decide(Proposal proposal)
    {
        // Numbers are given out before it is known who is refused: they may have holes.
        var number = newest;
        var last = number + proposal.Audiences.Length + proposal.Items.Length + proposal.Shown.Length + proposal.Departures.Length + proposal.Messages.Length + proposal.Marks.Length;
        if (Refuse(proposal) is { } refusal)
        {
            return refusal;
        }

        var now = clock.GetUtcNow();
        var answer = proposal.Answer.CommittedAt(now);
        if (proposal is { By: { } by, Command: { } command })
        {
            commands[(by.DeviceId, command.Number)] = (command.Hash, answer);
        }

        proposal.Rows.ToList().ForEach(Write);
        var joined = new HashSet<(Guid Conversation, Guid Person)>();
        foreach (var change in proposal.Audiences)
        {
            if (Change(change, ++number) && change.Audience.Kind == AudienceKind.Conversation)
            {
                joined.Add((change.Audience.Id, change.PersonId));
            }

            log.Add(new MembershipEntry(change) { ModSeq = number, Audiences = [Audience.OfPerson(change.PersonId)] });
        }

        foreach (var item in proposal.Items)
        {
            items[item.Key] = new ModelItem(item.Revision, ++number, item.State, item.Home);
            log.Add(new ItemEntry(item.Key, item.Revision, item.State) { ModSeq = number, Audiences = item.Tell });
        }

        foreach (var shown in proposal.Shown)
        {
            log.Add(new ItemEntry(shown.Key, shown.Revision, shown.State) { ModSeq = ++number, Audiences = shown.Tell });
        }

        foreach (var departure in proposal.Departures)
        {
            log.Add(new LeftEntry(departure.Key, departure.Reason) { ModSeq = ++number, Audiences = departure.Tell });
            if (departure.Delete)
            {
                items.Remove(departure.Key);
            }
        }

        foreach (var message in proposal.Messages)
        {
            var lane = Audience.OfLane(message.ConversationId, message.Lane);
            var entry = new MessageEntry(message, now) { ModSeq = ++number, Audiences = [lane] };
            (lanes.TryGetValue(lane, out var messages) ? messages : lanes[lane] = []).Add(entry);
            log.Add(entry);
        }

        foreach (var mark in proposal.Marks)
        {
            Advance(mark, ++number);
        }

        newest = TellMarksAgain(joined, last);
        return new AppendResult(AppendVerdict.Accepted, answer, newest);
    }

    AppendResult? Refuse(Proposal proposal)
    {
        if (suspended is null && !proposal.Rows.Any(row => row is TenantRow) || suspended == true && !proposal.EvenIfSuspended)
        {
            return Refused(AppendVerdict.Suspended);
        }

        if (proposal.By is { } author && !IsLive(author))
        {
            return Refused(AppendVerdict.SignedOut);
        }

        if (proposal is { By: { } by, Command: { } command } && Repeated(by.DeviceId, command) is { } repeated)
        {
            return repeated;
        }

        var moved = proposal.Fences.Any(fence => !fence.Holds(RevisionOf(fence.Key)))
            || proposal.Items.Any(item => RevisionOf(item.Key) != item.Revision - 1)
            || proposal.Messages.GroupBy(message => Audience.OfLane(message.ConversationId, message.Lane)).Any(lane => lane.Min(message => message.Seq) != LastSeq(lane.Key) + 1);
        return moved ? Refused(AppendVerdict.Fenced) : null;
    }

    static AppendResult Refused(AppendVerdict verdict) => new(verdict, Answer.Done, 0);

    AppendResult? Repeated(Guid device, CommandKey command)
    {
        if (commands.TryGetValue((device, command.Number), out var first))
        {
            return first.Hash == command.Hash ? new AppendResult(AppendVerdict.Duplicate, first.Answer, 0) : Refused(AppendVerdict.NumberReused);
        }

        return command.Number > 0 && command.Number <= cutOffs.GetValueOrDefault(device) ? Refused(AppendVerdict.TooOld) : null;
    }

    bool IsLive(Author author) =>
        devices.TryGetValue(author.DeviceId, out var device) && !device.SignedOut && device.Person == author.PersonId && !agents.GetValueOrDefault(author.PersonId);

    int RevisionOf(ItemKey key) => items.TryGetValue(key, out var item) ? item.Revision : 0;

    long LastSeq(Audience lane) => lanes.TryGetValue(lane, out var messages) ? messages.Count : 0;

    void Write(RowWrite row)
    {
        switch (row)
        {
            case TenantRow tenant:
                suspended = tenant.Suspended;
                break;
            case DeviceRow device:
                devices[device.Id] = (device.PersonId, device.SignedOutAt is not null);
                break;
            case DeviceSignOutRow signOut:
                devices[signOut.Id] = (devices[signOut.Id].Person, true);
                break;
            case AgentRow agent:
                agents[agent.Id] = agent.Suspended;
                break;
            case ConversationRow conversation:
                conversations[conversation.Id] = conversation;
                break;
            case ParticipantRow participant:
                participants[(participant.ConversationId, participant.PersonId)] = participant;
                break;
        }
    }

    /// <summary>Memberships are intervals: who left still reads what was told before, and nothing after. True for somebody who did not belong to it.</summary>
    bool Change(AudienceChange change, long at)
    {
        var current = memberships.Find(one => one.Person == change.PersonId && one.Audience == change.Audience && one.State != MembershipState.Left);
        if (current?.State == change.State)
        {
            return false;
        }

        if (current is not null)
        {
            current.Until = Math.Min(current.Until, at);
            current.State = change.State == MembershipState.Rests ? MembershipState.Rests : MembershipState.Left;
        }

        if (change.State == MembershipState.Reads || (change.State == MembershipState.Rests && current is null))
        {
            memberships.Add(new ModelMembership(change.PersonId, change.Audience, at)
            {
                Until = change.State == MembershipState.Reads ? long.MaxValue : at, State = change.State,
            });
        }

        return current is null && change.State == MembershipState.Reads;
    }

    /// <summary>Who joins a conversation does not know its receipts, nor any more its own read position. It is told them as they stand.</summary>
    long TellMarksAgain(HashSet<(Guid Conversation, Guid Person)> joined, long after)
    {
        foreach (var key in items.Keys.Where(key => key.Kind is ItemKind.Receipt or ItemKind.Read).OrderBy(key => key.Id).ThenBy(key => key.Kind).ThenBy(key => key.Sub).ToList())
        {
            ImmutableArray<Audience> tell = [.. joined.Where(one => one.Conversation == key.Id && (key.Kind == ItemKind.Receipt || one.Person == key.Sub)).Select(one => Audience.OfPerson(one.Person))];
            if (!tell.IsEmpty)
            {
                log.Add(new ItemEntry(key, items[key].Revision, items[key].State) { ModSeq = ++after, Audiences = tell });
            }
        }

        return after;
    }

    /// <summary>Forward only, cut at the newest message; of nobody who takes no part.</summary>
    void Advance(MarkAdvance mark, long number)
    {
        var isHidden = participants.TryGetValue((mark.ConversationId, mark.PersonId), out var part) && part.Hidden;
        if (!TakesPart(mark.PersonId, mark.ConversationId) || (isHidden && mark.Kind == MarkKind.Receipt))
        {
            return;
        }

        var key = new ItemKey((ItemKind)mark.Kind, mark.ConversationId, mark.PersonId);
        var last = LastSeq(Audience.OfConversation(mark.ConversationId));
        var first = Math.Min(mark.Kind == MarkKind.Receipt ? Math.Max(mark.First, mark.Second) : mark.First, last);
        var second = Math.Min(mark.Second, mark.Kind == MarkKind.Receipt ? last : LastSeq(Audience.OfNotes(mark.ConversationId)));
        var before = items.TryGetValue(key, out var item) ? item : null;
        var (oldFirst, oldSecond) = before is null ? (0, 0) : Positions(mark.Kind, before.State);
        if (first <= oldFirst && second <= oldSecond)
        {
            return;
        }

        (first, second) = (Math.Max(first, oldFirst), Math.Max(second, oldSecond));
        var state = ImmutableArray.Create(mark.Kind == MarkKind.Receipt
            ? JsonSerializer.SerializeToUtf8Bytes(new ReceiptState(first, second), ContractJson.Default.ReceiptState)
            : JsonSerializer.SerializeToUtf8Bytes(new ReadState(first, second), ContractJson.Default.ReadState));
        var revision = (before?.Revision ?? 0) + 1;
        var home = mark.Kind == MarkKind.Read ? Audience.OfPerson(mark.PersonId) : Audience.OfConversation(mark.ConversationId);
        ImmutableArray<Audience> tell = mark.Kind == MarkKind.Read || StatusOf(mark.ConversationId) == ConversationStatus.Open
            ? [home]
            : [.. participants.Values.Where(one => one.ConversationId == mark.ConversationId && !one.Left).Select(one => Audience.OfPerson(one.PersonId))];
        items[key] = new ModelItem(revision, number, state, home);
        log.Add(new ItemEntry(key, revision, state) { ModSeq = number, Audiences = tell });
    }

    static (long First, long Second) Positions(MarkKind kind, ImmutableArray<byte> state)
    {
        if (kind == MarkKind.Receipt)
        {
            var receipt = JsonSerializer.Deserialize(state.AsSpan(), ContractJson.Default.ReceiptState)!;
            return (receipt.Delivered, receipt.Displayed);
        }

        var read = JsonSerializer.Deserialize(state.AsSpan(), ContractJson.Default.ReadState)!;
        return (read.Seq, read.NotesSeq);
    }

    bool TakesPart(Guid person, Guid conversation) =>
        conversations.TryGetValue(conversation, out var row) && (row.ContactId == person || (participants.TryGetValue((conversation, person), out var part) && !part.Left));

    ConversationStatus? StatusOf(Guid conversation) => conversations.TryGetValue(conversation, out var row) ? row.Status : null;

    sealed record ModelItem(int Revision, long ModSeq, ImmutableArray<byte> State, Audience Home);

    sealed class ModelMembership(Guid person, Audience audience, long since)
    {
        public Guid Person => person;

        public Audience Audience => audience;

        public long Since => since;

        public long Until { get; set; }

        public MembershipState State { get; set; }
    }
}
