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
        tokens.MapDelete("/{access_token_id:guid}", RevokeAsync).WithName("revokeAccessToken").WithSummary("Revokes an access token; answers when no server accepts it any more.");
    }

    static Task<Results<Ok<Page<AccessToken>>, Refusal>> ListAsync(SignedIn caller, AccountDoor door, [AsParameters] PageParameters page, CancellationToken cancellationToken) =>
        page.ReadAsync(from => door.ListKeysAsync(caller, from, cancellationToken), AccessToken.Of, k => k.Id);

    static async Task<Results<Created<IssuedAccessToken>, Refusal>> CreateAsync(SignedIn caller, AccountDoor door, NewAccessToken body, CancellationToken cancellationToken)
    {
        var key = Secret.Make(SecretKind.Key);
        var outcome = await door.CreateKeyAsync(caller, body.Name, body.Scopes.ToScopes(), key.Hash, cancellationToken);
        return outcome.ToCreated(o => new IssuedAccessToken(Answers.IdOf(o), key.Reveal()));
    }

    static async Task<Results<NoContent, Refusal>> RevokeAsync(
        SignedIn caller, AccountDoor door, [FromRoute(Name = "access_token_id")] Guid accessTokenId, CancellationToken cancellationToken) =>
        (await door.RevokeKeyAsync(caller, accessTokenId, Attempt.Unkeyed, cancellationToken)).ToNoContent();
}

/// <summary>An access token in a list.</summary>
internal sealed record AccessToken(Guid Id, string Name, IReadOnlyList<Scope> Scopes, DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt)
{
    public static AccessToken Of(KeyListing key) => new(key.Id, key.Name, key.Scopes.ToScopeList(), key.CreatedAt, key.RevokedAt);
}

/// <summary>An access token to make.</summary>
/// <param name="Name">1 … 100 characters.</param>
/// <param name="Scopes">What it may do.</param>
internal sealed record NewAccessToken(string Name, IReadOnlyList<Scope> Scopes);

/// <summary>A new access token, shown this once.</summary>
/// <param name="Id">Names it, for revoking.</param>
/// <param name="Token">The credential, for the header <c>api_access_token</c> or <c>Authorization: Bearer</c>.</param>
internal sealed record IssuedAccessToken(Guid Id, string Token);
