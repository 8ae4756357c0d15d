using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Routing;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Customers;
using Rcc.Core.Routing;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Conversations;

/// <summary>What the rules of conversations ask of the world: their grain looks it up here, and decides on it.</summary>
internal sealed class ConversationFacts(
    Reaches reaches, KnownTerms terms, IConversationStore store, IAgentStore agents, IQueueStore queues, ICustomerStore customers, ITenantStore tenants, ISyncStore sync, TimeProvider clock, IOptions<ConversationOptions> options, IOptions<AgentOptions> agentOptions,
    IOptions<CustomerOptions> customerOptions, IOptions<RoutingOptions> routing)
{
    /// <summary>What the rules of a control operation ask.</summary>
    public async ValueTask<ControlFacts> FindAsync(TenantId tenant, ConversationSnapshot? now, Standing caller, Control control, CancellationToken cancellationToken)
    {
        var facts = new ControlFacts(clock.GetUtcNow(), null, null);
        return now is null
            ? facts
            : control.Operation switch
            {
                ControlOperations.AcceptOffer => facts with
                {
                    Missed = await FindMissedAsync(tenant, now, cancellationToken),
                    Formers = now.Handling.Offer?.FromId is null ? 0 : await CountFormersAsync(tenant, cancellationToken),
                },
                ControlOperations.Transfer => facts with
                {
                    Targets = await FindTargetsAsync(tenant, now.Id, control.To(TransferKind.Blind), cancellationToken),
                    Formers = control.QueueId is null ? 0 : await CountFormersAsync(tenant, cancellationToken),
                },
                ControlOperations.Consult => facts with { Targets = await FindTargetsAsync(tenant, now.Id, control.To(TransferKind.Attended), cancellationToken) },
                ControlOperations.Tag => facts with { Tags = new((await customers.LoadSettingsAsync(tenant, cancellationToken)).Settings, customerOptions.Value.MaxAttributeBytes) },
                ControlOperations.Resolve => facts with { Closing = await FindClosingAsync(tenant, now, control.Disposition, cancellationToken) },
                ControlOperations.AddParticipant => facts with { Agent = await FindAgentAsync(tenant, control.AgentId, cancellationToken) },
                ControlOperations.Assign => facts with
                {
                    Agent = await FindReceiverAsync(tenant, caller, control.AgentId, cancellationToken),
                    Queue = await FindTakenFromAsync(tenant, now, caller, control.AgentId, cancellationToken),
                },
                ControlOperations.TakeOver => facts with { Agent = await FindAgentAsync(tenant, caller.PersonId, cancellationToken) },
                ControlOperations.Whisper => facts with
                {
                    Heard = await FindWhispersAsync(tenant, now.Id, now.State.AssigneeId, cancellationToken),
                    Said = await FindWhispersAsync(tenant, now.Id, caller.PersonId, cancellationToken),
                },
                ControlOperations.CancelTransfer when now.Handling.Transfer is { WaitsInQueue: true, FromId: var from } => facts with { Agent = await FindAgentAsync(tenant, from, cancellationToken) },
                ControlOperations.CompleteTransfer => facts with
                {
                    Agent = await FindAgentAsync(tenant, now.Handling.Transfer?.ConsultantId, cancellationToken),
                    Formers = await CountFormersAsync(tenant, cancellationToken),
                },
                _ => facts,
            };
    }

    /// <summary>How many who had a conversation before it is transferred may read on, as the tenant has decided.</summary>
    async ValueTask<int> CountFormersAsync(TenantId tenant, CancellationToken cancellationToken) =>
        (await tenants.LoadAsync(tenant, cancellationToken))?.Policies.AfterTransfer == AfterTransfer.Read ? options.Value.MaxFormers : 0;

    /// <summary>The caller with what the conversation is to it, as far as the purpose asks for it.</summary>
    public async ValueTask<Standing> FindStandingAsync(ConversationSnapshot? now, Caller caller, Purpose purpose, CancellationToken cancellationToken) =>
        now is null || (purpose == Purpose.TakePart && now.TakesPart(caller.PersonId))
            ? Standing.FromCaller(caller)
            : new(caller, await reaches.FindAsync(caller, now.State.AssigneeId, now.Handling.QueueId, purpose == Purpose.Supervise, cancellationToken));

    /// <summary>Why who takes no part may not write along, whoever it is: the tenant has not contracted supervision. Null: it has, or the caller takes part.</summary>
    public async ValueTask<Answer?> FindUnsupervisedAsync(ConversationSnapshot? now, Caller caller, CancellationToken cancellationToken) =>
        now is not null && caller.IsAgent && !now.TakesPart(caller.PersonId) && (await terms.FindAsync(caller.Tenant, cancellationToken))?.Terms.Has(Services.Supervision) != true
            ? Answer.Refused(ErrorCode.NotEntitled, $"The account has not contracted the service {Services.Supervision}.")
            : null;

    /// <summary>As <see cref="FindAgentAsync"/>, and whether a master agent manages it.</summary>
    public async Task<ConversationAgent?> FindReceiverAsync(TenantId tenant, Standing caller, Guid? agent, CancellationToken cancellationToken) =>
        await FindAgentAsync(tenant, agent, cancellationToken) is { } found
            ? found with { ManagedOn = await reaches.FindManagedAsync(caller.Caller, found.Id, cancellationToken) }
            : null;

    /// <summary>Null when there is no such inbox.</summary>
    public Task<InboxSnapshot?> FindInboxAsync(TenantId tenant, Guid inbox, CancellationToken cancellationToken) => tenants.LoadInboxAsync(tenant, inbox, cancellationToken);

    /// <summary>Null when there is no such agent, or none is named.</summary>
    public async Task<ConversationAgent?> FindAgentAsync(TenantId tenant, Guid? agent, CancellationToken cancellationToken) =>
        agent is { } named && await agents.LoadAsync(tenant, named, cancellationToken) is { } found
            ? new(found.Id, found.Revision, found.State.Suspended, found.State.Availability, found.State.Capacity ?? agentOptions.Value.DefaultCapacity)
            {
                GroupId = found.State.GroupId, Skills = found.State.Skills,
            }
            : null;

    /// <summary>What the agent it is offered to has left unanswered; null when it is offered to nobody, or nobody counts.</summary>
    public async ValueTask<MissedOffers?> FindMissedAsync(TenantId tenant, ConversationSnapshot? now, CancellationToken cancellationToken) =>
        agentOptions.Value.MissedOffersUntilAway > 0 && now?.Handling.Offer is { AgentId: var agent }
            ? MissedOffers.Read(agent, await sync.FindItemAsync(tenant, MissedOffers.Key(agent), cancellationToken))
            : null;

    /// <summary>The queue that says whether the caller may take what waits in it; null when it takes nothing, or nobody has changed the queue.</summary>
    public async ValueTask<QueueState?> FindTakenFromAsync(TenantId tenant, ConversationSnapshot? now, Standing caller, Guid? agent, CancellationToken cancellationToken) =>
        now is not null && Conversation.IsWaiting(now) && agent == caller.PersonId ? await FindQueueAsync(tenant, now.Handling.QueueId, cancellationToken) : null;

    /// <summary>The agents a note mentions, as far as there are any; null for a message that mentions nobody.</summary>
    public async ValueTask<Mentioned?> FindMentionedAsync(TenantId tenant, ImmutableArray<Guid> mentions, CancellationToken cancellationToken)
    {
        if (mentions.IsEmpty)
        {
            return null;
        }

        List<ConversationAgent> found = [];
        foreach (var mention in mentions)
        {
            found.AddRange(await FindAgentAsync(tenant, mention, cancellationToken) is { } agent ? [agent] : []);
        }

        return new(clock.GetUtcNow(), found);
    }

    /// <summary>Null when there is none that the caller may use.</summary>
    public async ValueTask<ShortcutState?> FindMacroAsync(TenantId tenant, Caller caller, Guid? macro, CancellationToken cancellationToken)
    {
        if (macro is not { } named || await sync.FindItemAsync(tenant, new(ItemKind.Macro, named), cancellationToken) is not { } item)
        {
            return null;
        }

        var state = item.Read(ContractJson.Default.ShortcutState);
        var group = await agents.FindOwnerAsync(tenant, state, cancellationToken);
        return Shortcut.IsUsableBy(state, caller, await agents.FindGroupOfAsync(caller, cancellationToken), group) ? state : null;
    }

    /// <summary>What the conversation's inbox and queue ask for when it is resolved.</summary>
    public async ValueTask<Closing> FindClosingAsync(TenantId tenant, ConversationSnapshot? now, string? disposition, CancellationToken cancellationToken)
    {
        List<DispositionsState> lists = [];
        foreach (var of in now is { State: { Status: ConversationStatus.Open, InboxId: var inbox }, Handling.QueueId: var queue } ? [inbox, queue] : Array.Empty<Guid>())
        {
            lists.AddRange(await sync.FindItemAsync(tenant, Dispositions.Key(of), cancellationToken) is { } item ? [Dispositions.Read(item)] : []);
        }

        return new(disposition, lists);
    }

    /// <summary>Null when there is no such agent, group or queue.</summary>
    public async Task<Targets?> FindTargetsAsync(TenantId tenant, Guid conversation, TransferTo to, CancellationToken cancellationToken)
    {
        var at = clock.GetUtcNow();
        var queue = to.QueueId is { } named ? QueueSnapshot.Or(await queues.LoadAsync(tenant, named, cancellationToken), tenant, named) : null;
        IReadOnlyList<TransferTarget>? found = to switch
        {
            { AgentId: { } agent } => await FindAgentAsync(tenant, agent, cancellationToken) is { } known ? [new(known, await ReadOfferAsync(tenant, conversation, agent, cancellationToken))] : null,
            { GroupId: { } group } when await agents.LoadGroupAsync(tenant, group, cancellationToken) is null => null,
            { QueueId: not null } => queue is null ? null : to.Kind == TransferKind.Blind ? [] : await store.FindTransferTargetsAsync(tenant, conversation, null, queue.State, options.Value.MaxTransferTargets, cancellationToken),
            _ => await store.FindTransferTargetsAsync(tenant, conversation, to.GroupId, null, options.Value.MaxTransferTargets, cancellationToken),
        };
        if (found is null)
        {
            return null;
        }

        var hours = new BusinessClock(queue?.State.Hours);
        var giveUpAt = at + (queue?.State.TransferSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : options.Value.TransferTakenWithin);
        return new(at, at + options.Value.TransferAnswerWithin, found)
        {
            GiveUpAt = hours.ClosesAt(at) is { } closes && closes < giveUpAt ? closes : giveUpAt,
            IsClosed = !hours.IsOpen(at),
            Service = to.QueueId is { } of ? ServiceLevels.Begin(of, queue?.State, at, routing.Value.WarnAtPercent) : null,
            Queue = queue?.State,
        };
    }

    /// <summary>Who may get what nobody has taken: the others a transfer may be offered, or who gets one back that waits in a queue.</summary>
    public async ValueTask<Takers> FindTakersAsync(TenantId tenant, ConversationSnapshot? now, CancellationToken cancellationToken) => now?.Handling switch
    {
        { Transfer: { WaitsInQueue: true, FromId: var from } } => new(null, await FindAgentAsync(tenant, from, cancellationToken)),
        { Offer: not null, Transfer: { IsUnderWay: true } transfer } =>
            new(await FindTargetsAsync(tenant, now.Id, new(transfer.Kind, transfer.AgentId, transfer.GroupId, transfer.QueueId), cancellationToken), null),
        _ => default,
    };

    /// <summary>The revision of the last offer of the conversation to the agent; 0 for none.</summary>
    public async Task<int> ReadOfferAsync(TenantId tenant, Guid conversation, Guid agent, CancellationToken cancellationToken) =>
        (await sync.FindItemAsync(tenant, new(ItemKind.Offer, conversation, agent), cancellationToken))?.Revision ?? 0;

    /// <summary>The customer, with the revision of its record: what is opened for it rests on that, so that nothing is for one who is erased meanwhile. Null when there is no such contact.</summary>
    public async Task<(ContactSnapshot Contact, int Revision)?> FindContactAsync(TenantId tenant, Guid contact, CancellationToken cancellationToken) =>
        await sync.FindItemAsync(tenant, ContactChange.RecordKey(contact), cancellationToken) is { } record && await customers.FindAsync(tenant, contact, cancellationToken) is { } found
            ? (found, record.Revision)
            : null;

    /// <summary>How many conversations the contact has open, counted up to the limit.</summary>
    public Task<int> CountOpenAsync(TenantId tenant, Guid contact, CancellationToken cancellationToken) =>
        store.CountOpenAsync(tenant, contact, options.Value.MaxOpenPerContact, cancellationToken);

    /// <summary>A session that begins now in the queue.</summary>
    public async ValueTask<Session> NewSessionAsync(TenantId tenant, ConversationAgent? keeper, Guid queue, CancellationToken cancellationToken)
    {
        var settings = await FindQueueAsync(tenant, queue, cancellationToken);
        var at = clock.GetUtcNow();
        return new(at, Guid.CreateVersion7(), keeper, ServiceLevels.Begin(queue, settings, at, routing.Value.WarnAtPercent)) { Silence = Silences.In(queue, settings, at) };
    }

    /// <summary>The session that begins if the conversation is reopened; an agent who reopens its own keeps it. An open one has nothing to look up.</summary>
    public async ValueTask<Session> NextSessionAsync(TenantId tenant, ConversationSnapshot? now, Caller caller, CancellationToken cancellationToken)
    {
        if (now?.State is not { Status: ConversationStatus.Resolved } state)
        {
            return default(Session) with { At = clock.GetUtcNow() };
        }

        var last = await FindAgentAsync(tenant, state.AssigneeId, cancellationToken);
        var session = await NewSessionAsync(
            tenant,
            last is { IsSuspended: false } && (last.Availability == Availability.Online || last.Id == caller.PersonId) ? last : null,
            now.Handling.QueueId,
            cancellationToken);
        return caller.Role == Role.Customer ? session with { Inbox = await FindInboxAsync(tenant, state.InboxId, cancellationToken) } : session;
    }

    /// <summary>The targets of a conversation that goes on to a queue: those it has, or if it has none the queue's.</summary>
    public ServiceTargets? TargetsIn(ConversationSnapshot? now, Guid queue, QueueState? settings, DateTimeOffset at) =>
        now?.Handling.Targets ?? ServiceLevels.Begin(queue, settings, at, routing.Value.WarnAtPercent);

    /// <summary>When the queue is open that asks for the targets of the conversation; one without targets asks for no hours.</summary>
    public async ValueTask<BusinessClock> FindClockAsync(TenantId tenant, ConversationSnapshot? now, CancellationToken cancellationToken) =>
        new(now?.Handling.Targets is { QueueId: var queue } ? (await FindQueueAsync(tenant, queue, cancellationToken))?.Hours : null);

    /// <summary>The settings of a queue; null when nobody has changed it.</summary>
    public async Task<QueueState?> FindQueueAsync(TenantId tenant, Guid queue, CancellationToken cancellationToken) => (await queues.LoadAsync(tenant, queue, cancellationToken))?.State;

    /// <summary>What silence is judged by; null while none has lasted long enough.</summary>
    public async ValueTask<SilenceFacts?> FindSilenceAsync(TenantId tenant, ConversationSnapshot? now, DateTimeOffset at, CancellationToken cancellationToken) => now is not null && Silences.NextAt(now) <= at
        ? new(await FindQueueAsync(tenant, now.Handling.QueueId, cancellationToken), await store.ReadLastWordsAsync(tenant, now.Id, cancellationToken), Guid.CreateVersion7())
        : null;

    async Task<WhispersState?> FindWhispersAsync(TenantId tenant, Guid conversation, Guid? person, CancellationToken cancellationToken) =>
        person is { } named && await sync.FindItemAsync(tenant, new(ItemKind.Whispers, conversation, named), cancellationToken) is { } item
            ? item.Read(ContractJson.Default.WhispersState)
            : null;
}
