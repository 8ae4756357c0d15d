using Rcc.Core.Agents;

namespace Rcc.Core.Customers;

/// <summary>Reads of agents' context. It is written through the log only.</summary>
public interface IAgentContextStore
{
    /// <summary>The agent's context with what its rules rest on. Of <paramref name="viewers"/> those who are agents and were not removed.</summary>
    Task<AgentDossier> LoadAsync(TenantId tenant, AgentSnapshot agent, GroupSnapshot? group, IReadOnlyCollection<Guid> viewers, CancellationToken cancellationToken);
}

/// <summary>Finds an agent with its context.</summary>
internal static class AgentDossiers
{
    public static async Task<AgentDossier?> FindAsync(this IAgentContextStore store, IAgentStore agents, TenantId tenant, Guid id, CancellationToken cancellationToken)
    {
        if (await agents.LoadAsync(tenant, id, cancellationToken) is not { } agent)
        {
            return null;
        }

        var group = agent.State.GroupId is { } named ? await agents.LoadGroupAsync(tenant, named, cancellationToken) : null;
        return await store.LoadAsync(tenant, agent, group, AgentDossier.ViewersOf(agent, group), cancellationToken);
    }
}
