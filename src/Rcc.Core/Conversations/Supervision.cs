using Rcc.Contracts.Agents;
using Rcc.Core.Agents;

namespace Rcc.Core.Conversations;

/// <summary>Who supervises whom. Pure.</summary>
internal static class Supervision
{
    /// <summary>Whether the caller supervises the agents of a group; of those in none, and what waits, whoever manages agents at all.</summary>
    public static bool May(Caller caller, GroupSnapshot? group) =>
        group is null ? caller.IsManager && caller.May(Controls.Supervise) : Group.IsSupervisedBy(group, caller);
}
