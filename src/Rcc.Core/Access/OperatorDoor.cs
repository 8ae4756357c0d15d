using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Core.Sync;

namespace Rcc.Core.Access;

/// <summary>The door to the platform operators themselves: there are several, so that none is the only way in and each stands for what it did.</summary>
public sealed class OperatorDoor(IOperatorStore operators, Admission admission, IOptions<AccessOptions> access)
{
    /// <summary>Adds an operator. <see cref="Outcome.Id"/> names it; <see cref="ErrorCode.Taken"/> when the name is used.</summary>
    public Task<Outcome> AddAsync(Operator caller, string name, string passwordHash, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.CommandAsync(Check(name, passwordHash), async () =>
        {
            var id = Guid.CreateVersion7();
            return await operators.AddOperatorAsync(caller.Id, id, name, passwordHash, cancellationToken)
                ? Answer.Done with { Id = id }
                : Answer.Refused(ErrorCode.Taken, "Another platform operator has this name.");
        });
    }

    /// <summary>Whoever has the machine the server runs on becomes the operator of this name, a new one or one there is.</summary>
    public Task<Outcome> RecoverAsync(string name, string passwordHash, CancellationToken cancellationToken) => admission.CommandAsync(Check(name, passwordHash), async () =>
    {
        await operators.RecoverOperatorAsync(Guid.CreateVersion7(), name, passwordHash, cancellationToken);
        return Answer.Done;
    });

    public Task<Found<Listing<OperatorListing>>> ListAsync(Operator caller, PageOf page, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ListAsync(null, page, (after, limit) => operators.ListOperatorsAsync(after, limit, cancellationToken));
    }

    /// <summary>Disables an operator, which ends its sessions at once, or enables it. The last that can sign in stays.</summary>
    public Task<Outcome> SetDisabledAsync(Operator caller, Guid id, bool disabled, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.CommandAsync(null, async () => await operators.SetOperatorDisabledAsync(caller.Id, id, disabled, cancellationToken) switch
        {
            OperatorDisabling.Unknown => Decision.NotFound("operator"),
            OperatorDisabling.Last => Answer.Refused(ErrorCode.Conflict, "It is the last platform operator that can sign in."),
            _ => Answer.Done,
        });
    }

    /// <summary>Ends all sessions of an operator, at once.</summary>
    public Task<Outcome> EndSessionsAsync(Operator caller, Guid id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.CommandAsync(null, async () => await operators.EndOperatorSessionsAsync(caller.Id, id, cancellationToken) ? Answer.Done : Decision.NotFound("operator"));
    }

    /// <summary>What the calling operator's own password is checked against. Who calls limits how often it is tried.</summary>
    public Task<Found<OperatorLogin>> FindOwnAsync(Operator caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<OperatorLogin>(null, async () => await operators.FindOperatorAsync(caller.Id, cancellationToken) is { } found ? found : Decision.NotFound("operator").ToOutcome());
    }

    /// <summary>The calling operator gives itself another password; <paramref name="login"/> is what the one it has was checked against. Its other sessions end.</summary>
    public Task<Outcome> ChangePasswordAsync(OperatorLogin login, string passwordHash, ReadOnlyMemory<byte> session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(login);
        return admission.CommandAsync(Shape.PasswordHash(passwordHash), async () => await operators.ChangeOperatorPasswordAsync(login.Id, login.PasswordHash, passwordHash, session, cancellationToken)
            ? Answer.Done
            : Answer.Refused(ErrorCode.Conflict, "The password has just been changed."));
    }

    /// <summary>Records that a wrong password was given for the operator.</summary>
    public Task<Outcome> RecordFailedSignInAsync(OperatorLogin login, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(login);
        return admission.CommandAsync(null, async () =>
        {
            await operators.RecordFailedSignInAsync(login.Id, cancellationToken);
            return Answer.Done;
        });
    }

    Outcome? Check(string name, string passwordHash) => Shape.Name(name, "name", access.Value.MaxNameLength) ?? Shape.PasswordHash(passwordHash);
}
