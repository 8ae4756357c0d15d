namespace Rcc.Core.Routing;

/// <summary>A conversation and the agent who is to get it.</summary>
public readonly record struct Assignment(Guid Conversation, Guid Agent)
{
    /// <summary>
    /// Gives each waiting conversation, the longest waiting first, to the agent with the fewest open ones; among equals to the one who was given one longest ago; to nobody above its capacity. Pure, and the same for the same snapshot.
    /// </summary>
    public static IReadOnlyList<Assignment> Pick(RoutingSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var turns = new PriorityQueue<AvailableAgent, (int Open, DateTimeOffset LastAssignedAt, int Turn, Guid Id)>();
        foreach (var agent in snapshot.Agents.Where(agent => agent.OpenConversations < agent.Capacity))
        {
            turns.Enqueue(agent, (agent.OpenConversations, agent.LastAssignedAt ?? DateTimeOffset.MinValue, 0, agent.Id));
        }

        var picked = new List<Assignment>();
        foreach (var conversation in snapshot.Waiting)
        {
            if (!turns.TryDequeue(out var agent, out var place))
            {
                break;
            }

            picked.Add(new(conversation, agent.Id));

            // Whoever was given one just now is the least idle of all.
            if (place.Open + 1 < agent.Capacity)
            {
                turns.Enqueue(agent, (place.Open + 1, DateTimeOffset.MaxValue, picked.Count, agent.Id));
            }
        }

        return picked;
    }
}
