using System.Net;
using Rcc.Contracts;
using Rcc.Core;
using Rcc.Core.Access;
using Rcc.Core.Agents;

namespace Rcc.Server.Access;

/// <summary>Tells who an agent is by account, address and password.</summary>
internal sealed class PasswordCheck(AgentDoor agents, Passwords passwords, SignInLimits limits)
{
    static readonly Outcome WrongOwn = Outcome.Refused(ErrorCode.Forbidden, "The current password is wrong.");

    public async Task<Found<AgentLogin>> CheckAsync(string account, string email, string password, IPAddress? address, CancellationToken cancellationToken)
    {
        // Bounded before it becomes a key of the limiter.
        if (account.Length > SignIn.MaxLength || email.Length > SignIn.MaxLength || password.Length > SignIn.MaxPasswordLength) return AgentDoor.WrongLogin;
        var name = $"{account}\n{email.ToLowerInvariant()}";
        if (limits.RefuseAttempt(name, address) is { } tooMany) return tooMany;
        var login = await agents.CheckLoginAsync(account, email, hash => passwords.VerifyAsync(hash, password, cancellationToken), cancellationToken);
        if (login.IsOk) limits.Remember(name, address);
        return login;
    }

    /// <summary>Whether who is signed in knows its own password too. It stays signed in when it does not; guesses count as those of codes do, whatever the address.</summary>
    public async Task<Found<OwnPassword>> CheckOwnAsync(Caller caller, string password, CancellationToken cancellationToken)
    {
        if (password.Length > SignIn.MaxPasswordLength) return WrongOwn;
        if (limits.RefuseCode(caller.Tenant, caller.PersonId) is { } tooMany) return tooMany;
        var own = await agents.FindOwnPasswordAsync(caller, cancellationToken);
        return !own.IsOk || await passwords.VerifyAsync(own.Value.Hash.Length == 0 ? null : own.Value.Hash, password, cancellationToken) ? own : WrongOwn;
    }
}
