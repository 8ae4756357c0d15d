using Microsoft.AspNetCore.Http.HttpResults;
using Rcc.Contracts.Sync;
using Rcc.Core.Access;
using Rcc.Core.Agents;

namespace Rcc.Server.Access;

/// <summary>Signing in and out, and tickets for WebSockets.</summary>
internal static class SessionEndpoints
{
    public static void MapSessions(this IEndpointRouteBuilder api)
    {
        var auth = api.MapGroup("/auth").WithTags("auth");
        auth.MapPost("/sign_in", SignInAsync).AllowAnonymous().WithName("signIn")
            .WithSummary("Signs an agent in on a device. The access token is shown once.");
        auth.MapPost("/invitation", FindInvitationAsync).AllowAnonymous().WithName("findInvitation").WithSummary("Says whom an invitation is for, as long as it can be accepted.");
        auth.MapPost("/invitation/accept", AcceptInvitationAsync).AllowAnonymous().WithName("acceptInvitation")
            .WithSummary("The invited person sets name and password, once; then it signs in.");
        auth.MapPost("/sign_out", SignOutAsync).RequireAuthorization(CallerAuthentication.OfDevice).WithName("signOut")
            .WithSummary("Signs the calling device out; answers when no server accepts it any more.");
        auth.MapPost("/ticket", IssueTicketAsync).RequireAuthorization(CallerAuthentication.OfDevice).WithName("issueTicket")
            .WithSummary("Makes a one-use ticket that a browser passes as access_token when it opens the WebSocket, where it can set no header.");
    }

    static async Task<Results<Ok<InvitationAnswer>, Refusal>> FindInvitationAsync(
        Invitation body, HttpContext http, AgentDoor agents, SignInLimits limits, CancellationToken cancellationToken)
    {
        if (limits.RefuseAttempt(http.Connection.RemoteIpAddress) is { } tooMany) return new Refusal(tooMany);
        return Secret.Read(body.Token) is { Kind: SecretKind.Invitation } secret
            ? (await agents.FindInvitationAsync(secret.Hash.AsMemory(), cancellationToken)).ToResult(InvitationAnswer.Of)
            : new Refusal(Agent.NoInvitation.ToOutcome());
    }

    static async Task<Results<Ok<InvitationAnswer>, Refusal>> AcceptInvitationAsync(
        AcceptedInvitation body, HttpContext http, AgentDoor agents, Passwords passwords, SignInLimits limits, CancellationToken cancellationToken)
    {
        if (limits.RefuseAttempt(http.Connection.RemoteIpAddress) is { } tooMany) return new Refusal(tooMany);
        if (Secret.Read(body.Token) is not { Kind: SecretKind.Invitation } secret) return new Refusal(Agent.NoInvitation.ToOutcome());
        if (passwords.Refuse(body.Password) is { } refusal) return new Refusal(refusal);
        return (await agents.AcceptInvitationAsync(secret.Hash, body.Name, () => passwords.HashAsync(body.Password, cancellationToken), cancellationToken)).ToResult(InvitationAnswer.Of);
    }

    static async Task<Results<Ok<SignInAnswer>, Refusal>> SignInAsync(
        SignIn body, HttpContext http, PasswordCheck check, AgentDoor agents, SignInLimits limits, CancellationToken cancellationToken)
    {
        var login = await check.CheckAsync(body.Account, body.Email, body.Password, http.Connection.RemoteIpAddress, cancellationToken);
        return login.IsOk ? await AddDeviceAsync(agents, limits, login.Value, body.DeviceName, body.Code, null, cancellationToken) : new Refusal(login.Outcome);
    }

    /// <summary>Signs an agent in whose password was checked. With <paramref name="recovery"/> the code confirms its second factor.</summary>
    internal static async Task<Results<Ok<SignInAnswer>, Refusal>> AddDeviceAsync(
        AgentDoor agents, SignInLimits limits, AgentLogin login, string? deviceName, string? code, RecoveryCodes? recovery, CancellationToken cancellationToken)
    {
        if (code is not null && limits.RefuseCode(login.Tenant, login.AgentId) is { } tooMany) return new Refusal(tooMany);
        var credential = Secret.Make(SecretKind.Device);
        var device = new SigningIn { DeviceName = deviceName ?? "Device", CredentialHash = credential.Hash };
        var outcome = await agents.SignInAsync(login, device, code, recovery?.Hashes ?? [], cancellationToken);
        return outcome.IsOk
            ? TypedResults.Ok(new SignInAnswer(
                credential.Reveal(), login.Tenant.Value, login.AgentId, Answers.IdOf(outcome), login.Role.ToAgentRole(), login.Name, recovery?.Codes))
            : new Refusal(outcome);
    }

    static async Task<Results<NoContent, Refusal>> SignOutAsync(SignedIn caller, AgentDoor agents, ContactDoor contacts, CancellationToken cancellationToken)
    {
        var outcome = caller.Caller.Role == Role.Customer
            ? await contacts.EndSessionAsync(caller, cancellationToken)
            : await agents.SignOutAsync(caller, caller.Caller.PersonId, caller.Caller.DeviceId, Attempt.Unkeyed, cancellationToken);
        return outcome.ToNoContent();
    }

    static async Task<Results<Ok<TicketAnswer>, Refusal>> IssueTicketAsync(SignedIn caller, SessionDoor sessions, CancellationToken cancellationToken)
    {
        var ticket = Secret.Make(SecretKind.Ticket);
        var issued = await sessions.IssueTicketAsync(ticket.Hash.AsMemory(), caller.Credential.Hash.AsMemory(), cancellationToken);
        return issued.ToResult(t => new TicketAnswer(ticket.Reveal(), t.ExpiresInSeconds));
    }
}

/// <summary>Who signs in.</summary>
/// <param name="Account">The account's name for signing in.</param>
/// <param name="Email">The agent's address.</param>
/// <param name="Password">The agent's password.</param>
/// <param name="DeviceName">What the person calls the device: 1 … 100 characters.</param>
/// <param name="Code">A code of the agent's second factor, or a recovery code; asked for with <c>secondFactorRequired</c>.</param>
internal sealed record SignIn(string Account, string Email, string Password, string? DeviceName = null, string? Code = null)
{
    public const int MaxLength = 254;
    public const int MaxPasswordLength = 1024;
}

/// <summary>An invitation, by the token that the person was sent.</summary>
internal sealed record Invitation(string Token);

/// <summary>Who accepts an invitation.</summary>
/// <param name="Token">What the person was sent.</param>
/// <param name="Name">The person's name: 1 … 100 characters.</param>
/// <param name="Password">The password to sign in with.</param>
internal sealed record AcceptedInvitation(string Token, string Name, string Password);

/// <summary>Whom an invitation is for, and what is signed in with.</summary>
/// <param name="Account">The account's name for signing in.</param>
/// <param name="AccountName">The account's name for people.</param>
/// <param name="Email">The address to sign in with.</param>
internal sealed record InvitationAnswer(string Account, string AccountName, string Email)
{
    public static InvitationAnswer Of(Invited invited) => new(invited.AccountSlug, invited.AccountName, invited.Email);
}

/// <summary>A new session.</summary>
/// <param name="AccessToken">The credential. Shown this once.</param>
/// <param name="AccountId">The account.</param>
/// <param name="PersonId">The agent.</param>
/// <param name="DeviceId">The device.</param>
/// <param name="Role">The agent's role.</param>
/// <param name="Name">The agent's name.</param>
/// <param name="RecoveryCodes">When a second factor was confirmed with it: codes that let the agent in, each once, when its authenticator is lost.</param>
internal sealed record SignInAnswer(string AccessToken, Guid AccountId, Guid PersonId, Guid DeviceId, AgentRole Role, string Name, IReadOnlyList<string>? RecoveryCodes = null);

/// <summary>A ticket, and for how many seconds it can be used.</summary>
internal sealed record TicketAnswer(string Ticket, int ExpiresIn);
