using System.Collections.Immutable;
using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Customers;
using Rcc.Core.Devices;
using Rcc.Core.Routing;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Tests.Grains;

/// <summary>One tenant of <see cref="MemoryStore"/>.</summary>
sealed class MemoryTenant
{
    readonly Dictionary<(Guid Device, long Number), (BodyHash Hash, Answer Answer)> commands = [];
    readonly Dictionary<(Guid Conversation, Lane Lane), List<NewMessage>> messages = [];
    readonly Dictionary<(Guid Conversation, Guid Person), ParticipantRow> participants = [];
    readonly Dictionary<Guid, long> assignedAt = [];

    public long Newest { get; private set; }

    public TenantRow? Row { get; private set; }

    public Dictionary<ItemKey, StoredItem> Items { get; } = [];

    public Dictionary<(Guid Person, Audience Audience), MembershipState> Members { get; } = [];

    public Dictionary<Guid, ConversationRow> Conversations { get; } = [];

    public Dictionary<Guid, AgentRow> Agents { get; } = [];

    public Dictionary<Guid, GroupRow> Groups { get; } = [];

    public bool IsManaged(Guid agent, Guid master) => Agents[agent] is { Role: Role.Agent } row
        && (row.GroupId is { } group ? Groups[group].MasterAgentId == master : row.CreatedBy == master);

    public Dictionary<Guid, ContactRow> Contacts { get; } = [];

    public Dictionary<Guid, InboxRow> Inboxes { get; } = [];

    public InboxSnapshot SnapshotOf(TenantId id, InboxRow inbox) => new(id, inbox, RevisionOf(inbox))
    {
        Secret = Items.GetValueOrDefault(InboxSecret.Key(inbox.Id)) is { } secret ? InboxSecret.Read(secret.Revision, secret.State.AsSpan()) : new(),
    };

    int RevisionOf(InboxRow inbox) => Items.GetValueOrDefault(new(ItemKind.Inbox, inbox.Id))?.Revision ?? 0;

    public Dictionary<Guid, QueueRow> Queues { get; } = [];

    public List<(QueueWaitRow Row, DateTimeOffset Until)> Waits { get; } = [];

    public Dictionary<Guid, DeviceRow> Devices { get; } = [];

    public Dictionary<(MarkKind Kind, Guid Conversation, Guid Person), (long First, long Second)> Marks { get; } = [];

    public IEnumerable<ParticipantRow> Participants => participants.Values;

    public MemoryDossiers Dossiers => field ??= new(this);

    public List<NewMessage> MessagesOf(Guid conversation, Lane lane)
    {
        if (!messages.TryGetValue((conversation, lane), out var list))
        {
            messages[(conversation, lane)] = list = [];
        }

        return list;
    }

    public AppendResult? FindAnswer(Guid device, CommandKey command) =>
        commands.TryGetValue((device, command.Number), out var first)
            ? first.Hash == command.Hash ? new(AppendVerdict.Duplicate, first.Answer, 0) : new(AppendVerdict.NumberReused, Answer.Done, 0)
            : null;

    public AppendResult Append(Proposal proposal)
    {
        if ((Row is null || Row.Suspended) && !proposal.EvenIfSuspended)
        {
            return Refuse(AppendVerdict.Suspended);
        }

        if (proposal.By is { } by && (!Devices.TryGetValue(by.DeviceId, out var device) || device.SignedOutAt is not null))
        {
            return Refuse(AppendVerdict.SignedOut);
        }

        if (proposal is { By: { } author, Command: { } command } && FindAnswer(author.DeviceId, command) is { } first)
        {
            return first;
        }

        if (!proposal.Fences.All(fence => fence.Holds(Revision(fence.Key)))
            || !proposal.Items.All(item => Revision(item.Key) == item.Revision - 1)
            || proposal.Rows.OfType<GroupRow>().Any(row => row.IsRemoved && IsNamed(row.Id))
            || !proposal.Messages.All(message => MessagesOf(message.ConversationId, message.Lane).Count == message.Seq - 1))
        {
            return Refuse(AppendVerdict.Fenced);
        }

        if (proposal.Claims.Any(claim => LoadOf(claim.AgentId) >= claim.Max))
        {
            return Refuse(AppendVerdict.Full);
        }

        if (FindTaken(proposal) is { } taken)
        {
            return new(AppendVerdict.Taken, Answer.Refused(ErrorCode.Taken, taken), 0);
        }

        Apply(proposal);
        var answer = proposal.Answer.CommittedAt(Callers.Noon);
        if (proposal is { By: { } who, Command: { } key })
        {
            commands.Add((who.DeviceId, key.Number), (key.Hash, answer));
        }

        return new(AppendVerdict.Accepted, answer, ++Newest);
    }

    public ConversationSnapshot? LoadConversation(Guid id) => Items.GetValueOrDefault(new(ItemKind.Conversation, id)) is { } item
        ? new(
            id,
            item.Revision,
            JsonSerializer.Deserialize(item.State.AsSpan(), ContractJson.Default.ConversationState)!,
            Revision(ItemKey.OfHandling(id)),
            JsonSerializer.Deserialize(Items[ItemKey.OfHandling(id)].State.AsSpan(), ContractJson.Default.HandlingState)!,
            Conversations[id].WaitingSince,
            Revision(new(ItemKind.Waiting, id)),
            MessagesOf(id, Lane.Public).Count,
            MessagesOf(id, Lane.Notes).Count)
        {
            Personal = Items.Values.Where(one => one.Key.Id == id && one.Key.Kind is ItemKind.Mention or ItemKind.Whispers).ToImmutableDictionary(one => one.Key, one => one.Revision),
        }
        : null;

    public AgentSnapshot? LoadAgent(Guid id) => Items.GetValueOrDefault(new(ItemKind.Agent, id)) is { } item
        ? new(
            id,
            item.Revision,
            JsonSerializer.Deserialize(item.State.AsSpan(), ContractJson.Default.AgentState)!,
            Agents[id].Email ?? "",
            Agents[id].PasswordHash,
            Agents[id].CreatedBy,
            Revision(new(ItemKind.OpenConversation, id)),
            Revision(new(ItemKind.SignIns, id)),
            [.. Devices.Values.Where(row => row.PersonId == id && row.SignedOutAt is null).Select(row => new DeviceSnapshot(row.Id, Revision(new(ItemKind.Device, row.Id)), row.Name, row.SignedInAt))]) { Invitation = Agents[id].Invitation, SecondFactor = Items.TryGetValue(new(ItemKind.SignIns, id), out var signIns) ? SecondFactor.Read(signIns.State.AsSpan()) : null }
        : null;

    public QueueSnapshot? LoadQueue(Guid id) => Queues.GetValueOrDefault(id)?.Name is not null && Items.GetValueOrDefault(new(ItemKind.Queue, id)) is { } item
        ? new(id, item.Revision, JsonSerializer.Deserialize(item.State.AsSpan(), ContractJson.Default.QueueState)!)
        : null;

    public RoutingSnapshot Routing(int limit) => new(
        [
            .. Conversations.Values
                .Where(row => row.Status == ConversationStatus.Open && row.OfferedTo is null && (row.AssigneeId is not { } holder || Agents[holder].Suspended))
                .GroupBy(row => row.QueueId)
                .SelectMany(queue => queue.OrderByDescending(row => row.Priority).ThenBy(row => row.SessionSince).ThenBy(row => row.DisplayId).Take(limit))
                .Select(row => (Row: row, Handling: LoadConversation(row.Id)!.Handling))
                .Select(waiting => new WaitingConversation
                {
                    Id = waiting.Row.Id,
                    DisplayId = waiting.Row.DisplayId,
                    QueueId = waiting.Row.QueueId,
                    Priority = waiting.Row.Priority,
                    Since = waiting.Row.WaitingSince ?? waiting.Row.OpenedAt,
                    SessionSince = waiting.Row.SessionSince,
                    Passed = waiting.Handling.Passed,
                    PassedAt = waiting.Handling.PassedAt,
                    Overflowed = waiting.Handling.OverflowedFromId is not null,
                    TransferredFrom = waiting.Handling.Transfer is { WaitsInQueue: true, FromId: var from } ? from : null,
                    ToldOffline = waiting.Handling.OfflineSince is not null,
                }),
        ],
        [
            .. Agents.Values.Where(agent => agent is { Availability: Availability.Online, Suspended: false }).Select(agent => new AvailableAgent(
                agent.Id,
                LoadOf(agent.Id),
                assignedAt.TryGetValue(agent.Id, out var at) ? Callers.Noon.AddSeconds(at) : null,
                agent.Capacity ?? new AgentOptions().DefaultCapacity) { GroupId = agent.GroupId, Skills = agent.Skills }),
        ],
        [.. Queues.Keys.Select(LoadQueue).OfType<QueueSnapshot>()]) { HasLines = Conversations.Values.Any(row => row.WaitingSince is not null) };

    /// <summary>What agents cannot keep.</summary>
    public IEnumerable<Guid> Held() => Conversations.Values
        .Where(row => (row.Status == ConversationStatus.Open && row.AssigneeId is { } holder && Agents[holder].Suspended)
            || (row.OfferedTo is { } offered && (Agents[offered].Suspended
                || (Agents[offered].Availability is Availability.Offline or Availability.Away && !row.IsConsulted))))
        .Select(row => row.Id);

    public PlaceInQueue? PlaceOf(Guid id)
    {
        if (!Conversations.TryGetValue(id, out var row))
        {
            return null;
        }

        var ahead = Conversations.Values.Count(other => other.WaitingSince is not null && other.QueueId == row.QueueId
            && (-(int)other.Priority, other.SessionSince, other.DisplayId).CompareTo((-(int)row.Priority, row.SessionSince, row.DisplayId)) < 0);
        return new(
            row.ContactId,
            row.WaitingSince is null ? null : ahead + 1,
            LoadQueue(row.QueueId)?.State,
            [.. Waits.Where(wait => wait.Row.Served && wait.Row.QueueId == row.QueueId).Select(wait => wait.Until)]);
    }

    public IReadOnlyList<QueueLine> Lines(int limit) =>
    [
        .. Conversations.Values.Where(row => row.WaitingSince is not null).GroupBy(row => row.QueueId).Select(line => new QueueLine(
            LoadQueue(line.Key)?.State,
            [.. Waits.Where(wait => wait.Row.Served && wait.Row.QueueId == line.Key).Select(wait => wait.Until)],
            [
                .. line.OrderByDescending(row => row.Priority).ThenBy(row => row.SessionSince).ThenBy(row => row.DisplayId).Take(limit).Select(row => (row.Id, row.ContactId)),
            ])),
    ];

    public DueConversations Due(DateTimeOffset now, DueConversation? after, int limit) => new(
        now,
        [
            .. Conversations.Values.Where(row => row.DueAt <= now).Select(row => new DueConversation(row.Id, row.DueAt!.Value)).OrderBy(due => due.DueAt).ThenBy(due => due.Id)
                .Where(due => after is not { } last || (due.DueAt, due.Id).CompareTo((last.DueAt, last.Id)) > 0).Take(limit),
        ],
        Conversations.Values.Min(row => row.DueAt > now ? row.DueAt : null));

    /// <summary>What the agent serves or is offered.</summary>
    public int LoadOf(Guid agent) =>
        Conversations.Values.Count(row => (row.Status == ConversationStatus.Open && row.AssigneeId == agent) || row.OfferedTo == agent);

    bool IsNamed(Guid group) => Agents.Values.Any(row => row.GroupId == group && !row.Removed) || Queues.Values.Any(row => row.GroupIds.Contains(group));

    static AppendResult Refuse(AppendVerdict verdict) => new(verdict, Answer.Done, 0);

    int Revision(ItemKey key) => Items.GetValueOrDefault(key)?.Revision ?? 0;

    string? FindTaken(Proposal proposal)
    {
        foreach (var row in proposal.Rows)
        {
            switch (row)
            {
                case ConversationRow conversation when Conversations.Values.Any(other => other.DisplayId == conversation.DisplayId && other.Id != conversation.Id):
                    return "The display id is used.";
                case QueueRow { Name: { } name } queue when Queues.Values.Any(other => other.Name == name && other.Id != queue.Id):
                    return "The queue name is used.";
                case AgentRow { Email: not null } agent when Agents.Values.Any(other => other.Email == agent.Email && other.Id != agent.Id):
                    return "The e-mail address is used.";
                case ContactRow { Identifier: { } identifier } contact when Contacts.Values.Any(other => other.Identifier == identifier && other.Id != contact.Id):
                    return "The identifier is used.";
                default:
                    break;
            }
        }

        return Dossiers.FindTaken(proposal) is { } address ? address : proposal.Messages.Any(message => messages.Values.Any(lane => lane.Any(other => other.MessageId == message.MessageId))) ? "The message id is used." : null;
    }

    void Apply(Proposal proposal)
    {
        foreach (var change in proposal.Audiences)
        {
            Members[(change.PersonId, change.Audience)] = change.State;
        }

        foreach (var item in proposal.Items)
        {
            Items[item.Key] = new(item.Key, item.Revision, item.State);
        }

        foreach (var departure in proposal.Departures.Where(departure => departure.Delete))
        {
            Items.Remove(departure.Key);
        }

        foreach (var message in proposal.Messages)
        {
            MessagesOf(message.ConversationId, message.Lane).Add(message);
        }

        foreach (var mark in proposal.Marks)
        {
            var (first, second) = Marks.GetValueOrDefault((mark.Kind, mark.ConversationId, mark.PersonId));
            Marks[(mark.Kind, mark.ConversationId, mark.PersonId)] = (Math.Max(first, mark.First), Math.Max(second, mark.Second));
        }

        Dossiers.Apply(proposal);
        foreach (var row in proposal.Rows)
        {
            Apply(row);
        }
    }

    void Apply(RowWrite row)
    {
        switch (row)
        {
            case TenantRow tenant:
                Row = tenant;
                break;
            case ConversationRow conversation:
                if (conversation.AssigneeId is { } assignee)
                {
                    assignedAt[assignee] = Newest;
                }

                Conversations[conversation.Id] = conversation;
                break;
            case ParticipantRow participant:
                participants[(participant.ConversationId, participant.PersonId)] = participant;
                break;
            case AgentRow agent:
                Agents[agent.Id] = agent;
                break;
            case ContactRow contact:
                Contacts[contact.Id] = contact;
                break;
            case InboxRow { IsRemoved: true } inbox:
                Inboxes.Remove(inbox.Id);
                break;
            case InboxRow inbox:
                Inboxes[inbox.Id] = inbox;
                break;
            case QueueRow queue:
                Queues[queue.Id] = queue;
                break;
            case QueueWaitRow wait:
                Waits.Add((wait, DateTimeOffset.UtcNow));
                break;
            case DeviceRow device:
                Devices.Add(device.Id, device);
                break;
            case KeyRotationRow rotation:
                Devices[rotation.Id] = Devices[rotation.Id] with { CredentialHash = rotation.CredentialHash };
                break;
            case DeviceSignOutRow signOut:
                Devices[signOut.Id] = Devices[signOut.Id] with { SignedOutAt = signOut.SignedOutAt };
                break;
            case GroupRow { IsRemoved: true } gone:
                Groups.Remove(gone.Id);
                break;
            case GroupRow group:
                Groups[group.Id] = group;
                break;
            case AddressRow or ContextDueRow or TaggingRow or SubscriptionRow or ContactSettingsRow:
                break;
            default:
                throw new InvalidOperationException($"{row.GetType().Name} is no row this store knows.");
        }
    }
}
