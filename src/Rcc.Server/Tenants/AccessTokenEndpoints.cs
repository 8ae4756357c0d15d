using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rcc.Core.Access;
using Rcc.Core.Tenants;
using Rcc.Server.Access;

namespace Rcc.Server.Tenants;

/// <summary>Access tokens: API keys of an account, for its applications.</summary>
internal static class AccessTokenEndpoints
{
    public static void MapAccessTokens(this IEndpointRouteBuilder account)
    {
        var tokens = account.MapGroup("/access_tokens").WithTags("access_tokens");
        tokens.MapGet("", ListAsync).WithName("listAccessTokens").WithSummary("Lists access tokens, oldest first, without the tokens themselves.");
        tokens.MapPost("", CreateAsync).WithName("createAccessToken").WithSummary("Makes an access token. It is shown once; each request makes another one.");
        tokens.MapPost("/{access_token_id:guid}/rotate", RotateAsync).WithName("rotateAccessToken")
            .WithSummary("Makes another token for the same access: the one it had stays good for the overlap, one it had before that ends at once. It is shown once.");
        tokens.MapDelete("/{access_token_id:guid}", RevokeAsync).WithName("revokeAccessToken").WithSummary("Revokes an access token; answers when no server accepts it any more.");
    }

    static Task<Results<Ok<Page<AccessToken>>, Refusal>> ListAsync(SignedIn caller, AccountDoor door, [AsParameters] PageParameters page, CancellationToken cancellationToken) =>
        page.ReadAsync(from => door.ListKeysAsync(caller, from, cancellationToken), AccessToken.Of, k => k.Id);

    static async Task<Results<Created<IssuedAccessToken>, Refusal>> CreateAsync(SignedIn caller, AccountDoor door, NewAccessToken body, CancellationToken cancellationToken)
    {
        var key = Secret.Make(SecretKind.Key);
        var outcome = await door.CreateKeyAsync(caller, body.Name, body.Scopes.ToScopes(), body.ExpiresAt, key.Hash, cancellationToken);
        return outcome.ToCreated(o => new IssuedAccessToken(Answers.IdOf(o), key.Reveal()));
    }

    static async Task<Results<Created<RotatedAccessToken>, Refusal>> RotateAsync(
        SignedIn caller, AccountDoor door, [FromRoute(Name = "access_token_id")] Guid accessTokenId, AccessTokenRotation? body, CancellationToken cancellationToken)
    {
        var key = Secret.Make(SecretKind.Key);
        var overlap = body?.OverlapSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
        var found = await door.RotateKeyAsync(caller, accessTokenId, key.Hash, overlap, cancellationToken);
        return found.IsOk
            ? TypedResults.Created((string?)null, new RotatedAccessToken(found.Value.Id, key.Reveal(), found.Value.PreviousUntil))
            : new Refusal(found.Outcome);
    }

    static async Task<Results<NoContent, Refusal>> RevokeAsync(
        SignedIn caller, AccountDoor door, [FromRoute(Name = "access_token_id")] Guid accessTokenId, CancellationToken cancellationToken) =>
        (await door.RevokeKeyAsync(caller, accessTokenId, Attempt.Unkeyed, cancellationToken)).ToNoContent();
}

/// <summary>An access token in a list.</summary>
/// <param name="Id">Names it.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="CreatedAt">When it was made (UTC).</param>
/// <param name="RevokedAt">When it was revoked.</param>
/// <param name="PreviousValidUntil">When the token it had before its last rotation ends, or ended.</param>
/// <param name="ExpiresAt">When it expires (UTC), or did; null: never.</param>
internal sealed record AccessToken(Guid Id, string Name, IReadOnlyList<Scope> Scopes, DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt, DateTimeOffset? PreviousValidUntil, DateTimeOffset? ExpiresAt)
{
    public static AccessToken Of(KeyListing key) => new(key.Id, key.Name, key.Scopes.ToScopeList(), key.CreatedAt, key.RevokedAt, key.PreviousUntil, key.ExpiresAt);
}

/// <summary>An access token to make.</summary>
/// <param name="Name">1 … 100 characters.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="ExpiresAt">From when on it is good for nothing (UTC); absent: never. Rotating it moves nothing.</param>
internal sealed record NewAccessToken(string Name, IReadOnlyList<Scope> Scopes, DateTimeOffset? ExpiresAt = null);

/// <summary>A new access token, shown this once.</summary>
/// <param name="Id">Names it, for revoking.</param>
/// <param name="Token">The credential, for the header <c>api_access_token</c> or <c>Authorization: Bearer</c>.</param>
internal sealed record IssuedAccessToken(Guid Id, string Token);

/// <summary>How a token is to be replaced.</summary>
/// <param name="OverlapSeconds">How long the token it has stays good: 0 ends it at once, which is right for one that leaked; at most, and by default, the server's <c>KeyOverlap</c>.</param>
internal sealed record AccessTokenRotation(int? OverlapSeconds = null);

/// <summary>The token of the same access from now on, shown this once.</summary>
/// <param name="Id">Names it, as before.</param>
/// <param name="Token">The new credential.</param>
/// <param name="PreviousValidUntil">When the one it had ends (UTC).</param>
internal sealed record RotatedAccessToken(Guid Id, string Token, DateTimeOffset? PreviousValidUntil);
