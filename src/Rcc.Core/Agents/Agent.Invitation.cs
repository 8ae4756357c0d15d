using System.Collections.Immutable;
using Rcc.Core.Sync;

namespace Rcc.Core.Agents;

/// <summary>How an agent who is invited comes.</summary>
public static partial class Agent
{
    /// <summary>Invites an invited agent again: what it was sent before is good no more.</summary>
    public static Decision<AgentSnapshot> Invite(TenantId tenant, AgentSnapshot? now, Caller caller, GroupSnapshot? group, Invitation invitation)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(invitation);
        if (IsGone(now))
        {
            return NotFound;
        }

        if (!IsManagedBy(now, group, caller))
        {
            return NotManaged;
        }

        if (!now.State.Invited)
        {
            return Answer.Refused(ErrorCode.Conflict, "The agent has come already.");
        }

        var next = now with { Revision = now.Revision + 1, Invitation = invitation };
        return Decision.Accept(next, Change(tenant, now, next) with { Act = new("agent", now.Id, "invite") });
    }

    /// <summary>The invited person comes, with a name and a password of its own. The invitation is used up with it: a second attempt finds none.</summary>
    public static Decision<AgentSnapshot> Accept(TenantId tenant, AgentSnapshot? now, ImmutableArray<byte> hash, string name, string passwordHash, DateTimeOffset at)
    {
        if (IsGone(now) || now.Invitation is not { } invitation || !invitation.Hash.AsSpan().SequenceEqual(hash.AsSpan()) || invitation.ExpiresAt <= at)
        {
            return NoInvitation;
        }

        if (now.State.Suspended)
        {
            return Answer.Refused(ErrorCode.Suspended, "The agent is suspended.");
        }

        var next = now with
        {
            Revision = now.Revision + 1,
            State = now.State with { Name = name, Invited = false },
            PasswordHash = passwordHash,
            Invitation = null,
        };
        return Decision.Accept(next, Change(tenant, now, next) with { Act = new("agent", now.Id, "accept_invitation") });
    }

    /// <summary>There is none, it was used, withdrawn or renewed, or it has expired: which, nobody is told.</summary>
    public static Answer NoInvitation => Answer.Refused(ErrorCode.NotFound, "There is no such invitation, or it was used or has expired.");
}
