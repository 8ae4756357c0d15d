using System.Collections.Immutable;
using Rcc.Core.Sync;

namespace Rcc.Core.Agents;

public static partial class Agent
{
    /// <summary>A code that is wrong, or was used before: which, nobody is told. Who is signed in stays so.</summary>
    public static Answer WrongCode => Answer.Refused(ErrorCode.Forbidden, "The code is wrong or was used already.");

    /// <summary>Gives the agent a secret, which asks for nothing until a code confirms it. Begun again, what was begun before is good no more.</summary>
    public static Decision<AgentSnapshot> BeginSecondFactor(AgentSnapshot? now, ImmutableArray<byte> secret)
    {
        if (IsGone(now))
        {
            return NotFound;
        }

        if (now.SecondFactor is { Confirmed: true })
        {
            return Answer.Refused(ErrorCode.Conflict, "The agent has a second factor; it must be switched off first.");
        }

        var next = now with { SignIns = now.SignIns + 1, SecondFactor = new() { Secret = secret } };
        return Decision.Accept(next, Unchanged(now) with { Items = [SignInsItem(next)] });
    }

    /// <summary>From now on a code is asked for at each sign-in. <paramref name="taken"/> is what is left of the factor when the code is used.</summary>
    public static Decision<AgentSnapshot> ConfirmSecondFactor(TenantId tenant, AgentSnapshot? now, SecondFactor? taken, ImmutableArray<string> recoveryHashes)
    {
        if (IsGone(now))
        {
            return NotFound;
        }

        if (RefuseConfirmation(now) is { } refusal)
        {
            return refusal;
        }

        return taken is null ? WrongCode : Accept(tenant, now, Confirmed(now, taken, recoveryHashes), "enable_second_factor");
    }

    /// <summary>The agent has new recovery codes, and those before are good no more.</summary>
    public static Decision<AgentSnapshot> RenewRecoveryCodes(AgentSnapshot? now, SecondFactor? taken, ImmutableArray<string> recoveryHashes)
    {
        if (now?.SecondFactor is not { Confirmed: true })
        {
            return NoSecondFactor;
        }

        if (taken is null)
        {
            return WrongCode;
        }

        var next = now with { SignIns = now.SignIns + 1, SecondFactor = taken with { RecoveryHashes = recoveryHashes } };
        return Decision.Accept(next, Unchanged(now) with { Items = [SignInsItem(next)], Act = new("agent", now.Id, "renew_recovery_codes") });
    }

    /// <summary>The agent switches it off, by a code. <paramref name="isRequired"/>: its tenant wants one.</summary>
    public static Decision<AgentSnapshot> DisableSecondFactor(TenantId tenant, AgentSnapshot? now, SecondFactor? taken, bool isRequired)
    {
        if (now?.SecondFactor is not { Confirmed: true })
        {
            return NoSecondFactor;
        }

        if (isRequired || now.State.SecondFactorRequired)
        {
            return Answer.Refused(ErrorCode.Forbidden, "A second factor is required of the agent.");
        }

        return taken is null ? WrongCode : Accept(tenant, now, Without(now), "disable_second_factor");
    }

    /// <summary>Who manages the agent takes it away: the person has lost it.</summary>
    public static Decision<AgentSnapshot> ResetSecondFactor(TenantId tenant, AgentSnapshot? now, Caller caller, GroupSnapshot? group)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (IsGone(now))
        {
            return NotFound;
        }

        // Oneself needs a code: a device left open must not be enough.
        if (caller.PersonId == now.Id || !IsManagedBy(now, group, caller))
        {
            return NotManaged;
        }

        return now.SecondFactor is null ? Decision.Accept(now, Unchanged(now)) : Accept(tenant, now, Without(now), "reset_second_factor");
    }

    static Answer NoSecondFactor => Answer.Refused(ErrorCode.Conflict, "The agent has no second factor.");

    static Answer? RefuseConfirmation(AgentSnapshot now) => now.SecondFactor switch
    {
        null => Answer.Refused(ErrorCode.Conflict, "No second factor was begun."),
        { Confirmed: true } => Answer.Refused(ErrorCode.Conflict, "The second factor was confirmed already."),
        _ => null,
    };

    /// <summary>Whether the second factor lets the agent in; null when it does.</summary>
    static Answer? RefuseSecondFactor(AgentSnapshot now, SignInProof proof, SecondFactor? taken)
    {
        if (proof.IsConfirming)
        {
            return RefuseConfirmation(now) ?? (taken is null ? WrongAtSignIn : null);
        }

        if (now.SecondFactor is { Confirmed: true })
        {
            return proof.Code is null ? Answer.Refused(ErrorCode.SecondFactorRequired, "A code of the second factor is needed.") : taken is null ? WrongAtSignIn : null;
        }

        return proof.SecondFactorIsRequired || (proof.SecondFactorIsOffered && now.State.SecondFactorRequired)
            ? Answer.Refused(ErrorCode.SecondFactorEnrolmentRequired, "A second factor is required of the agent, and it has none yet.")
            : null;
    }

    static Answer WrongAtSignIn => Answer.Refused(ErrorCode.Unauthenticated, WrongCode.Detail);

    static AgentSnapshot Confirmed(AgentSnapshot now, SecondFactor taken, ImmutableArray<string> recoveryHashes) => now with
    {
        Revision = now.Revision + 1,
        State = now.State with { SecondFactor = true },
        SignIns = now.SignIns + 1,
        SecondFactor = taken with { Confirmed = true, RecoveryHashes = recoveryHashes },
    };

    static AgentSnapshot Without(AgentSnapshot now) => now with
    {
        Revision = now.Revision + 1,
        State = now.State with { SecondFactor = false },
        SignIns = now.SignIns + 1,
        SecondFactor = null,
    };

    static Decision<AgentSnapshot> Accept(TenantId tenant, AgentSnapshot before, AgentSnapshot next, string action)
    {
        var change = Change(tenant, before, next);
        return Decision.Accept(next, change with { Items = change.Items.Add(SignInsItem(next)), Act = new("agent", before.Id, action) });
    }
}
