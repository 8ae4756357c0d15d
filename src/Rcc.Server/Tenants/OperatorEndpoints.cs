using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rcc.Core.Access;
using Rcc.Server.Access;

namespace Rcc.Server.Tenants;

/// <summary>The platform operators themselves.</summary>
internal static class OperatorEndpoints
{
    public static void MapOperators(this IEndpointRouteBuilder platform)
    {
        var operators = platform.MapGroup("/operators").WithTags("platform");
        operators.MapGet("", ListAsync).WithName("listOperators").WithSummary("Lists platform operators, oldest first.");
        operators.MapPost("", AddAsync).WithName("createOperator").WithSummary("Adds a platform operator.");
        operators.MapPost("/{operator_id:guid}/disable", DisableAsync).WithName("disableOperator").WithSummary("Keeps an operator out and ends its sessions, at once. The last that can sign in stays.");
        operators.MapPost("/{operator_id:guid}/enable", EnableAsync).WithName("enableOperator").WithSummary("Lets a disabled operator sign in again.");
        operators.MapDelete("/{operator_id:guid}/sessions", EndSessionsAsync).WithName("endOperatorSessions").WithSummary("Ends all sessions of an operator, at once.");
        platform.MapPut("/auth/password", ChangePasswordAsync).WithTags("platform").WithName("changeOperatorPassword")
            .WithSummary("Changes the calling operator's password, with the one it has. Its other sessions end.");
    }

    static Task<Results<Ok<Page<PlatformOperator>>, Refusal>> ListAsync(
        SignedInOperator caller, OperatorDoor door, [AsParameters] PageParameters page, CancellationToken cancellationToken) =>
        page.ReadAsync(from => door.ListAsync(caller, from, cancellationToken), PlatformOperator.Of, one => one.Id);

    static async Task<Results<Created<Created>, Refusal>> AddAsync(
        SignedInOperator caller, OperatorDoor door, Passwords passwords, NewOperator body, CancellationToken cancellationToken) =>
        passwords.Refuse(body.Password) is { } refusal
            ? new Refusal(refusal)
            : (await door.AddAsync(caller, body.Name, await passwords.HashAsync(body.Password, cancellationToken), cancellationToken)).ToCreated();

    static async Task<Results<NoContent, Refusal>> DisableAsync(
        SignedInOperator caller, OperatorDoor door, [FromRoute(Name = "operator_id")] Guid operatorId, CancellationToken cancellationToken) =>
        (await door.SetDisabledAsync(caller, operatorId, disabled: true, cancellationToken)).ToNoContent();

    static async Task<Results<NoContent, Refusal>> EnableAsync(
        SignedInOperator caller, OperatorDoor door, [FromRoute(Name = "operator_id")] Guid operatorId, CancellationToken cancellationToken) =>
        (await door.SetDisabledAsync(caller, operatorId, disabled: false, cancellationToken)).ToNoContent();

    static async Task<Results<NoContent, Refusal>> EndSessionsAsync(
        SignedInOperator caller, OperatorDoor door, [FromRoute(Name = "operator_id")] Guid operatorId, CancellationToken cancellationToken) =>
        (await door.EndSessionsAsync(caller, operatorId, cancellationToken)).ToNoContent();

    static async Task<Results<NoContent, Refusal>> ChangePasswordAsync(
        SignedInOperator caller, OperatorDoor door, Passwords passwords, SignInLimits limits, HttpContext http, NewOperatorPassword body, CancellationToken cancellationToken)
    {
        if (passwords.Refuse(body.Password) is { } refusal) return new Refusal(refusal);
        if (body.CurrentPassword.Length > SignIn.MaxPasswordLength) return Refusals.Refuse(ErrorCode.Forbidden, NewOperatorPassword.Wrong);
        if (limits.RefuseAttempt($"\n{caller.Operator.Id}", http.Connection.RemoteIpAddress) is { } tooMany) return new Refusal(tooMany);
        var own = await door.FindOwnAsync(caller, cancellationToken);
        if (!own.IsOk) return new Refusal(own.Outcome);
        if (!await passwords.VerifyAsync(own.Value.PasswordHash, body.CurrentPassword, cancellationToken)) return Refusals.Refuse(ErrorCode.Forbidden, NewOperatorPassword.Wrong);
        if (string.Equals(body.Password, body.CurrentPassword, StringComparison.Ordinal)) return Refusals.Refuse(ErrorCode.Conflict, "That is the password already.");
        var hash = await passwords.HashAsync(body.Password, cancellationToken);
        return (await door.ChangePasswordAsync(own.Value, hash, caller.Credential.Hash.AsMemory(), cancellationToken)).ToNoContent();
    }
}

/// <summary>A platform operator.</summary>
/// <param name="Id">The operator.</param>
/// <param name="Name">What it signs in with.</param>
/// <param name="CreatedAt">When it was added (UTC).</param>
/// <param name="DisabledAt">Since when it cannot sign in (UTC); null: it can.</param>
/// <param name="Sessions">How many sessions it has.</param>
internal sealed record PlatformOperator(Guid Id, string Name, DateTimeOffset CreatedAt, DateTimeOffset? DisabledAt, int Sessions)
{
    public static PlatformOperator Of(OperatorListing one) => new(one.Id, one.Name, one.CreatedAt, one.DisabledAt, one.Sessions);
}

/// <summary>A platform operator to add.</summary>
/// <param name="Name">What it signs in with, unique: 1 … 100 characters.</param>
/// <param name="Password">Its password; it may change it.</param>
internal sealed record NewOperator(string Name, string Password);

/// <summary>Another password of the calling operator.</summary>
/// <param name="CurrentPassword">The one it has.</param>
/// <param name="Password">The one it is to have.</param>
internal sealed record NewOperatorPassword(string CurrentPassword, string Password)
{
    public const string Wrong = "The current password is wrong.";
}
