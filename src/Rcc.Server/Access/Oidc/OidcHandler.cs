using System.Buffers.Text;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OAuth;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Rcc.Core.Access;

namespace Rcc.Server.Access.Oidc;

/// <summary>
/// The framework's handler of the code flow with PKCE (RFC 6749, RFC 7636), for one request and one tenant's provider: its options cannot be shared, because each tenant has its own.
/// Added are what makes it OpenID Connect: the nonce, and the check of the ID token.
/// </summary>
internal sealed class OidcHandler(OpenProvider provider, Discovered discovered, Providers providers, OAuthOptions options, ILoggerFactory loggers)
    : OAuthHandler<OAuthOptions>(new OfOneRequest(options), loggers, UrlEncoder.Default)
{
    public const string SchemeName = "oidc";
    public const string VerifiedEmail = "verified_email";

    const string Nonce = "nonce";
    const int NonceLength = 32;

    public Task PrepareAsync(HttpContext http) => InitializeAsync(new AuthenticationScheme(SchemeName, null, typeof(OidcHandler)), http);

    protected override string BuildChallengeUrl(AuthenticationProperties properties, string redirectUri)
    {
        var nonce = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(NonceLength));
        properties.Items[Nonce] = nonce;
        return QueryHelpers.AddQueryString(base.BuildChallengeUrl(properties, redirectUri), Nonce, nonce);
    }

    /// <summary>An answer that names another issuer was meant for another provider (RFC 9207).</summary>
    protected override Task<HandleRequestResult> HandleRemoteAuthenticateAsync() =>
        Request.Query.TryGetValue("iss", out var issuer) && !string.Equals(issuer, provider.Issuer, StringComparison.Ordinal)
            ? Task.FromResult(HandleRequestResult.Fail("The answer is of another issuer."))
            : base.HandleRemoteAuthenticateAsync();

    protected override async Task<AuthenticationTicket> CreateTicketAsync(ClaimsIdentity identity, AuthenticationProperties properties, OAuthTokenResponse tokens)
    {
        if (tokens.Response?.RootElement is not { ValueKind: JsonValueKind.Object } root || root.Text("id_token") is not { } token)
            throw new AuthenticationFailureException("There is no ID token.");
        var keys = await providers.KeysForAsync(provider.Issuer, discovered, token, Context.RequestAborted);
        var (claims, why) = IdToken.Check(token, keys, new(provider.Issuer, provider.ClientId, properties.Items[Nonce]!, TimeProvider.GetUtcNow()));
        if (claims is null) throw new AuthenticationFailureException($"The ID token is refused. {why}");
        identity.AddClaim(new(ClaimTypes.NameIdentifier, claims.Subject, ClaimValueTypes.String, provider.Issuer));
        if (claims.VerifiedEmail is { } email) identity.AddClaim(new(VerifiedEmail, email, ClaimValueTypes.String, provider.Issuer));
        if (claims.Name is { } name) identity.AddClaim(new(ClaimTypes.Name, name, ClaimValueTypes.String, provider.Issuer));
        return new(new ClaimsPrincipal(identity), properties, SchemeName);
    }

    /// <summary>The options this handler was made with.</summary>
    sealed class OfOneRequest(OAuthOptions options) : IOptionsMonitor<OAuthOptions>
    {
        public OAuthOptions CurrentValue => options;

        public OAuthOptions Get(string? name) => options;

        public IDisposable? OnChange(Action<OAuthOptions, string?> listener) => null;
    }
}
