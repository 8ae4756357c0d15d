using Microsoft.Extensions.Logging;
using Rcc.Contracts;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;

namespace Rcc.Core.Access;

/// <summary>Lets the action record know what people and applications were refused for want of a right or a service (catalogue <c>DENY</c>).</summary>
public sealed class RefusalDoor(IGrainFactory grains, Admission admission, ILogger<RefusalDoor> logger)
{
    /// <summary>Records an administrative or control command that was refused so; others, and customers', are none of the record's. That the record is out of reach is logged, and refuses nothing a second time.</summary>
    public Task RecordAsync(Caller caller, RefusedCommand refused)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(refused);
        return refused.IsRecorded && (caller.IsAgent || caller.Role == Role.Application)
            ? admission.CommandAsync(null, () => grains.GetGrain<IRefusalGrain>(caller.Tenant.KeyOf(caller.PersonId)).RecordAsync(caller, refused, CancellationToken.None))
            : Task.CompletedTask;
    }

    /// <summary>
    /// Records that somebody wanted to sign in as an agent and did not get in: no password or code of the agent's, or it is suspended. That a second factor is asked for, or that there were too many attempts, is no failure
    /// of this kind. An address that is no agent's leaves nothing: there is no account whose record it would be. Nobody waits for it: how long a refusal takes must not tell whether there is such an agent.
    /// </summary>
    public void RecordSignInSoon(AgentLogin login, Outcome outcome)
    {
        ArgumentNullException.ThrowIfNull(login);
        ArgumentNullException.ThrowIfNull(outcome);
        RecordSignInSoon(login.Tenant, login.AgentId, outcome);
    }

    internal void RecordSignInSoon(TenantId tenant, Guid agent, Outcome outcome)
    {
        if (outcome.Code is ErrorCode.Unauthenticated or ErrorCode.Suspended)
        {
            _ = RecordSignInAsync(tenant, agent, outcome.Code);
        }
    }

    async Task RecordSignInAsync(TenantId tenant, Guid agent, ErrorCode why)
    {
        try
        {
            await admission.CommandAsync(null, () => grains.GetGrain<IRefusalGrain>(tenant.KeyOf(agent)).RecordSignInAsync(why, CancellationToken.None));
        }
        catch (Exception defect)
        {
            // Nobody else would hear of it.
            logger.SignInNotRecorded(defect, tenant, agent);
        }
    }
}
