using Rcc.Contracts.Sync;
using Rcc.Core.Sync;

namespace Rcc.Core.Agents;

/// <summary>As what an agent stands in the account, and under which address. Neither is the agent's own to decide: whoever has a session of it must not keep the person by it.</summary>
public static partial class Agent
{
    /// <summary>
    /// Makes another of it. Only an administrator does, and never of itself: so whoever makes an administrator something else remains one, and there is always a last. Its devices are signed out, and it comes back as who it
    /// is now. Who is not a sub-agent any more leaves its group.
    /// </summary>
    public static Decision<AgentSnapshot> SetRole(TenantId tenant, AgentSnapshot? now, Caller caller, Role role, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (IsGone(now))
        {
            return NotFound;
        }

        if (caller.Role != Role.Administrator)
        {
            return Answer.Refused(ErrorCode.Forbidden, "Only an administrator decides on roles.");
        }

        if (caller.PersonId == now.Id)
        {
            return Answer.Refused(ErrorCode.Forbidden, "Nobody decides on its own role: another administrator does.");
        }

        if (role is not (Role.Agent or Role.MasterAgent or Role.Administrator))
        {
            return Answer.Refused(ErrorCode.Malformed, "role must be agent, masterAgent or administrator.");
        }

        if (now.State.Role == role)
        {
            return Decision.Accept(now, Unchanged(now));
        }

        var next = now with
        {
            Revision = now.Revision + 1,
            State = now.State with
            {
                Role = role,
                GroupId = role == Role.Agent ? now.State.GroupId : null,
                Controls = role == Role.Administrator ? null : now.State.Controls,
            },
            Devices = [],
        };
        return Decision.Accept(next, SignOutAll(Change(tenant, now, next) with { Act = new("agent", now.Id, "update") { Changes = ChangesOf(now, next) } }, now, now.Devices, at));
    }

    /// <summary>
    /// Gives it another address to sign in with. Who manages it does: of a master agent, whom applications manage, an administrator. An invitation went to the address before, and is good no more.
    /// </summary>
    public static Decision<AgentSnapshot> SetEmail(TenantId tenant, AgentSnapshot? now, Caller caller, GroupSnapshot? group, string email)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (IsGone(now))
        {
            return NotFound;
        }

        if (!IsManagedBy(now, group, caller) || (caller.Role == Role.Application && now.State.Role != Role.Agent))
        {
            return NotManaged;
        }

        if (caller.PersonId == now.Id)
        {
            return Answer.Refused(ErrorCode.Forbidden, "Nobody decides on its own address: another administrator does.");
        }

        if (string.Equals(now.Email, email, StringComparison.Ordinal))
        {
            return Decision.Accept(now, Unchanged(now));
        }

        var next = now with { Revision = now.Revision + 1, Email = email, Invitation = null };
        return Decision.Accept(next, Change(tenant, now, next) with { Act = new("agent", now.Id, "update") { Changes = ChangesOf(now, next) } });
    }
}
