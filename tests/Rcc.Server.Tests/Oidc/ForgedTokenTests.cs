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

    [Fact]
    public async Task An_office_behind_one_address_signs_in_by_its_provider_with_the_default_limits()
    {
        const int people = 25;
        await using var provider = await ForgingProvider.StartAsync();
        await using var usual = await server.StartAnotherAsync("--Rcc:SignIn:AllowPrivateProviders=true");
        using var http = new HttpClient { BaseAddress = usual.Address };
        var tenant = await Tenant.MakeAsync(server);
        await OidcSignIn.SetProviderAsync(tenant, provider.Issuer);
        provider.Email = tenant.AgentEmail;
        provider.Token = claims => provider.Forge.Sign(claims);
        for (var person = 0; person < people; person++)
        {
            var signIn = new OidcSignIn(usual.Address, tenant.Slug);
            (await signIn.RedeemAsync(new Api(http, null), await signIn.BringCodeAsync("any"))).Ok();
        }
    }

    [Fact]
    public async Task One_answer_of_a_provider_is_not_tried_for_ever()
    {
        await using var provider = await ForgingProvider.StartAsync();
        await using var usual = await server.StartAnotherAsync("--Rcc:SignIn:AllowPrivateProviders=true", "--Rcc:SignIn:AttemptsPerMinute=3");
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = usual.Address };
        var tenant = await Tenant.MakeAsync(server);
        await OidcSignIn.SetProviderAsync(tenant, provider.Issuer);
        using var started = await http.GetAsync(new OidcSignIn(usual.Address, tenant.Slug).Start(), TestContext.Current.CancellationToken);
        using var sent = await http.GetAsync(started.Headers.Location, TestContext.Current.CancellationToken);
        var api = new Api(http, null);
        for (var attempt = 0; attempt < 3; attempt++) Assert.NotEqual(HttpStatusCode.TooManyRequests, (await api.GetAsync(sent.Headers.Location!.PathAndQuery)).Status);
        (await api.GetAsync(sent.Headers.Location!.PathAndQuery)).Refused(HttpStatusCode.TooManyRequests, "rateLimited");
    }

    [Theory]
    [InlineData("two\nlines")]
    [InlineData("half \uFFFD a character")]
    [InlineData(null)]
    public async Task What_cannot_be_a_name_in_a_token_is_not_taken_for_one(string? name)
    {
        await using var provider = await ForgingProvider.StartAsync();
        var tenant = await Tenant.MakeAsync(server);
        await OidcSignIn.SetProviderAsync(tenant, provider.Issuer);
        provider.Token = claims =>
        {
            claims["name"] = name ?? new string('x', 5_000);
            return provider.Forge.Sign(claims);
        };
        var signIn = new OidcSignIn(server.Address, tenant.Slug);
        var invited = $"invited@{tenant.Slug}.example";
        Assert.Equal(invited, (await signIn.RedeemAsync(server.Api(), await signIn.BringCodeAsync("any", tenant.Invitation))).Ok().Text("name"));
        Assert.Equal(invited, (await tenant.Master.Api.GetAsync($"{tenant.Path}/agents/{tenant.InvitedAgent}")).Ok().Text("name"));
    }

    static async Task RefusedAsync(OidcSignIn signIn, string how)
    {
        using var browser = new BrowserOfPerson();
        var (returned, status, body) = await browser.GoAsync(signIn.Start(), OidcSignIn.ReturnUrl, "any");
        Assert.True(returned is null, $"{how}: {returned}");
        Assert.True(status == HttpStatusCode.Unauthorized && body.Contains("\"unauthenticated\"", StringComparison.Ordinal), $"{how}: {status} {body}");
    }
}
