using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Sync;

namespace Rcc.Core.Access;

/// <summary>Sees to it that no group is left with a master agent who can run it no more.</summary>
public sealed class GroupSuccession(IGrainFactory grains, IAgentStore agents)
{
    /// <summary>An application is nobody who could run a group: what it takes away must run none. Null when that is so.</summary>
    internal async Task<Answer?> RefuseAsync(Caller caller, Guid agent, CancellationToken cancellationToken) =>
        caller.Role == Role.Application && (await agents.ListRunAsync(caller.Tenant, agent, 1, cancellationToken)).Count > 0
            ? Answer.Refused(ErrorCode.Conflict, "The agent runs teams; they must be given to another master agent first.")
            : null;

    /// <summary>Gives the caller the groups of an agent who is signed out everywhere, and so makes no more of them. Null when all are the caller's.</summary>
    internal async Task<Answer?> TakeAsync(Caller caller, Guid agent, CancellationToken cancellationToken)
    {
        foreach (var group in await agents.ListRunAsync(caller.Tenant, agent, int.MaxValue, cancellationToken))
        {
            var taken = await grains.GetGrain<IGroupGrain>(caller.Tenant.KeyOf(group)).ChangeAsync(caller, null, new() { MasterAgentId = caller.PersonId }, cancellationToken);
            if (!taken.IsOk && taken.Code != ErrorCode.NotFound)
            {
                return taken;
            }
        }

        return null;
    }
}
