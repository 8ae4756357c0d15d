using Rcc.Contracts.Routing;

namespace Rcc.Core.Routing;

/// <summary>A conversation and the agent who is to get it.</summary>
/// <param name="Conversation">The conversation.</param>
/// <param name="Agent">The agent.</param>
/// <param name="AnswerWithin">How long the agent has to accept it; null: it is given without asking.</param>
public readonly record struct Assignment(Guid Conversation, Guid Agent, TimeSpan? AnswerWithin);

/// <summary>Who gets what, and when it is to be looked at again although nothing happens.</summary>
public sealed record Assignments(IReadOnlyList<Assignment> Picked, DateTimeOffset? LookAgainAt);

/// <summary>
/// Which agent gets which conversation. Pure, and the same for the same snapshot, in whatever order it lists.
/// <para>
/// The most urgent comes first; of these, what waits in the queue of the highest priority; of these, what came first. Each goes to an agent who serves its queue, has all its skills and a free place: to whom is the queue's
/// policy. Who passed on a conversation is asked again only when nobody else could take it, and not at once. What was transferred does not come back to who transferred it. Nothing waits while there is somebody for it, and nobody gets more than its capacity.
/// </para>
/// </summary>
public static class Picking
{
    public static Assignments Pick(RoutingSnapshot snapshot, DateTimeOffset at, TimeSpan offerAgainAfter)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var settings = snapshot.Queues.ToDictionary(queue => queue.Id, queue => queue.State);
        var desks = snapshot.Agents.Where(agent => agent.OpenConversations < agent.Capacity).Select(agent => new Desk(agent)).ToList();
        var queues = new Dictionary<Guid, Line>();
        var picked = new List<Assignment>();
        DateTimeOffset? again = null;
        foreach (var conversation in InOrder(snapshot.Waiting, queue => settings.GetValueOrDefault(queue)?.Priority ?? 0))
        {
            if (desks.Count == 0)
            {
                break;
            }

            if (!queues.TryGetValue(conversation.QueueId, out var line))
            {
                queues[conversation.QueueId] = line = new(settings.GetValueOrDefault(conversation.QueueId) ?? Unset, desks);
            }

            if (line.Choose(conversation, asksAgain: false) is not { } desk)
            {
                if (!line.HasSomebodyFor(conversation))
                {
                    continue;
                }

                // Everybody who could take it has passed on it.
                var askAgainAt = conversation.PassedAt + offerAgainAfter;
                if (askAgainAt > at)
                {
                    again = again < askAgainAt ? again : askAgainAt;
                    continue;
                }

                desk = line.Choose(conversation, asksAgain: true)!;
            }

            picked.Add(new(conversation.Id, desk.Agent.Id, line.AnswerWithin));
            desk.Take(picked.Count);
            if (desk.IsFull)
            {
                desks.Remove(desk);
                foreach (var other in queues.Values)
                {
                    other.Leave(desk);
                }
            }
        }

        return new(picked, again);
    }

    /// <summary>Whether the agent serves the queue, and has all it asks for.</summary>
    public static bool Serves(AvailableAgent agent, QueueState queue)
    {
        ArgumentNullException.ThrowIfNull(agent);
        return Serves(agent.Id, agent.GroupId, agent.Skills, queue);
    }

    /// <summary>As the other, of an agent who need not be available.</summary>
    public static bool Serves(Guid agent, Guid? group, IReadOnlyList<string> skills, QueueState queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        var isNamed = (queue.GroupIds.Count == 0 && queue.AgentIds.Count == 0) || queue.AgentIds.Contains(agent) || (group is { } its && queue.GroupIds.Contains(its));
        return isNamed && queue.Skills.All(skill => skills.Contains(skill, StringComparer.OrdinalIgnoreCase));
    }

    static QueueState Unset { get; } = QueueSnapshot.Default(default).State;

    /// <summary>The order within a queue: the most urgent first, of these whose session lasts longest, of these the lower number.</summary>
    public static IEnumerable<WaitingConversation> InOrder(IEnumerable<WaitingConversation> waiting) => InOrder(waiting, _ => 0);

    static IEnumerable<WaitingConversation> InOrder(IEnumerable<WaitingConversation> waiting, Func<Guid, int> priorityOf) => waiting
        .OrderByDescending(conversation => conversation.Priority)
        .ThenByDescending(conversation => priorityOf(conversation.QueueId))
        .ThenBy(conversation => conversation.SessionSince)
        .ThenBy(conversation => conversation.DisplayId);

    /// <summary>An agent with places left.</summary>
    sealed class Desk(AvailableAgent agent)
    {
        int open = agent.OpenConversations;
        int turn;

        public AvailableAgent Agent => agent;

        public bool IsFull => open >= agent.Capacity;

        /// <summary>Whoever was given one just now is the least idle of all.</summary>
        public (DateTimeOffset LastAssignedAt, int Turn) Idle => turn > 0 ? (DateTimeOffset.MaxValue, turn) : (agent.LastAssignedAt ?? DateTimeOffset.MinValue, 0);

        public int Open => open;

        public void Take(int at) => (open, turn) = (open + 1, at);
    }

    /// <summary>A queue with those of its agents who have places left.</summary>
    sealed class Line(QueueState queue, IEnumerable<Desk> desks)
    {
        readonly List<Desk> serving = [.. desks.Where(desk => Serves(desk.Agent, queue))];

        public TimeSpan? AnswerWithin { get; } = queue.OfferSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

        public bool HasSomebodyFor(WaitingConversation conversation) => serving.Exists(desk => desk.Agent.Id != conversation.TransferredFrom);

        public void Leave(Desk desk) => serving.Remove(desk);

        public Desk? Choose(WaitingConversation conversation, bool asksAgain) => serving
            .Where(desk => desk.Agent.Id != conversation.TransferredFrom && (asksAgain || !conversation.Passed.Contains(desk.Agent.Id)))
            .MinBy(desk => (queue.Policy == QueuePolicy.LeastBusy ? desk.Open : 0, desk.Idle, desk.Agent.Id));
    }
}
