using Rcc.Replay.Accounts;

namespace Rcc.Replay.Check;

/// <summary>An open conversation with how it is handled, as the store has it.</summary>
/// <param name="Conversation">The conversation.</param>
/// <param name="AssigneeId">The agent who has it; null while it waits.</param>
/// <param name="ReservedFor">The agent it is offered to, or who is consulted.</param>
/// <param name="QueueId">The queue it waits in.</param>
sealed record OpenConversation(Guid Conversation, Guid? AssigneeId, Guid? ReservedFor, Guid QueueId = default);

/// <summary>Recounts from the store what agents hold and what waits.</summary>
static class AgentLoads
{
    /// <summary>Agents who hold more than they may.</summary>
    public static IEnumerable<(ListedAgent Agent, int Load)> Exceeded(IReadOnlyList<ListedAgent> agents, IReadOnlyList<OpenConversation> open) =>
        agents.Select(agent => (agent, Load(agent, open))).Where(one => one.Item2 > one.agent.Capacity);

    /// <summary>Conversations that wait and are offered to nobody, though an agent is available who has a place and serves their queue.</summary>
    public static IReadOnlyList<OpenConversation> Stuck(IReadOnlyList<ListedAgent> agents, IReadOnlyList<OpenConversation> open, Experts? experts = null)
    {
        ListedAgent[] free = [.. agents.Where(agent => agent is { Suspended: false, IsOnline: true } && Load(agent, open) < agent.Capacity)];
        return [.. open.Where(one => one is { AssigneeId: null, ReservedFor: null } && free.Any(agent => one.QueueId != experts?.QueueId || experts.AgentIds.Contains(agent.Id)))];
    }

    static int Load(ListedAgent agent, IReadOnlyList<OpenConversation> open) => open.Count(one => one.AssigneeId == agent.Id || one.ReservedFor == agent.Id);
}
