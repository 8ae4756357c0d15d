using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Core.Agents;
using Rcc.Core.Routing;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Conversations;

/// <summary>The single writer of one conversation. Rules are in <see cref="Conversation"/>.</summary>
[GrainType("conversation")]
internal sealed class ConversationGrain(
    IConversationStore store, IAgentStore agents, ILogStore answers, TimeProvider clock, IOptions<ConversationOptions> options, ILogger<ConversationGrain> logger)
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
                        NewSession(keepsAssignee: false),
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
        CarryOutAsync(
            caller,
            command,
            async now => Conversation.Post(Tenant, now, caller, post, await NextSessionAsync(now, cancellationToken), options.Value),
            cancellationToken);

    public Task<Answer> ResolveAsync(Caller caller, CommandKey? command, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, now => Conversation.Resolve(Tenant, now, caller), cancellationToken);

    public Task<Answer> ReopenAsync(Caller caller, CommandKey? command, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, async now => Conversation.Reopen(Tenant, now, caller, await NextSessionAsync(now, cancellationToken)), cancellationToken);

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

    public Task<Answer> MarkReadAsync(Caller caller, CommandKey? command, Lane lane, long seq, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, now => Conversation.MarkRead(Tenant, now, caller, lane, seq), cancellationToken);

    protected override Task<ConversationSnapshot?> LoadAsync(CancellationToken cancellationToken) => store.LoadAsync(Tenant, id, cancellationToken);

    protected override void OnCommitted(ConversationSnapshot? before, ConversationSnapshot after)
    {
        if (before?.Revision == after.Revision)
        {
            return;
        }

        logger.Moved(Tenant, id, after.State.Status, after.Revision, after.State.AssigneeId);
        if (Conversation.IsWaiting(after))
        {
            GrainFactory.LookSoon(Tenant, logger);
        }
    }

    async Task<AgentSnapshot?> FindAgentAsync(Guid? agent, CancellationToken cancellationToken) =>
        agent is { } named ? await agents.LoadAsync(Tenant, named, cancellationToken) : null;

    async Task<int> CountOpenAsync(Guid contact, CancellationToken cancellationToken)
    {
        var open = new ConversationQuery { ContactId = contact, Status = ConversationStatus.Open, Limit = options.Value.MaxOpenPerContact };
        return (await store.ListAsync(Tenant, open, cancellationToken)).Count;
    }

    Session NewSession(bool keepsAssignee) => new(clock.GetUtcNow(), Guid.CreateVersion7(), keepsAssignee);

    /// <summary>The session that begins if the conversation is reopened. An open one has nothing to look up.</summary>
    async ValueTask<Session> NextSessionAsync(ConversationSnapshot? now, CancellationToken cancellationToken) =>
        now?.State is { Status: ConversationStatus.Resolved } state
            ? NewSession(await FindAgentAsync(state.AssigneeId, cancellationToken) is { State: { Suspended: false, Availability: Availability.Online } })
            : default;
}
