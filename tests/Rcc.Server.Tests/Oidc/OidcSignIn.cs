using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Rcc.Server.Tests.Oidc;

/// <summary>A sign-in by an account's provider, as a device makes it.</summary>
internal sealed class OidcSignIn(Uri server, string account)
{
    public const string ReturnUrl = "http://127.0.0.1:1/signed-in";

    readonly string verifier = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public Uri Start(string? invitation = null, string? returnUrl = null) => new(
        server,
        $"/api/v1/auth/oidc/start?account={account}&return_url={Uri.EscapeDataString(returnUrl ?? ReturnUrl)}"
            + $"&code_challenge={Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)))}{(invitation is null ? "" : $"&invitation={invitation}")}");

    /// <summary>Through the browser, to the code in the fragment.</summary>
    public async Task<string> BringCodeAsync(string login, string? invitation = null)
    {
        using var browser = new BrowserOfPerson();
        var (returned, status, body) = await browser.GoAsync(Start(invitation), ReturnUrl, login);
        Assert.True(returned is not null, $"{status} {body}");
        Assert.StartsWith("#code=rccx_", returned.Fragment, StringComparison.Ordinal);
        return returned.Fragment["#code=".Length..];
    }

    public Task<ApiAnswer> RedeemAsync(Api api, string code, string? otherVerifier = null) =>
        api.SendAsync(HttpMethod.Post, "/api/v1/auth/oidc/token", new { code, code_verifier = otherVerifier ?? verifier, device_name = "Desk" });

    /// <summary>Sets the account's provider.</summary>
    public static async Task SetProviderAsync(Tenant tenant, string issuer, string clientId = "rcc") => (await tenant.Administrator.Api.SendAsync(
        HttpMethod.Put, $"{tenant.Path}/identity_provider", new { issuer, client_id = clientId, client_secret = OidcProvider.ClientSecret, return_urls = new[] { ReturnUrl } })).Ok();
}
