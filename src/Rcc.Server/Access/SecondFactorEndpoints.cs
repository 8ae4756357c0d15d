using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rcc.Core.Access;

namespace Rcc.Server.Access;

/// <summary>Second factors: codes of an authenticator (RFC 6238), and recovery codes for who has lost it.</summary>
internal static class SecondFactorEndpoints
{
    public static void MapSecondFactorSignIn(this IEndpointRouteBuilder api)
    {
        var auth = api.MapGroup("/auth/second_factor").WithTags("auth");
        auth.MapPost("", BeginAtSignInAsync).AllowAnonymous().WithName("beginSecondFactorAtSignIn")
            .WithSummary("For who is refused with secondFactorEnrolmentRequired: a secret for an authenticator, shown once.");
        auth.MapPost("/confirm", ConfirmAtSignInAsync).AllowAnonymous().WithName("confirmSecondFactorAtSignIn")
            .WithSummary("Confirms what was begun with a code, and signs in with it. The access token and the recovery codes are shown once.");
    }

    public static void MapSecondFactors(this IEndpointRouteBuilder account)
    {
        var own = account.MapGroup("/profile/second_factor").WithTags("profile");
        own.MapPost("", BeginAsync).WithName("beginSecondFactor").WithSummary("A secret for the calling agent's authenticator, shown once. It asks for nothing until a code confirms it.");
        own.MapPost("/confirm", ConfirmAsync).WithName("confirmSecondFactor").WithSummary("From now on the agent signs in with codes. The recovery codes are shown once.");
        own.MapPost("/recovery_codes", RenewAsync).WithName("renewRecoveryCodes").WithSummary("New recovery codes, shown once; those before are good no more.");
        own.MapPost("/disable", DisableAsync).WithName("disableSecondFactor").WithSummary("Switches the agent's second factor off, unless one is required of it.");
        account.MapDelete("/agents/{agent_id:guid}/second_factor", ResetAsync).WithTags("agents").WithName("resetSecondFactor")
            .WithSummary("Takes an agent's second factor away, when the person has lost it.");
    }

    static async Task<Results<Ok<Enrolment>, Refusal>> BeginAtSignInAsync(
        Enrolling body, HttpContext http, PasswordCheck check, SecondFactorDoor door, CancellationToken cancellationToken)
    {
        var login = await check.CheckAsync(body.Account, body.Email, body.Password, http.Connection.RemoteIpAddress, cancellationToken);
        return login.IsOk ? (await door.BeginAsync(login.Value, cancellationToken)).ToResult(Enrolment.Of) : new Refusal(login.Outcome);
    }

    static async Task<Results<Ok<SignInAnswer>, Refusal>> ConfirmAtSignInAsync(
        Confirming body, HttpContext http, PasswordCheck check, SignInLimits limits, AgentDoor agents, CancellationToken cancellationToken)
    {
        var login = await check.CheckAsync(body.Account, body.Email, body.Password, http.Connection.RemoteIpAddress, cancellationToken);
        if (!login.IsOk) return new Refusal(login.Outcome);
        return await SessionEndpoints.AddDeviceAsync(agents, limits, login.Value, body.DeviceName, body.Code, RecoveryCodes.Make(), cancellationToken);
    }

    static async Task<Results<Ok<Enrolment>, Refusal>> BeginAsync(SignedIn caller, SecondFactorDoor door, PasswordCheck check, OwnEnrolling body, CancellationToken cancellationToken)
    {
        var own = await check.CheckOwnAsync(caller, body.Password, cancellationToken);
        return own.IsOk ? (await door.BeginAsync(caller, own.Value.Hash, cancellationToken)).ToResult(Enrolment.Of) : new Refusal(own.Outcome);
    }

    static async Task<Results<Ok<NewRecoveryCodes>, Refusal>> ConfirmAsync(
        SignedIn caller, SecondFactorDoor door, SignInLimits limits, SecondFactorCode body, CancellationToken cancellationToken) =>
        limits.RefuseCode(caller.Caller.Tenant, caller.Caller.PersonId) is { } tooMany
            ? new Refusal(tooMany)
            : (await door.ConfirmAsync(caller, body.Code, cancellationToken)).ToResult(NewRecoveryCodes.Of);

    static async Task<Results<Ok<NewRecoveryCodes>, Refusal>> RenewAsync(
        SignedIn caller, SecondFactorDoor door, SignInLimits limits, SecondFactorCode body, CancellationToken cancellationToken) =>
        limits.RefuseCode(caller.Caller.Tenant, caller.Caller.PersonId) is { } tooMany
            ? new Refusal(tooMany)
            : (await door.RenewRecoveryCodesAsync(caller, body.Code, cancellationToken)).ToResult(NewRecoveryCodes.Of);

    static async Task<Results<NoContent, Refusal>> DisableAsync(
        SignedIn caller, SecondFactorDoor door, SignInLimits limits, SecondFactorCode body, CancellationToken cancellationToken) =>
        limits.RefuseCode(caller.Caller.Tenant, caller.Caller.PersonId) is { } tooMany
            ? new Refusal(tooMany)
            : (await door.DisableAsync(caller, body.Code, cancellationToken)).ToNoContent();

    static async Task<Results<NoContent, Refusal>> ResetAsync(
        SignedIn caller, SecondFactorDoor door, [FromRoute(Name = "agent_id")] Guid agentId, CancellationToken cancellationToken) =>
        (await door.ResetAsync(caller, agentId, Attempt.Unkeyed, cancellationToken)).ToNoContent();
}

/// <summary>Who enrols a second factor before its first sign-in with one.</summary>
/// <param name="Account">The account's name for signing in.</param>
/// <param name="Email">The agent's address.</param>
/// <param name="Password">The agent's password.</param>
internal sealed record Enrolling(string Account, string Email, string Password);

/// <summary>An agent that is signed in and enrols a second factor.</summary>
/// <param name="Password">Its password: a device left open is not enough.</param>
internal sealed record OwnEnrolling(string Password);

/// <summary>Who confirms its second factor and signs in with it.</summary>
/// <param name="Account">The account's name for signing in.</param>
/// <param name="Email">The agent's address.</param>
/// <param name="Password">The agent's password.</param>
/// <param name="Code">What the authenticator shows.</param>
/// <param name="DeviceName">What the person calls the device: 1 … 100 characters.</param>
internal sealed record Confirming(string Account, string Email, string Password, string Code, string? DeviceName = null);

/// <summary>A code of the second factor: six digits of the authenticator, or a recovery code.</summary>
internal sealed record SecondFactorCode(string Code);

/// <summary>What an authenticator needs.</summary>
/// <param name="Secret">For people who type it: base 32.</param>
/// <param name="Uri">For a picture: <c>otpauth:</c>.</param>
internal sealed record Enrolment(string Secret, string Uri)
{
    public static Enrolment Of(SecondFactorEnrolment enrolment) => new(enrolment.Secret, enrolment.Uri);
}

/// <summary>Codes that let the agent in, each once, when its authenticator is lost.</summary>
internal sealed record NewRecoveryCodes(IReadOnlyList<string> RecoveryCodes)
{
    public static NewRecoveryCodes Of(RecoveryCodes codes) => new(codes.Codes);
}
