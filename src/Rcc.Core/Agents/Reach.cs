using System.Collections.Immutable;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Routing;
using Rcc.Contracts.Sync;
using Rcc.Core.Routing;
using Rcc.Core.Sync;

namespace Rcc.Core.Agents;

/// <summary>
/// What a conversation is to a caller who need not take part in it. Pure, and the one place that says so.
/// <para>
/// An administrator and an application have every conversation of the tenant. A master agent has those of the agents it manages, and of those that no agent has, what is in a queue that is its own, or that it or a group it
/// runs serves (RCC-36). In all others it is what a sub-agent is: it takes part, is offered something, or has no more to do with them than anybody. A sub-agent has none.
/// </para>
/// </summary>
/// <param name="Manages">May do what the agent who has it may, without taking part.</param>
/// <param name="Supervises">May monitor, whisper, barge in and take over.</param>
/// <param name="RestsOn">What must still be so when something decided on it is committed.</param>
public sealed record Reach(bool Manages, bool Supervises, ImmutableArray<ItemFence> RestsOn)
{
    /// <summary>Nothing beyond taking part.</summary>
    public static Reach None { get; } = new(false, false, []);

    /// <summary>As far as the role alone says: the rest is <see cref="Over"/> and <see cref="In"/>.</summary>
    public static Reach Of(Caller caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return caller.Role switch
        {
            Role.Administrator => new(true, caller.May(Controls.Supervise), []),
            Role.Application => new(true, false, []),
            _ => None,
        };
    }

    /// <summary>Of a conversation that an agent has, or had when it was resolved. <paramref name="group"/> is the group the agent is in.</summary>
    public static Reach Over(Caller caller, AgentSnapshot agent, GroupSnapshot? group)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(agent);
        if (caller.Role is not (Role.MasterAgent or Role.Agent))
        {
            return Of(caller);
        }

        var manages = Agent.IsManagedBy(agent, group, caller);
        var supervises = group is null ? manages && caller.May(Controls.Supervise) : Group.IsSupervisedBy(group, caller);
        return manages || supervises ? new(manages, supervises, Agent.GroundsOf(agent, group)) : None;
    }

    /// <summary>Of a conversation that no agent has. <paramref name="queue"/> is where it is, null when nobody has changed it or it was removed; <paramref name="serving"/> are the groups it names.</summary>
    public static Reach In(Caller caller, Guid id, QueueSnapshot? queue, IReadOnlyList<GroupSnapshot> serving)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(serving);
        if (caller.Role != Role.MasterAgent)
        {
            return Of(caller);
        }

        var settings = queue?.State ?? QueueSnapshot.Default(caller.Tenant).State;
        var own = serving.Where(group => group.State.MasterAgentId == caller.PersonId).ToList();
        if (!IsServedBy(settings, caller.PersonId, [.. own.Select(group => group.Id)]))
        {
            return None;
        }

        // Of several groups that give it any will do.
        var needed = IsServedBy(settings, caller.PersonId, []) ? null : own.First(group => settings.GroupIds.Contains(group.Id));
        var fence = new ItemFence(new(ItemKind.Queue, id), queue?.Revision ?? 0);
        return new(true, caller.May(Controls.Supervise), needed is null ? [fence] : [fence, needed.Fence]);
    }

    /// <summary>Whether a queue is the master agent's own, or served by it or by groups it runs. One that names nobody is served by all.</summary>
    internal static bool IsServedBy(QueueState queue, Guid master, IReadOnlyCollection<Guid> run) =>
        queue.MasterAgentId == master || queue.AgentIds.Contains(master) || queue.GroupIds.Any(run.Contains) || (queue.GroupIds.Count == 0 && queue.AgentIds.Count == 0);
}
