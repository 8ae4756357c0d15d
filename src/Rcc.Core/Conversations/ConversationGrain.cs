using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
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
    IConversationStore store, ConversationFacts facts, TimeProvider clock, IOptions<ConversationOptions> options, ILogger<ConversationGrain> logger)
    : DecidingGrain<ConversationSnapshot>, IConversationGrain
{
    const int MaxDisplayIdTries = 8;

    public async Task<Answer> OpenAsync(Caller caller, CommandKey? command, Opening opening, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var result = await DecideAndAppendAsync(
                caller,
                command,
                DecideAsync,
                cancellationToken);

            // Two live copies of the tenant's grain may give one display id twice; whoever comes second takes the next.
            if (result.Verdict != AppendVerdict.Taken || tries == MaxDisplayIdTries)
            {
                return result.Answer;
            }
        }

        async ValueTask<Decision<ConversationSnapshot>> DecideAsync(ConversationSnapshot? now)
        {
            if (now is not null)
            {
                return Conversation.TakenId;
            }

            if (await facts.FindContactAsync(Tenant, opening.ContactId, cancellationToken) is not { } customer)
            {
                return Decision.NotFound("contact");
            }

            var inbox = await facts.FindInboxAsync(Tenant, opening.InboxId, cancellationToken);
            if (Inbox.RefuseNew(inbox, opening.DepartmentId) is { } refusal)
            {
                return refusal;
            }

            var queue = opening.DepartmentId ?? inbox!.Row.QueueId;
            return Conversation.Open(
                Tenant,
                Id,
                opening with { ContactName = customer.Contact.Name, ContactRevision = customer.Revision, QueueId = queue, InboxRevision = inbox!.Revision },
                await GrainFactory.GetGrain<ITenantGrain>(Tenant.Key).TakeDisplayIdAsync(cancellationToken),
                await facts.CountOpenAsync(Tenant, opening.ContactId, cancellationToken),
                await facts.NewSessionAsync(Tenant, null, queue ?? Tenant.Value, cancellationToken),
                options.Value,
                await facts.FindAgentAsync(Tenant, opening.AgentId, cancellationToken));
        }
    }

    public Task<Answer> PostAsync(Caller caller, CommandKey? command, Post post, CancellationToken cancellationToken) =>
        BeginSessionAsync(
            caller,
            command,
            async (now, standing, session) => Conversation.Post(
                Tenant,
                now,
                standing,
                post,
                session,
                options.Value,
                await facts.FindMentionedAsync(Tenant, post.Mentions, cancellationToken),
                await facts.FindUnsupervisedAsync(now, caller, cancellationToken)),
            cancellationToken,
            Purpose.TakePart);

    public Task<Answer> ResolveAsync(Caller caller, CommandKey? command, string? disposition, CancellationToken cancellationToken) =>
        ActAsync(caller, command, async (now, standing) => Conversation.Resolve(Tenant, now, standing, await facts.FindClosingAsync(Tenant, now, disposition, cancellationToken)), cancellationToken);

    public Task<Answer> ReopenAsync(Caller caller, CommandKey? command, CancellationToken cancellationToken) =>
        BeginSessionAsync(caller, command, (now, standing, session) => new(Conversation.Reopen(Tenant, now, standing, session)), cancellationToken);

    public Task<Answer> AssignAsync(Caller caller, CommandKey? command, Guid? agent, CancellationToken cancellationToken) =>
        ActAsync(
            caller,
            command,
            async (now, standing) => Conversation.Assign(
                Tenant,
                now,
                standing,
                agent,
                await facts.FindReceiverAsync(Tenant, standing, agent, cancellationToken),
                clock.GetUtcNow(),
                await facts.FindTakenFromAsync(Tenant, now, standing, agent, cancellationToken)),
            cancellationToken);

    public async Task<bool> GiveAsync(Guid agent, CancellationToken cancellationToken)
    {
        var answer = await CarryOutAsync(
            null,
            null,
            async now => Conversation.Route(
                Tenant, now, await facts.FindAgentAsync(Tenant, agent, cancellationToken), await facts.FindAgentAsync(Tenant, now?.State.AssigneeId, cancellationToken), clock.GetUtcNow()),
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
                await facts.FindAgentAsync(Tenant, agent, cancellationToken),
                await facts.FindAgentAsync(Tenant, now?.State.AssigneeId, cancellationToken),
                await facts.ReadOfferAsync(Tenant, Id, agent, cancellationToken),
                at,
                at + answerWithin);
        }
    }

    public async Task<bool> MoveAsync(Guid from, Guid to, CancellationToken cancellationToken) =>
        (await CarryOutAsync(
            null,
            null,
            async now =>
            {
                var (queue, at) = (await facts.FindQueueAsync(Tenant, to, cancellationToken), clock.GetUtcNow());
                return Conversation.Move(Tenant, now, from, to, facts.TargetsIn(now, to, queue, at), Silences.Moved(now?.Handling.Silence, to, queue, at));
            },
            cancellationToken)).IsOk;

    public async Task<bool> TellOfflineAsync(string text, CancellationToken cancellationToken) =>
        (await CarryOutAsync(null, null, now => Conversation.TellOffline(Tenant, now, text, Guid.CreateVersion7(), clock.GetUtcNow()), cancellationToken)).IsOk;

    public async Task<Answer> ControlAsync(Caller caller, CommandKey? command, Control control, CancellationToken cancellationToken)
    {
        return control.Operation switch
        {
            ControlOperations.ExecuteMacro => await CarryOutAsync(
                caller, command, async now => await ExecuteAsync(now, caller, await facts.FindMacroAsync(Tenant, caller, control.MacroId, cancellationToken), cancellationToken), cancellationToken),
            ControlOperations.Reopen => await BeginSessionAsync(
                caller, command, (now, standing, session) => new(Decide(now, standing, new(clock.GetUtcNow(), null, null) { Session = session })), cancellationToken),
            ControlOperations.DeclineOffer => await PassOnAsync(
                caller,
                command,
                async (now, takers) => Decide(
                    now,
                    await facts.FindStandingAsync(now, caller, Purpose.Manage, cancellationToken),
                    new(clock.GetUtcNow(), null, takers.Others) { Missed = await facts.FindMissedAsync(Tenant, now, cancellationToken) }),
                cancellationToken),
            ControlOperations.Transfer or ControlOperations.Consult when control.AgentId is null => (await AskInTurnAsync(
                caller,
                command,
                (now, full) => DecideAsAsync(
                    now,
                    caller,
                    async standing =>
                    {
                        var found = await facts.FindAsync(Tenant, now, standing, control, cancellationToken);
                        return Decide(now, standing, found with { Targets = found.Targets?.Without(full) });
                    },
                    Purpose.Manage,
                    cancellationToken),
                cancellationToken)).Answer,
            _ => await ActAsync(
                caller,
                command,
                async (now, standing) => Decide(now, standing, await facts.FindAsync(Tenant, now, standing, control, cancellationToken)),
                cancellationToken,
                control.Operation is ControlOperations.Monitor or ControlOperations.Whisper or ControlOperations.Barge or ControlOperations.TakeOver ? Purpose.Supervise : Purpose.Manage),
        };

        Decision<ConversationSnapshot> Decide(ConversationSnapshot? now, Standing standing, ControlFacts found) => ConversationControl.Decide(Tenant, now, standing, control, found, options.Value);
    }

    public async Task TickAsync(DateTimeOffset at, CancellationToken cancellationToken)
    {
        Guid? silent = null;
        var answer = await PassOnAsync(null, null, TickAsync, cancellationToken);
        if (answer.IsOk && silent is { } agent)
        {
            await GrainFactory.GetGrain<IAgentGrain>(Tenant.KeyOf(agent)).CheckMissedOffersAsync(cancellationToken);
        }

        async ValueTask<Decision<ConversationSnapshot>> TickAsync(ConversationSnapshot? now, Takers takers)
        {
            var missed = await facts.FindMissedAsync(Tenant, now, cancellationToken);
            var decision = Conversation.Tick(Tenant, now, at, takers, await facts.FindClockAsync(Tenant, now, cancellationToken), missed, await facts.FindSilenceAsync(Tenant, now, at, cancellationToken));
            silent = now?.Handling.Offer is { } offer && decision.Next is { } next && next.Handling.Offer != offer ? missed?.AgentId : null;
            return decision;
        }
    }

    public async Task<bool> GiveBackAsync(CancellationToken cancellationToken) =>
        (await PassOnAsync(null, null, (now, takers) => new(Conversation.GiveBack(Tenant, now, takers.Source, clock.GetUtcNow())), cancellationToken)).IsOk;

    public async Task<bool> TakeBackAsync(CancellationToken cancellationToken) =>
        (await PassOnAsync(
            null,
            null,
            async (now, takers) => Conversation.TakeBack(
                Tenant,
                now,
                await facts.FindAgentAsync(Tenant, now?.State.AssigneeId, cancellationToken),
                await facts.FindAgentAsync(Tenant, now?.ReservedFor, cancellationToken),
                takers.Others,
                clock.GetUtcNow()),
            cancellationToken)).IsOk;

    public Task<Answer> ForgetContactAsync(CancellationToken cancellationToken) => CarryOutAsync(null, null, now => Conversation.ForgetContact(Tenant, now), cancellationToken);

    public Task<Answer> MarkReadAsync(Caller caller, CommandKey? command, Lane lane, long seq, CancellationToken cancellationToken) =>
        ActAsync(caller, command, (now, standing) => new(Conversation.MarkRead(Tenant, now, standing, lane, seq)), cancellationToken, Purpose.TakePart);

    protected override Task<ConversationSnapshot?> LoadAsync(CancellationToken cancellationToken) => store.LoadAsync(Tenant, Id, cancellationToken);

    protected override void OnCommitted(ConversationSnapshot? before, ConversationSnapshot after)
    {
        if (before is not null && before.Revision == after.Revision && before.HandlingRevision == after.HandlingRevision)
        {
            return;
        }

        logger.Moved(Tenant, Id, after.State.Status, after.Revision, after.State.AssigneeId);
        if (before is null || before.State.Status != after.State.Status || !before.Agents.SequenceEqual(after.Agents))
        {
            GrainFactory.LookSoon(Tenant, after.State.ContactId, logger);
        }

        // It waits, or an agent has a place for another; or something is due at another time.
        if (Conversation.IsWaiting(after) || before?.Places.Except(after.Places).Any() == true || before?.DueAt != after.DueAt)
        {
            GrainFactory.LookSoon(Tenant, logger);
        }
    }

    async ValueTask<Decision<ConversationSnapshot>> ExecuteAsync(ConversationSnapshot? now, Caller caller, ShortcutState? macro, CancellationToken cancellationToken)
    {
        var standing = await facts.FindStandingAsync(now, caller, Purpose.Manage, cancellationToken);
        if (now is null || !Conversation.IsVisible(now, standing))
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
                ? Conversation.Post(
                    Tenant,
                    state,
                    standing,
                    new(control.MessageId, step.Lane, "text/plain", control.Text),
                    default,
                    options.Value,
                    unsupervised: await facts.FindUnsupervisedAsync(state, caller, cancellationToken))
                : ConversationControl.Decide(Tenant, state, standing, control, await facts.FindAsync(Tenant, state, standing, control, cancellationToken), options.Value);
            if (decision.Refusal is { } refusal)
            {
                return Macro.Refused(done.Count + 1, step, refusal);
            }

            done.Add(standing.Resting(decision));
            state = decision.Next!;
            standing = await facts.FindStandingAsync(state, caller, Purpose.Manage, cancellationToken);
        }

        return Macro.Combine(Tenant, now, done);
    }

    /// <summary>Carries out what a caller may do by what the conversation is to it, as long as it is that.</summary>
    Task<Answer> ActAsync(
        Caller caller, CommandKey? command, Func<ConversationSnapshot?, Standing, ValueTask<Decision<ConversationSnapshot>>> decide, CancellationToken cancellationToken, Purpose purpose = Purpose.Manage) =>
        CarryOutAsync(caller, command, now => DecideAsAsync(now, caller, standing => decide(now, standing), purpose, cancellationToken), cancellationToken);

    async ValueTask<Decision<ConversationSnapshot>> DecideAsAsync(
        ConversationSnapshot? now, Caller caller, Func<Standing, ValueTask<Decision<ConversationSnapshot>>> decide, Purpose purpose, CancellationToken cancellationToken)
    {
        var standing = await facts.FindStandingAsync(now, caller, purpose, cancellationToken);
        return standing.Resting(await decide(standing));
    }

    /// <summary>Decides whom to ask. Who has no capacity left by then is left out, and the next is asked, until there is none.</summary>
    async Task<AppendResult> AskInTurnAsync(
        Caller? caller, CommandKey? command, Func<ConversationSnapshot?, IReadOnlySet<Guid>, ValueTask<Decision<ConversationSnapshot>>> decide, CancellationToken cancellationToken)
    {
        HashSet<Guid> full = [];
        while (true)
        {
            Guid? asked = null;
            var result = await DecideAndAppendAsync(
                caller,
                command,
                async now =>
                {
                    var decision = await decide(now, full);
                    asked = decision.Next?.Handling.Offer?.AgentId;
                    return decision;
                },
                cancellationToken);
            if (result.Verdict != AppendVerdict.Full || asked is not { } agent || !full.Add(agent))
            {
                return result;
            }
        }
    }

    /// <summary>Decides with those who may get a transfer that goes on or back. When none of them has capacity left, or who had it has none, it is decided without.</summary>
    async Task<Answer> PassOnAsync(
        Caller? caller, CommandKey? command, Func<ConversationSnapshot?, Takers, ValueTask<Decision<ConversationSnapshot>>> decide, CancellationToken cancellationToken)
    {
        var result = await AskInTurnAsync(
            caller,
            command,
            async (now, full) =>
            {
                var takers = await facts.FindTakersAsync(Tenant, now, cancellationToken);
                return await decide(now, takers with { Others = takers.Others?.Without(full) });
            },
            cancellationToken);
        return result.Verdict == AppendVerdict.Full ? await CarryOutAsync(caller, command, now => decide(now, default), cancellationToken) : result.Answer;
    }

    /// <summary>Carries out what begins a session of a resolved conversation. If its last agent has no capacity left by then, it waits like a new one.</summary>
    async Task<Answer> BeginSessionAsync(
        Caller caller, CommandKey? command, Func<ConversationSnapshot?, Standing, Session, ValueTask<Decision<ConversationSnapshot>>> decide, CancellationToken cancellationToken, Purpose purpose = Purpose.Manage)
    {
        var result = await DecideAndAppendAsync(caller, command, now => DecideAsync(now, mayKeep: true), cancellationToken);
        return result.Verdict == AppendVerdict.Full ? await CarryOutAsync(caller, command, now => DecideAsync(now, mayKeep: false), cancellationToken) : result.Answer;

        async ValueTask<Decision<ConversationSnapshot>> DecideAsync(ConversationSnapshot? now, bool mayKeep)
        {
            var session = await facts.NextSessionAsync(Tenant, now, caller, cancellationToken);
            return await DecideAsAsync(now, caller, standing => decide(now, standing, mayKeep ? session : session with { Keeper = null }), purpose, cancellationToken);
        }
    }
}
