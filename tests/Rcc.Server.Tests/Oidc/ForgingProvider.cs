using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace Rcc.Server.Tests.Oidc;

/// <summary>A provider that lets everybody through and answers with whatever token the test wants.</summary>
internal sealed class ForgingProvider : IAsyncDisposable
{
    readonly WebApplication web;
    string nonce = "";

    ForgingProvider(WebApplication web) => this.web = web;

    public TokenForge Forge { get; } = new();

    public string Issuer => web.Urls.First();

    /// <summary>What the token endpoint answers with, from the claims of a right token.</summary>
    public Func<JsonObject, string> Token { get; set; } = _ => "";

    /// <summary>The address the token names.</summary>
    public string Email { get; set; } = "";

    /// <summary>What else the browser brings back.</summary>
    public string Extra { get; set; } = "";

    /// <summary>How often the keys were read.</summary>
    public int KeysRead { get; private set; }

    /// <summary>What the token endpoint was asked with last.</summary>
    public IFormCollection? Exchange { get; private set; }

    public static async Task<ForgingProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var provider = new ForgingProvider(builder.Build());
        provider.Map();
        await provider.web.StartAsync(TestContext.Current.CancellationToken);
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        await web.DisposeAsync();
        Forge.Dispose();
    }

    void Map()
    {
        web.MapGet("/.well-known/openid-configuration", () => Results.Content(
            new JsonObject { ["issuer"] = Issuer, ["authorization_endpoint"] = $"{Issuer}/auth", ["token_endpoint"] = $"{Issuer}/token", ["jwks_uri"] = $"{Issuer}/jwks" }.ToJsonString(), "application/json"));
        web.MapGet("/jwks", () =>
        {
            KeysRead++;
            return Results.Content(Forge.Keys, "application/json");
        });
        web.MapGet("/auth", (HttpContext http) =>
        {
            nonce = http.Request.Query["nonce"]!;
            return Results.Redirect(QueryHelpers.AddQueryString(http.Request.Query["redirect_uri"]!, new Dictionary<string, string?>(StringComparer.Ordinal) { ["code"] = "code", ["state"] = http.Request.Query["state"] }) + Extra);
        });
        web.MapPost("/token", async (HttpContext http) =>
        {
            Exchange = await http.Request.ReadFormAsync();
            var claims = TokenForge.Claims(Issuer, nonce, Email);
            return Results.Content(new JsonObject { ["access_token"] = "access", ["token_type"] = "Bearer", ["id_token"] = Token(claims) }.ToJsonString(), "application/json");
        });
    }
}
