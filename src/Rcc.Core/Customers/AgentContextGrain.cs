using Microsoft.Extensions.Options;
using Rcc.Contracts.Customers;
using Rcc.Core.Agents;
using Rcc.Core.Sync;

namespace Rcc.Core.Customers;

/// <summary>The single writer of an agent's context.</summary>
[GrainType("agent-context")]
internal sealed class AgentContextGrain(
    IAgentStore agents, IAgentContextStore store, ICustomerStore due, TimeProvider clock, IOptions<CustomerOptions> options)
    : DecidingGrain<AgentDossier>, IAgentContextGrain
{
    public Task<Answer> SetAsync(Caller caller, CommandKey? command, NewContext context, CancellationToken cancellationToken) =>
        DecideAnewAsync(caller, command, now => AgentContext.Set(now, caller, context, clock.GetUtcNow(), options.Value), cancellationToken);

    public Task<Answer> ClearAsync(Caller caller, CommandKey? command, string name, ContextSource? source, CancellationToken cancellationToken) =>
        DecideAnewAsync(caller, command, now => AgentContext.Clear(now, caller, name, source), cancellationToken);

    public async Task LookAsync(CancellationToken cancellationToken)
    {
        if (await due.FindDueAsync(Tenant, Id, cancellationToken) is not { } reason)
        {
            return;
        }

        var (isDone, latest) = await SettleAsync(now => AgentContext.Look(now, clock.GetUtcNow()), cancellationToken);
        if (isDone)
        {
            await due.SettleAsync(Tenant, Id, reason.Stamp, latest is null ? null : AgentContext.NextExpiry(latest), cancellationToken);
        }
    }

    public async Task<int?> TellAsync(PresenceReport report, CancellationToken cancellationToken)
    {
        var (isDone, latest) = await SettleAsync(now => AgentPresence.Take(now, report), cancellationToken);
        return isDone && (!report.AnyOpen || await agents.KeepPresenceAsync(Tenant, Id, latest!.PresenceRevision, report.GoodFor, cancellationToken)) ? latest!.PresenceRevision : null;
    }

    protected override async Task<AgentDossier?> LoadAsync(CancellationToken cancellationToken) => await store.FindAsync(agents, Tenant, Id, cancellationToken);

    /// <summary>Whether it is as the rules have it now, and what is known of the agent then.</summary>
    async Task<(bool IsDone, AgentDossier? Latest)> SettleAsync(Func<AgentDossier?, Decision<AgentDossier>> decide, CancellationToken cancellationToken)
    {
        AgentDossier? latest = null;
        var answer = await DecideAnewAsync(
            null,
            null,
            now =>
            {
                var decision = decide(now);
                latest = decision.Next ?? now;
                return decision;
            },
            cancellationToken);
        return (answer.IsOk || answer == Contact.Settled, latest);
    }

    /// <summary>An agent's own revision moves often, and in what it takes part stands in nobody's: what is in memory is hardly ever what counts.</summary>
    Task<Answer> DecideAnewAsync(Caller? caller, CommandKey? command, Func<AgentDossier?, Decision<AgentDossier>> decide, CancellationToken cancellationToken)
    {
        Forget();
        return CarryOutAsync(caller, command, decide, cancellationToken);
    }
}
