using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OAuth;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rcc.Core;
using Rcc.Core.Access;
using Rcc.Core.Agents;
using Rcc.Core.Tenants;

namespace Rcc.Server.Access.Oidc;

/// <summary>
/// Signing in by an account's own OpenID provider. A page or program sends the browser to <c>start</c>; it comes back to the return URL with a one-use code in the fragment, which the device exchanges for its credential.
/// The device proves with a verifier of its own (S256, as in RFC 7636) that it is the one who started: a code that somebody else has caught, or slipped in, is good for nothing.
/// </summary>
internal static class OidcEndpoints
{
    const int ChallengeLength = 43;
    const int MinVerifierLength = 43;
    const int MaxVerifierLength = 128;

    public static void MapOidc(this IEndpointRouteBuilder api)
    {
        var oidc = api.MapGroup("/auth/oidc").WithTags("auth");
        oidc.MapGet("/start", StartAsync).AllowAnonymous().WithName("startOidc").Produces(StatusCodes.Status302Found)
            .WithSummary("Sends the browser to the account's identity provider. It comes back to return_url with #code=… or #error=….");
        oidc.MapGet("/callback", FinishAsync).AllowAnonymous().WithName("finishOidc").Produces(StatusCodes.Status302Found)
            .WithSummary("Where the identity provider sends the browser back to: the redirect URI to register there.");
        oidc.MapPost("/token", RedeemAsync).AllowAnonymous().WithName("redeemOidcCode").WithSummary("Exchanges the code for an access token, once, within seconds. The access token is shown once.");
    }

    public static void MapIdentityProvider(this IEndpointRouteBuilder account)
    {
        var provider = account.MapGroup("/identity_provider").WithTags("accounts");
        provider.MapGet("", FindAsync).WithName("getIdentityProvider").WithSummary("The account's OpenID provider, without its client secret.");
        provider.MapPut("", SetAsync).WithName("setIdentityProvider").WithSummary("Sets the account's OpenID provider. Its discovery document is read at the first sign-in.");
        provider.MapDelete("", RemoveAsync).WithName("removeIdentityProvider").WithSummary("Removes it. Who is signed in stays so.");
        var identities = account.MapGroup("/agents/{agent_id:guid}/identities").WithTags("agents");
        identities.MapGet("", ListIdentitiesAsync).WithName("listAgentIdentities").WithSummary("Whom OpenID providers know the agent as; for itself and who manages it.");
        identities.MapDelete("", UnlinkAsync).WithName("unlinkAgentIdentities")
            .WithSummary("Unlinks the agent from whom OpenID providers know it as. Who is signed in stays so; who next signs in by the agent's verified address is linked anew.");
    }

    static async Task<Results<EmptyHttpResult, Refusal>> StartAsync(
        HttpContext http,
        IdentityDoor door,
        OidcFlow flow,
        SignInLimits limits,
        [FromQuery(Name = "account")] string account,
        [FromQuery(Name = "return_url")] string returnUrl,
        [FromQuery(Name = "code_challenge")] string codeChallenge,
        [FromQuery(Name = "invitation")] string? invitation,
        CancellationToken cancellationToken)
    {
        if (limits.RefuseAttempt(http.Connection.RemoteIpAddress) is { } tooMany) return new Refusal(tooMany);
        if (codeChallenge.Length != ChallengeLength || !System.Buffers.Text.Base64Url.IsValid(codeChallenge))
            return Refusals.Refuse(ErrorCode.Malformed, "code_challenge must be the SHA-256 of the verifier, as base64url without padding.");
        var provider = await door.FindProviderAsync(account, cancellationToken);
        if (!provider.IsOk) return new Refusal(provider.Outcome);
        if (!MayReturn(provider.Value, returnUrl)) return Refusals.Refuse(ErrorCode.Forbidden, "return_url is none of the account's return URLs.");
        var properties = new AuthenticationProperties();
        properties.Items[OidcFlow.TenantItem] = provider.Value.Tenant.Key;
        properties.Items[OidcFlow.ReturnUrlItem] = returnUrl;
        properties.Items[OidcFlow.ChallengeItem] = codeChallenge;
        if (Secret.Read(invitation) is { Kind: SecretKind.Invitation } secret) properties.Items[OidcFlow.InvitationItem] = Convert.ToHexString(secret.Hash.AsSpan());
        var handler = await flow.PrepareAsync(http, provider.Value, new OAuthEvents(), cancellationToken);
        if (!handler.IsOk) return new Refusal(handler.Outcome);
        await handler.Value.ChallengeAsync(properties);
        return TypedResults.Empty;
    }

    static async Task<Results<EmptyHttpResult, Refusal>> FinishAsync(
        HttpContext http, IdentityDoor door, OidcFlow flow, SignInLimits limits, [FromQuery(Name = "state")] string? state, CancellationToken cancellationToken)
    {
        if (flow.Open(state) is not { } properties) return Refusals.Refuse(ErrorCode.Malformed, "The answer belongs to no sign-in that was started here within the last minutes.");
        if (limits.RefuseAnswer(state!) is { } tooMany) return new Refusal(tooMany);
        var provider = await door.FindProviderAsync(TenantId.Parse(properties.Items[OidcFlow.TenantItem]!), cancellationToken);
        if (!provider.IsOk) return new Refusal(provider.Outcome);
        var handler = await flow.PrepareAsync(
            http, provider.Value, new() { OnTicketReceived = context => flow.ReceiveAsync(context, provider.Value), OnRemoteFailure = flow.FailAsync, OnAccessDenied = OidcFlow.DenyAsync }, cancellationToken);
        if (!handler.IsOk) return new Refusal(handler.Outcome);
        await handler.Value.HandleRequestAsync();
        return TypedResults.Empty;
    }

    static async Task<Results<Ok<SignInAnswer>, Refusal>> RedeemAsync(
        OidcCode body, HttpContext http, IdentityDoor door, SignInLimits limits, CancellationToken cancellationToken)
    {
        if (Secret.Read(body.Code) is not { Kind: SecretKind.SignInCode } code || body.CodeVerifier.Length is < MinVerifierLength or > MaxVerifierLength)
            return Refusals.Refuse(ErrorCode.NotFound, "The code is unknown, used up or expired.");
        if (limits.RefuseUnknown(http.Connection.RemoteIpAddress) is { } tooMany) return new Refusal(tooMany);
        var kept = await door.TakeAsync(code.Hash.AsMemory(), cancellationToken);
        if (!kept.IsOk)
        {
            limits.CountUnknown(http.Connection.RemoteIpAddress);
            return new Refusal(kept.Outcome);
        }

        var said = JsonSerializer.Deserialize(kept.Value.Said.Span, OidcJson.Default.SaidOfPerson)!;
        if (!CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.ASCII.GetBytes(body.CodeVerifier)), System.Buffers.Text.Base64Url.DecodeFromChars(said.Challenge)))
            return Refusals.Refuse(ErrorCode.NotFound, "The code is unknown, used up or expired.");
        var credential = Secret.Make(SecretKind.Device);
        var claim = new IdentityClaim(said.Issuer, said.Subject)
        {
            VerifiedEmail = said.VerifiedEmail, Name = said.Name, InvitationHash = said.Invitation is { } hash ? [.. Convert.FromHexString(hash)] : [],
        };
        var signedIn = await door.SignInAsync(new(said.Tenant), claim, new() { DeviceName = body.DeviceName ?? "Device", CredentialHash = credential.Hash }, cancellationToken);
        return signedIn.ToResult(agent => new SignInAnswer(credential.Reveal(), said.Tenant, agent.AgentId, agent.DeviceId, agent.Role.ToAgentRole(), agent.Name));
    }

    static async Task<Results<Ok<AccountIdentityProvider>, Refusal>> FindAsync(SignedIn caller, IdentityDoor door, CancellationToken cancellationToken) =>
        (await door.FindProviderAsync(caller.Caller, cancellationToken)).ToResult(AccountIdentityProvider.Of);

    static async Task<Results<NoContent, Refusal>> SetAsync(SignedIn caller, IdentityDoor door, NewIdentityProvider body, CancellationToken cancellationToken) =>
        (await door.SetProviderAsync(caller, new(body.Issuer, body.ClientId, body.ClientSecret, [.. body.ReturnUrls]), cancellationToken)).ToNoContent();

    static async Task<Results<NoContent, Refusal>> RemoveAsync(SignedIn caller, IdentityDoor door, CancellationToken cancellationToken) =>
        (await door.RemoveProviderAsync(caller, cancellationToken)).ToNoContent();

    static async Task<Results<Ok<Page<AgentIdentity>>, Refusal>> ListIdentitiesAsync(
        SignedIn caller, IdentityDoor door, [FromRoute(Name = "agent_id")] Guid agentId, CancellationToken cancellationToken) =>
        (await door.ListIdentitiesAsync(caller, agentId, cancellationToken)).ToResult(found => new Page<AgentIdentity>([.. found.Items.Select(one => new AgentIdentity(one.Issuer, one.Subject))], null));

    static Task<Results<NoContent, Refusal>> UnlinkAsync([AsParameters] CommandTo<IdentityDoor> to, [FromRoute(Name = "agent_id")] Guid agentId) =>
        to.Door.UnlinkAsync(to.Caller, agentId, to.Attempt, to.CancellationToken).ToNoContentAsync();

    /// <summary>Exactly one of the account's; of a program on the person's own machine, on any port (RFC 8252 §7.3).</summary>
    static bool MayReturn(OpenProvider provider, string returnUrl) =>
        Uri.TryCreate(returnUrl, UriKind.Absolute, out var asked) && asked.Fragment.Length == 0 && provider.ReturnUrls.Any(allowed =>
            string.Equals(allowed, returnUrl, StringComparison.Ordinal)
            || (new Uri(allowed) is { Scheme: "http", Host: "127.0.0.1" or "[::1]" } loopback && asked is { Scheme: "http", UserInfo: "" }
                && string.Equals(asked.Host, loopback.Host, StringComparison.Ordinal) && string.Equals(asked.PathAndQuery, loopback.PathAndQuery, StringComparison.Ordinal)));
}

/// <summary>The code a browser came back with.</summary>
/// <param name="Code">From the fragment of the return URL.</param>
/// <param name="CodeVerifier">What <c>code_challenge</c> was made of: 43 … 128 characters.</param>
/// <param name="DeviceName">What the person calls the device: 1 … 100 characters.</param>
internal sealed record OidcCode(string Code, string CodeVerifier, string? DeviceName = null);

/// <summary>Whom an OpenID provider knows an agent as.</summary>
/// <param name="Issuer">The provider.</param>
/// <param name="Subject">The person, to that provider.</param>
internal sealed record AgentIdentity(string Issuer, string Subject);

/// <summary>An account's OpenID provider.</summary>
/// <param name="Issuer">Its address.</param>
/// <param name="ClientId">What it knows us as.</param>
/// <param name="ReturnUrls">Where a sign-in may end.</param>
internal sealed record AccountIdentityProvider(string Issuer, string ClientId, IReadOnlyList<string> ReturnUrls)
{
    public static AccountIdentityProvider Of(IdentityProvider provider) => new(provider.Issuer, provider.ClientId, provider.ReturnUrls);
}

/// <summary>An account's OpenID provider to set.</summary>
/// <param name="Issuer">Its address, under which <c>/.well-known/openid-configuration</c> stands.</param>
/// <param name="ClientId">What it knows us as.</param>
/// <param name="ReturnUrls">Where a sign-in may end, exactly; for http to 127.0.0.1 or [::1] on any port.</param>
/// <param name="ClientSecret">What we prove that with (client_secret_post); absent: the one before.</param>
internal sealed record NewIdentityProvider(string Issuer, string ClientId, IReadOnlyList<string> ReturnUrls, string? ClientSecret = null);
