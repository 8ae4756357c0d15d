using System.Collections.Immutable;
using Rcc.Core.Sync;

namespace Rcc.Core.Agents;

public static partial class Agent
{
    /// <summary>A code that is wrong, or was used before: which, nobody is told. Who is signed in stays so.</summary>
    public static Answer WrongCode => Answer.Refused(ErrorCode.Forbidden, "The code is wrong or was used already.");

    static Answer LostSecret => Answer.Refused(
        ErrorCode.SecretLost,
        "The secret of the agent's second factor cannot be opened with this server's keys. Who manages the agent must reset its second factor, or it uses a recovery code; then it enrols again.");

    /// <summary>
    /// Gives the agent a secret, which asks for nothing until a code confirms it. Begun again, what was begun before is good no more.
    /// <paramref name="passwordHash"/> is what its password was compared with: a device left open must not be enough to take the way in over.
    /// </summary>
    public static Decision<AgentSnapshot> BeginSecondFactor(AgentSnapshot? now, ImmutableArray<byte> secret, string passwordHash)
    {
        if (IsGone(now))
        {
            return NotFound;
        }

        if (now.SecondFactor is { Confirmed: true })
        {
            return Answer.Refused(ErrorCode.Conflict, "The agent has a second factor; it must be switched off first.");
        }

        if (!HasPassword(now, passwordHash))
        {
            return Changed;
        }

        var next = now with { SignIns = now.SignIns + 1, SecondFactor = new() { Secret = secret } };
        return Decision.Accept(next, Unchanged(now) with { Items = [SignInsItem(next)] });
    }

    /// <summary>From now on a code is asked for at each sign-in. <paramref name="code"/> is what its code was found to be.</summary>
    public static Decision<AgentSnapshot> ConfirmSecondFactor(TenantId tenant, AgentSnapshot? now, CodeCheck code, ImmutableArray<string> recoveryHashes)
    {
        if (IsGone(now))
        {
            return NotFound;
        }

        if (RefuseConfirmation(now) is { } refusal)
        {
            return refusal;
        }

        return code.Left is { } left ? Accept(tenant, now, Confirmed(now, left, recoveryHashes), "enable_second_factor") : Wrong(code);
    }

    /// <summary>The agent has new recovery codes, and those before are good no more.</summary>
    public static Decision<AgentSnapshot> RenewRecoveryCodes(AgentSnapshot? now, CodeCheck code, ImmutableArray<string> recoveryHashes)
    {
        if (now?.SecondFactor is not { Confirmed: true })
        {
            return NoSecondFactor;
        }

        if (code.Left is not { } left)
        {
            return Wrong(code);
        }

        var next = now with { SignIns = now.SignIns + 1, SecondFactor = left with { RecoveryHashes = recoveryHashes } };
        return Decision.Accept(next, Unchanged(now) with { Items = [SignInsItem(next)], Act = new("agent", now.Id, "renew_recovery_codes") });
    }

    /// <summary>The agent switches it off, by a code. <paramref name="isRequired"/>: its tenant wants one.</summary>
    public static Decision<AgentSnapshot> DisableSecondFactor(TenantId tenant, AgentSnapshot? now, CodeCheck code, bool isRequired)
    {
        if (now?.SecondFactor is not { Confirmed: true })
        {
            return NoSecondFactor;
        }

        if (isRequired || now.State.SecondFactorRequired)
        {
            return Answer.Refused(ErrorCode.Forbidden, "A second factor is required of the agent.");
        }

        return code.Left is null ? Wrong(code) : Accept(tenant, now, Without(now), "disable_second_factor");
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

        if (IsOutsideKey(caller, now.State.Role))
        {
            return Answer.Refused(ErrorCode.Forbidden, "A key takes no master agent's second factor away.");
        }

        return now.SecondFactor is null ? Decision.Accept(now, Unchanged(now)) : Accept(tenant, now, Without(now), "reset_second_factor");
    }

    /// <summary>Whether the agent has proved to be more than whoever holds its device; null when it has.</summary>
    static Answer? RefuseProof(AgentSnapshot now, SignInProof? proof, CodeCheck code) => proof switch
    {
        null => Answer.Refused(ErrorCode.Forbidden, "One's own password is changed in one's profile, with the current one or a code of the second factor."),
        { Code: not null } => now.SecondFactor is not { Confirmed: true } ? NoSecondFactor : code.Left is null ? Wrong(code) : null,
        _ => HasPassword(now, proof.PasswordHash) ? null : Changed,
    };

    static bool HasPassword(AgentSnapshot now, string hash) => hash.Length > 0 && string.Equals(now.PasswordHash, hash, StringComparison.Ordinal);

    static Answer Changed => Answer.Refused(ErrorCode.Forbidden, "The password has just been changed.");

    static Answer NoSecondFactor => Answer.Refused(ErrorCode.Conflict, "The agent has no second factor.");

    static Answer? RefuseConfirmation(AgentSnapshot now) => now.SecondFactor switch
    {
        null => Answer.Refused(ErrorCode.Conflict, "No second factor was begun."),
        { Confirmed: true } => Answer.Refused(ErrorCode.Conflict, "The second factor was confirmed already."),
        _ => null,
    };

    /// <summary>Whether the second factor lets the agent in; null when it does.</summary>
    static Answer? RefuseSecondFactor(AgentSnapshot now, SignInProof proof, CodeCheck code)
    {
        if (proof.IsConfirming)
        {
            return RefuseConfirmation(now) ?? (code.Left is null ? WrongAtSignIn(code) : null);
        }

        if (now.SecondFactor is { Confirmed: true })
        {
            return proof.Code is null ? Answer.Refused(ErrorCode.SecondFactorRequired, "A code of the second factor is needed.") : code.Left is null ? WrongAtSignIn(code) : null;
        }

        return proof.SecondFactorIsRequired || (proof.SecondFactorIsOffered && now.State.SecondFactorRequired)
            ? Answer.Refused(ErrorCode.SecondFactorEnrolmentRequired, "A second factor is required of the agent, and it has none yet.")
            : null;
    }

    static Answer Wrong(CodeCheck code) => code.IsLost ? LostSecret : WrongCode;

    static Answer WrongAtSignIn(CodeCheck code) => code.IsLost ? LostSecret : Answer.Refused(ErrorCode.Unauthenticated, WrongCode.Detail);

    static AgentSnapshot Confirmed(AgentSnapshot now, SecondFactor left, ImmutableArray<string> recoveryHashes) => now with
    {
        Revision = now.Revision + 1,
        State = now.State with { SecondFactor = true },
        SignIns = now.SignIns + 1,
        SecondFactor = left with { Confirmed = true, RecoveryHashes = recoveryHashes },
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
