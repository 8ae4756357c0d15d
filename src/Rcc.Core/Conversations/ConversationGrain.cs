using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Core.Agents;
using Rcc.Core.Customers;
using Rcc.Core.Routing;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Conversations;

/// <summary>The single writer of one conversation. Rules are in <see cref="Conversation"/>.</summary>
[GrainType("conversation")]
internal sealed class ConversationGrain(
    IConversationStore store, IAgentStore agents, IQueueStore queues, ICustomerStore customers, ILogStore answers, ISyncStore sync, TimeProvider clock, IOptions<ConversationOptions> options, IOptions<AgentOptions> agentOptions,
    IOptions<CustomerOptions> customerOptions, IOptions<RoutingOptions> routing, ILogger<ConversationGrain> logger)
    : DecidingGrain<ConversationSnapshot>(answers), IConversationGrain
{
    const int MaxDisplayIdTries = 8;

    Guid id;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        (Tenant, id) = TenantId.ParseOf(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public async Task<Answer> OpenAsync(Caller caller, CommandKey? command, Opening opening, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var result = await DecideAndAppendAsync(
                caller,
                command,
                async now => now is not null
                    ? Conversation.TakenId
                    : Conversation.Open(
                        Tenant,
                        id,
                        opening,
                        await GrainFactory.GetGrain<ITenantGrain>(Tenant.Key).TakeDisplayIdAsync(cancellationToken),
                        await CountOpenAsync(opening.ContactId, cancellationToken),
                        await NewSessionAsync(null, opening.QueueId ?? Tenant.Value, cancellationToken),
                        options.Value),
                cancellationToken);

            // Two live copies of the tenant's grain may give one display id twice; whoever comes second takes the next.
            if (result.Verdict != AppendVerdict.Taken || tries == MaxDisplayIdTries)
            {
                return result.Answer;
            }
        }
    }

    public Task<Answer> PostAsync(Caller caller, CommandKey? command, Post post, CancellationToken cancellationToken) =>
        BeginSessionAsync(
            caller,
            command,
            async (now, session) => Conversation.Post(Tenant, now, caller, post, session, options.Value, await FindMentionedAsync(post.Mentions, cancellationToken)),
            cancellationToken);

    public Task<Answer> ResolveAsync(Caller caller, CommandKey? command, string? disposition, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, async now => Conversation.Resolve(Tenant, now, caller, await FindClosingAsync(now, disposition, cancellationToken)), cancellationToken);

    public Task<Answer> ReopenAsync(Caller caller, CommandKey? command, CancellationToken cancellationToken) =>
        BeginSessionAsync(caller, command, (now, session) => new(Conversation.Reopen(Tenant, now, caller, session)), cancellationToken);

    public Task<Answer> AssignAsync(Caller caller, CommandKey? command, Guid? agent, CancellationToken cancellationToken) =>
        CarryOutAsync(
            caller,
            command,
            async now => Conversation.Assign(Tenant, now, caller, agent, await FindAgentAsync(agent, cancellationToken), clock.GetUtcNow()),
            cancellationToken);

    public async Task<bool> GiveAsync(Guid agent, CancellationToken cancellationToken)
    {
        var answer = await CarryOutAsync(
            null,
            null,
            async now => Conversation.Route(
                Tenant, now, await FindAgentAsync(agent, cancellationToken), await FindAgentAsync(now?.State.AssigneeId, cancellationToken), clock.GetUtcNow()),
            cancellationToken);
        return answer.IsOk;
    }

    public async Task<bool> OfferAsync(Guid agent, TimeSpan answerWithin, CancellationToken cancellationToken)
    {
        var answer = await CarryOutAsync(null, null, OfferAsync, cancellationToken);
        return answer.IsOk;

        async ValueTask<Decision<ConversationSnapshot>> OfferAsync(ConversationSnapshot? now)
        {
            var at = clock.GetUtcNow();
            return Conversation.Offer(
                Tenant,
                now,
                await FindAgentAsync(agent, cancellationToken),
                await FindAgentAsync(now?.State.AssigneeId, cancellationToken),
                await ReadOfferAsync(agent, cancellationToken),
                at,
                at + answerWithin);
        }
    }

    public async Task<bool> MoveAsync(Guid from, Guid to, CancellationToken cancellationToken) =>
        (await CarryOutAsync(null, null, now => ConversationRouting.Move(Tenant, now, from, to), cancellationToken)).IsOk;

    public async Task<bool> TellOfflineAsync(string text, CancellationToken cancellationToken) =>
        (await CarryOutAsync(null, null, now => ConversationRouting.TellOffline(Tenant, now, text, Guid.CreateVersion7(), clock.GetUtcNow()), cancellationToken)).IsOk;

    public async Task<Answer> ControlAsync(Caller caller, CommandKey? command, Control control, CancellationToken cancellationToken)
    {
        var answer = control.Operation switch
        {
            ControlOperations.ExecuteMacro => await CarryOutAsync(
                caller, command, async now => await ExecuteAsync(now, caller, await FindMacroAsync(caller, control.MacroId, cancellationToken), cancellationToken), cancellationToken),
            ControlOperations.Reopen => await BeginSessionAsync(
                caller, command, (now, session) => new(Decide(now, new(clock.GetUtcNow(), null, null) { Session = session })), cancellationToken),
            ControlOperations.DeclineOffer => await PassOnAsync(
                caller, command, (now, targets) => new(Decide(now, new(clock.GetUtcNow(), null, targets))), cancellationToken),
            _ => await CarryOutAsync(caller, command, async now => Decide(now, await FindFactsAsync(now, caller, control, cancellationToken)), cancellationToken),
        };
        if (answer.IsOk && control.Operation is (ControlOperations.DeclineOffer or ControlOperations.AcceptOffer))
        {
            GrainFactory.TellOfAnswer(Tenant, caller.PersonId, logger);
        }

        return answer;

        Decision<ConversationSnapshot> Decide(ConversationSnapshot? now, ControlFacts facts) => ConversationControl.Decide(Tenant, now, caller, control, facts, options.Value);
    }

    public async Task TickAsync(CancellationToken cancellationToken)
    {
        Guid? silent = null;
        var answer = await PassOnAsync(null, null, TickAsync, cancellationToken);
        if (answer.IsOk && silent is { } agent)
        {
            await GrainFactory.GetGrain<IAgentGrain>(Tenant.KeyOf(agent)).MissOfferAsync(cancellationToken);
        }

        async ValueTask<Decision<ConversationSnapshot>> TickAsync(ConversationSnapshot? now, Targets? targets)
        {
            var hours = now?.Handling.Targets is null ? null : (await queues.LoadAsync(Tenant, now.Handling.QueueId, cancellationToken))?.State.Hours;
            var decision = Conversation.Tick(Tenant, now, clock.GetUtcNow(), targets, new(hours));
            silent = now?.Handling.Offer is { } offer && decision.Next is { } next && next.Handling.Offer != offer ? offer.AgentId : null;
            return decision;
        }
    }

    public async Task<bool> TakeBackAsync(CancellationToken cancellationToken) =>
        (await CarryOutAsync(
            null,
            null,
            async now => Conversation.TakeBack(Tenant, now, await FindAgentAsync(now?.State.AssigneeId, cancellationToken), clock.GetUtcNow()),
            cancellationToken)).IsOk;

    public Task<Answer> ForgetContactAsync(CancellationToken cancellationToken) => CarryOutAsync(null, null, now => Conversation.ForgetContact(Tenant, now), cancellationToken);

    public Task<Answer> MarkReadAsync(Caller caller, CommandKey? command, Lane lane, long seq, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, now => Conversation.MarkRead(Tenant, now, caller, lane, seq), cancellationToken);

    protected override Task<ConversationSnapshot?> LoadAsync(CancellationToken cancellationToken) => store.LoadAsync(Tenant, id, cancellationToken);

    protected override void OnCommitted(ConversationSnapshot? before, ConversationSnapshot after)
    {
        if (before is not null && before.Revision == after.Revision && before.HandlingRevision == after.HandlingRevision)
        {
            return;
        }

        logger.Moved(Tenant, id, after.State.Status, after.Revision, after.State.AssigneeId);
        if (before is null || before.State.Status != after.State.Status || !before.Agents.SequenceEqual(after.Agents))
        {
            GrainFactory.LookSoon(Tenant, after.State.ContactId, logger);
        }

        // It waits, or takes nobody's capacity any more; or something is due at another time.
        if (Conversation.IsWaiting(after) || after.State.Status != ConversationStatus.Open || before?.DueAt != after.DueAt)
        {
            GrainFactory.LookSoon(Tenant, logger);
        }
    }

    /// <summary>What the rules of the operation ask of the world.</summary>
    async ValueTask<ControlFacts> FindFactsAsync(ConversationSnapshot? now, Caller caller, Control control, CancellationToken cancellationToken)
    {
        var facts = new ControlFacts(clock.GetUtcNow(), null, null);
        return now is null
            ? facts
            : control.Operation switch
            {
                ControlOperations.Transfer => facts with { Targets = await FindTargetsAsync(control.To(TransferKind.Blind), cancellationToken) },
                ControlOperations.Consult => facts with { Targets = await FindTargetsAsync(control.To(TransferKind.Attended), cancellationToken) },
                ControlOperations.Tag => facts with { Tags = new((await customers.LoadSettingsAsync(Tenant, cancellationToken)).Settings, customerOptions.Value.MaxAttributeBytes) },
                ControlOperations.Resolve => facts with { Closing = await FindClosingAsync(now, control.Disposition, cancellationToken) },
                ControlOperations.AddParticipant or ControlOperations.Assign => facts with { Agent = await FindAgentAsync(control.AgentId, cancellationToken) },
                ControlOperations.Monitor or ControlOperations.Barge => facts with { Supervises = await SupervisesAsync(now, caller, cancellationToken) },
                ControlOperations.TakeOver => facts with
                {
                    Supervises = await SupervisesAsync(now, caller, cancellationToken), Agent = await FindAgentAsync(caller.PersonId, cancellationToken),
                },
                ControlOperations.Whisper => facts with
                {
                    Supervises = await SupervisesAsync(now, caller, cancellationToken),
                    Heard = await FindWhispersAsync(now.State.AssigneeId, cancellationToken),
                    Said = await FindWhispersAsync(caller.PersonId, cancellationToken),
                },
                ControlOperations.CompleteTransfer => facts with { Agent = await FindAgentAsync(now.Handling.Transfer?.ConsultantId, cancellationToken) },
                _ => facts,
            };
    }

    async ValueTask<Mentioned?> FindMentionedAsync(ImmutableArray<Guid> mentions, CancellationToken cancellationToken)
    {
        if (mentions.IsEmpty)
        {
            return null;
        }

        List<ConversationAgent> found = [];
        foreach (var mention in mentions)
        {
            found.AddRange(await FindAgentAsync(mention, cancellationToken) is { } agent ? [agent] : []);
        }

        return new(clock.GetUtcNow(), found);
    }

    /// <summary>Null when there is none that the caller may use.</summary>
    async ValueTask<ShortcutState?> FindMacroAsync(Caller caller, Guid? macro, CancellationToken cancellationToken)
    {
        if (macro is not { } named || await sync.FindItemAsync(Tenant, new(ItemKind.Macro, named), cancellationToken) is not { } item)
        {
            return null;
        }

        var state = JsonSerializer.Deserialize(item.State.AsSpan(), ContractJson.Default.ShortcutState)!;
        var group = state is { Scope: ShortcutScope.Group, OwnerId: { } owner } ? await agents.LoadGroupAsync(Tenant, owner, cancellationToken) : null;
        return Shortcut.IsUsableBy(state, caller, await agents.FindGroupOfAsync(caller, cancellationToken), group) ? state : null;
    }

    async ValueTask<Decision<ConversationSnapshot>> ExecuteAsync(ConversationSnapshot? now, Caller caller, ShortcutState? macro, CancellationToken cancellationToken)
    {
        if (now is null || !Conversation.IsVisible(now, caller))
        {
            return Decision.NotFound("conversation");
        }

        if (macro?.Steps is not { } steps)
        {
            return Decision.NotFound("macro");
        }

        var state = now;
        List<Decision<ConversationSnapshot>> done = [];
        foreach (var step in steps)
        {
            var control = Macro.ToControl(step, Guid.CreateVersion7(), clock.GetUtcNow());
            var decision = step.Operation is ControlOperations.Post
                ? Conversation.Post(Tenant, state, caller, new(control.MessageId, step.Lane, "text/plain", control.Text), default, options.Value)
                : ConversationControl.Decide(Tenant, state, caller, control, await FindFactsAsync(state, caller, control, cancellationToken), options.Value);
            if (decision.Refusal is { } refusal)
            {
                return Macro.Refused(done.Count + 1, step, refusal);
            }

            done.Add(decision);
            state = decision.Next!;
        }

        return Macro.Combine(Tenant, now, done);
    }

    async ValueTask<Closing> FindClosingAsync(ConversationSnapshot? now, string? disposition, CancellationToken cancellationToken)
    {
        List<DispositionsState> lists = [];
        foreach (var of in now is { State: { Status: ConversationStatus.Open, InboxId: var inbox }, Handling.QueueId: var queue } ? [inbox, queue] : Array.Empty<Guid>())
        {
            lists.AddRange(await sync.FindItemAsync(Tenant, Dispositions.Key(of), cancellationToken) is { } item ? [Dispositions.Read(item)] : []);
        }

        return new(disposition, lists);
    }

    async Task<WhispersState?> FindWhispersAsync(Guid? person, CancellationToken cancellationToken) =>
        person is { } named && await sync.FindItemAsync(Tenant, new(ItemKind.Whispers, id, named), cancellationToken) is { } item
            ? JsonSerializer.Deserialize(item.State.AsSpan(), ContractJson.Default.WhispersState)
            : null;

    /// <summary>Whether the caller supervises the agent who has the conversation; one that waits, whoever runs a group.</summary>
    async Task<bool> SupervisesAsync(ConversationSnapshot now, Caller caller, CancellationToken cancellationToken)
    {
        var holder = now.State.AssigneeId is { } assignee ? await agents.LoadAsync(Tenant, assignee, cancellationToken) : null;
        var group = holder?.State.GroupId is { } named ? await agents.LoadGroupAsync(Tenant, named, cancellationToken) : null;
        return Supervision.May(caller, group);
    }

    async Task<ConversationAgent?> FindAgentAsync(Guid? agent, CancellationToken cancellationToken) =>
        agent is { } named && await agents.LoadAsync(Tenant, named, cancellationToken) is { } found
            ? new(found.Id, found.Revision, found.State.Suspended, found.State.Availability, found.State.Capacity ?? agentOptions.Value.DefaultCapacity)
            : null;

    async Task<int> CountOpenAsync(Guid contact, CancellationToken cancellationToken)
    {
        var open = new ConversationQuery { ContactId = contact, Status = ConversationStatus.Open, Limit = options.Value.MaxOpenPerContact };
        return (await store.ListAsync(Tenant, open, cancellationToken)).Count;
    }

    /// <summary>Decides with those who may get a transfer that goes on. When the one picked has no capacity left by then it goes on to nobody, and the conversation stays where it is.</summary>
    async Task<Answer> PassOnAsync(
        Caller? caller, CommandKey? command, Func<ConversationSnapshot?, Targets?, ValueTask<Decision<ConversationSnapshot>>> decide, CancellationToken cancellationToken)
    {
        var result = await DecideAndAppendAsync(
            caller,
            command,
            async now => await decide(
                now,
                now?.Handling is { Offer: not null, Transfer: { IsUnderWay: true } transfer }
                    ? await FindTargetsAsync(new(transfer.Kind, transfer.AgentId, transfer.GroupId, transfer.QueueId), cancellationToken)
                    : null),
            cancellationToken);
        return result.Verdict == AppendVerdict.Full ? await CarryOutAsync(caller, command, now => decide(now, null), cancellationToken) : result.Answer;
    }

    /// <summary>Null when there is no such agent, group or queue.</summary>
    async Task<Targets?> FindTargetsAsync(TransferTo to, CancellationToken cancellationToken)
    {
        IReadOnlyList<TransferTarget>? found = to switch
        {
            { AgentId: { } agent } => await FindAgentAsync(agent, cancellationToken) is { } known ? [new(known, await ReadOfferAsync(agent, cancellationToken))] : null,
            { GroupId: { } group } when await agents.LoadGroupAsync(Tenant, group, cancellationToken) is null => null,
            { QueueId: { } queue } => await FindServingAsync(queue, to.Kind, cancellationToken),
            _ => await store.FindTransferTargetsAsync(Tenant, id, to.GroupId, options.Value.MaxTransferTargets, cancellationToken),
        };
        var at = clock.GetUtcNow();
        return found is null ? null : new(at, at + options.Value.TransferAnswerWithin, found);
    }

    /// <summary>Who serves a queue, for whom a consultation may be; null when there is no such queue.</summary>
    async Task<IReadOnlyList<TransferTarget>?> FindServingAsync(Guid id, TransferKind kind, CancellationToken cancellationToken)
    {
        if (QueueSnapshot.Or(await queues.LoadAsync(Tenant, id, cancellationToken), Tenant, id) is not { } queue)
        {
            return null;
        }

        if (kind == TransferKind.Blind)
        {
            return [];
        }

        List<TransferTarget> serving = [];
        foreach (var target in await store.FindTransferTargetsAsync(Tenant, this.id, null, options.Value.MaxTransferTargets, cancellationToken))
        {
            if (await agents.LoadAsync(Tenant, target.Agent.Id, cancellationToken) is { } agent
                && Picking.Serves(new(agent.Id, 0, null, 0) { GroupId = agent.State.GroupId, Skills = agent.State.Skills }, queue.State))
            {
                serving.Add(target);
            }
        }

        return serving;
    }

    async Task<int> ReadOfferAsync(Guid agent, CancellationToken cancellationToken) => (await sync.FindItemAsync(Tenant, new(ItemKind.Offer, id, agent), cancellationToken))?.Revision ?? 0;

    async ValueTask<Session> NewSessionAsync(ConversationAgent? keeper, Guid queue, CancellationToken cancellationToken)
    {
        var settings = (await queues.LoadAsync(Tenant, queue, cancellationToken))?.State;
        var at = clock.GetUtcNow();
        return new(at, Guid.CreateVersion7(), keeper, ServiceLevels.Begin(settings, at, routing.Value.WarnAtPercent));
    }

    /// <summary>Carries out what begins a session of a resolved conversation. If its last agent has no capacity left by then, it waits like a new one.</summary>
    async Task<Answer> BeginSessionAsync(
        Caller caller, CommandKey? command, Func<ConversationSnapshot?, Session, ValueTask<Decision<ConversationSnapshot>>> decide, CancellationToken cancellationToken)
    {
        var result = await DecideAndAppendAsync(caller, command, async now => await decide(now, await NextSessionAsync(now, caller, cancellationToken)), cancellationToken);
        return result.Verdict == AppendVerdict.Full
            ? await CarryOutAsync(
                caller, command, async now => await decide(now, await NewSessionAsync(null, now?.Handling.QueueId ?? Tenant.Value, cancellationToken)), cancellationToken)
            : result.Answer;
    }

    /// <summary>The session that begins if the conversation is reopened; an agent who reopens its own keeps it. An open one has nothing to look up.</summary>
    async ValueTask<Session> NextSessionAsync(ConversationSnapshot? now, Caller caller, CancellationToken cancellationToken)
    {
        if (now?.State is not { Status: ConversationStatus.Resolved } state)
        {
            return default;
        }

        var last = await FindAgentAsync(state.AssigneeId, cancellationToken);
        return await NewSessionAsync(
            last is { IsSuspended: false } && (last.Availability == Availability.Online || last.Id == caller.PersonId) ? last : null, now.Handling.QueueId, cancellationToken);
    }
}
