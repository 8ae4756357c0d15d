using System.Net;
using Rcc.Contracts;
using Rcc.Core.Access;
using Rcc.Core.Agents;

namespace Rcc.Server.Access;

/// <summary>Tells who an agent is by account, address and password.</summary>
internal sealed class PasswordCheck(AgentDoor agents, Passwords passwords, SignInLimits limits)
{
    static readonly Outcome Wrong = Outcome.Refused(ErrorCode.Unauthenticated, SignIn.Wrong);

    public async Task<Found<AgentLogin>> CheckAsync(string account, string email, string password, IPAddress? address, CancellationToken cancellationToken)
    {
        // Bounded before it becomes a key of the limiter.
        if (account.Length > SignIn.MaxLength || email.Length > SignIn.MaxLength || password.Length > SignIn.MaxPasswordLength) return Wrong;
        if (limits.RefuseAttempt($"{account}\n{email.ToLowerInvariant()}", address) is { } tooMany) return tooMany;
        var login = await agents.FindLoginAsync(account, email, cancellationToken);
        return await passwords.VerifyAsync(login is { PasswordHash: "" } ? null : login?.PasswordHash, password, cancellationToken) && login is not null ? login : Wrong;
    }
}
