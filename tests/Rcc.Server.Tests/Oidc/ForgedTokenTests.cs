using System.Net;

namespace Rcc.Server.Tests.Oidc;

/// <summary>Forged tokens through the whole redirect flow: every one is refused.</summary>
public sealed class ForgedTokenTests(RunningServer server)
{
    [Fact]
    public async Task Every_forged_token_is_refused_and_the_right_one_between_them_is_taken()
    {
        await using var provider = await ForgingProvider.StartAsync();
        var tenant = await Tenant.MakeAsync(server);
        await OidcSignIn.SetProviderAsync(tenant, provider.Issuer);
        provider.Email = tenant.AgentEmail;
        var signIn = new OidcSignIn(server.Address, tenant.Slug);
        foreach (var (how, forge) in TokenForge.Forgeries)
        {
            provider.Token = claims => forge(provider.Forge, claims);
            await RefusedAsync(signIn, how);
        }

        provider.Token = claims => provider.Forge.Sign(claims);
        Assert.Equal(tenant.Agent.Id, (await signIn.RedeemAsync(server.Api(), await signIn.BringCodeAsync("any"))).Ok().Id("person_id"));
        provider.Token = provider.Forge.SignEs256;
        Assert.Equal(tenant.Agent.Id, (await signIn.RedeemAsync(server.Api(), await signIn.BringCodeAsync("any"))).Ok().Id("person_id"));
        Assert.Equal(OidcProvider.ClientSecret, provider.Exchange!["client_secret"]);
        Assert.Equal(43, provider.Exchange["code_verifier"].ToString().Length);

        // Not for everybody who presents a token.
        Assert.True(provider.KeysRead < TokenForge.Forgeries.Count / 2, $"The keys were read {provider.KeysRead} times.");

        provider.Extra = "&iss=https%3A%2F%2Fevil.example";
        await RefusedAsync(signIn, "the answer of another issuer");
    }

    static async Task RefusedAsync(OidcSignIn signIn, string how)
    {
        using var browser = new BrowserOfPerson();
        var (returned, status, body) = await browser.GoAsync(signIn.Start(), OidcSignIn.ReturnUrl, "any");
        Assert.True(returned is null, $"{how}: {returned}");
        Assert.True(status == HttpStatusCode.Unauthorized && body.Contains("\"unauthenticated\"", StringComparison.Ordinal), $"{how}: {status} {body}");
    }
}
