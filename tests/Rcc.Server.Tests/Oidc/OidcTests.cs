using System.Net;
using Npgsql;
using Rcc.Client.Access;

namespace Rcc.Server.Tests.Oidc;

/// <summary>Signing in by an account's own OpenID provider, through the whole redirect flow, against the certified <c>oidc-provider</c>.</summary>
public sealed class OidcTests(RunningServer server, OidcProvider provider) : IClassFixture<OidcProvider>
{
    [Theory]
    [InlineData("rcc")]
    [InlineData("rcc-es256")]
    public async Task An_agent_signs_in_by_its_verified_address_and_afterwards_by_who_it_is(string clientId)
    {
        var (tenant, signIn) = await MakeAsync(clientId);
        var first = (await signIn.RedeemAsync(server.Api(), await signIn.BringCodeAsync(tenant.AgentEmail))).Ok();
        Assert.Equal((tenant.Agent.Id, tenant.Id, "agent", "Agent"), (first.Id("person_id"), first.Id("account_id"), first.Text("role"), first.Text("name")));
        (await server.Api(first.Text("access_token")).GetAsync($"{tenant.Path}/profile")).Ok();
        await using (var hub = await HubSocket.SynchronizeAsync(server.Address, first.Text("access_token"))) Assert.False(hub.Closed.IsCompleted);

        var again = (await signIn.RedeemAsync(server.Api(), await signIn.BringCodeAsync(tenant.AgentEmail))).Ok();
        Assert.Equal(tenant.Agent.Id, again.Id("person_id"));
        Assert.NotEqual(first.Id("device_id"), again.Id("device_id"));
        var acts = (await tenant.Administrator.Api.GetAsync($"{tenant.Path}/audit_logs?object_id={tenant.Agent.Id}&action=link_identity")).Ok().Json.GetProperty("data");
        Assert.Equal(1, acts.GetArrayLength());
    }

    [Fact]
    public async Task Who_the_provider_knows_but_the_account_does_not_gets_no_further()
    {
        var (tenant, signIn) = await MakeAsync();
        foreach (var login in new[] { $"unverified-{tenant.AgentEmail}", $"nobody@{tenant.Slug}.example", "nobody" })
            (await signIn.RedeemAsync(server.Api(), await signIn.BringCodeAsync(login))).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        (await tenant.Master.Api.PostAsync($"{tenant.Path}/agents/{tenant.Agent.Id}/suspend", new { })).Ok();
        (await signIn.RedeemAsync(server.Api(), await signIn.BringCodeAsync(tenant.AgentEmail))).Refused(HttpStatusCode.Forbidden, "suspended");
    }

    [Fact]
    [Trait("Catalogue", "RCC-34")]
    public async Task An_invited_person_comes_by_the_provider_with_its_invitation_or_its_address()
    {
        var (tenant, signIn) = await MakeAsync();
        var byInvitation = (await signIn.RedeemAsync(server.Api(), await signIn.BringCodeAsync("ida-of-elsewhere", tenant.Invitation))).Ok();
        Assert.Equal((tenant.InvitedAgent, "Person ida-of-elsewhere"), (byInvitation.Id("person_id"), byInvitation.Text("name")));
        var agent = (await tenant.Master.Api.GetAsync($"{tenant.Path}/agents/{tenant.InvitedAgent}")).Ok().Json;
        Assert.Equal((false, "Person ida-of-elsewhere"), (agent.GetProperty("invited").GetBoolean(), agent.GetProperty("name").GetString()));

        // Once: who comes with it next is somebody else.
        (await signIn.RedeemAsync(server.Api(), await signIn.BringCodeAsync("somebody-else", tenant.Invitation))).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        Assert.Equal(tenant.InvitedAgent, (await signIn.RedeemAsync(server.Api(), await signIn.BringCodeAsync("ida-of-elsewhere"))).Ok().Id("person_id"));

        var ben = (await tenant.Master.Api.PostAsync($"{tenant.Path}/agents/invitations", new { email = $"ben@{tenant.Slug}.example" })).Id();
        Assert.Equal(ben, (await signIn.RedeemAsync(server.Api(), await signIn.BringCodeAsync($"ben@{tenant.Slug}.example"))).Ok().Id("person_id"));
    }

    [Fact]
    [Trait("Catalogue", "RCC-39")]
    public async Task The_identity_of_an_agent_who_was_removed_is_that_of_its_next_one()
    {
        var (tenant, signIn) = await MakeAsync();
        (await signIn.RedeemAsync(server.Api(), await signIn.BringCodeAsync(tenant.AgentEmail))).Ok();
        (await tenant.Master.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/agents/{tenant.Agent.Id}")).Ok();
        (await signIn.RedeemAsync(server.Api(), await signIn.BringCodeAsync(tenant.AgentEmail))).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        var next = (await tenant.Master.Api.PostAsync($"{tenant.Path}/agents", new { name = "Next", email = tenant.AgentEmail, password = Tenant.Password })).Id();
        Assert.Equal(next, (await signIn.RedeemAsync(server.Api(), await signIn.BringCodeAsync(tenant.AgentEmail))).Ok().Id("person_id"));
    }

    [Fact]
    public async Task A_device_client_signs_in_by_the_provider_and_is_told_why_it_may_not()
    {
        var (tenant, _) = await MakeAsync();
        using var http = new HttpClient { BaseAddress = server.Address };
        var client = new SignIn(http);
        var start = client.BeginOidc(tenant.Slug, new Uri(OidcSignIn.ReturnUrl));
        using var browser = new BrowserOfPerson();
        var (returned, status, body) = await browser.GoAsync(start.Url, OidcSignIn.ReturnUrl, tenant.AgentEmail);
        Assert.True(returned is not null, $"{status} {body}");

        var other = await client.FinishOidcAsync(client.BeginOidc(tenant.Slug, new Uri(OidcSignIn.ReturnUrl)), new Uri($"{OidcSignIn.ReturnUrl}#error=access_denied"), "Desk", TestContext.Current.CancellationToken);
        Assert.Equal((ErrorCode.Unauthenticated, "access_denied"), (other.Outcome.Code, other.Outcome.Detail));
        var answer = await client.FinishOidcAsync(start, returned, "Desk", TestContext.Current.CancellationToken);
        Assert.True(answer.Outcome.IsOk, answer.Outcome.Detail);
        Assert.Equal((tenant.Agent.Id, tenant.Id, "Agent"), (answer.Device!.PersonId, answer.Device.AccountId, answer.Device.Name));
        (await server.Api(answer.Device.AccessToken).GetAsync($"{tenant.Path}/profile")).Ok();
        Assert.Equal(ErrorCode.NotFound, (await client.FinishOidcAsync(start, returned, "Desk", TestContext.Current.CancellationToken)).Outcome.Code);
    }

    [Fact]
    public async Task An_identity_is_unlinked_by_the_agent_and_by_who_manages_it_and_that_is_recorded()
    {
        var (tenant, signIn) = await MakeAsync();
        var identities = $"{tenant.Path}/agents/{tenant.Agent.Id}/identities";
        (await signIn.RedeemAsync(server.Api(), await signIn.BringCodeAsync(tenant.AgentEmail))).Ok();
        foreach (var api in new[] { tenant.Agent.Api, tenant.Master.Api, tenant.Administrator.Api })
        {
            Assert.Equal(1, (await api.GetAsync(identities)).Ok().Json.GetProperty("data").GetArrayLength());
        }

        var colleague = await tenant.AddAgentAsync();
        (await colleague.Api.GetAsync(identities)).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await colleague.Api.SendAsync(HttpMethod.Delete, identities)).Refused(HttpStatusCode.Forbidden, "forbidden");

        foreach (var person in new[] { tenant.Agent, tenant.Administrator })
        {
            (await person.Api.SendAsync(HttpMethod.Delete, identities)).Ok();
            Assert.Equal(0, (await tenant.Master.Api.GetAsync(identities)).Ok().Json.GetProperty("data").GetArrayLength());
            var act = (await tenant.Administrator.Api.GetAsync($"{tenant.Path}/audit_logs?object_id={tenant.Agent.Id}&action=unlink_identity")).Ok().Json.GetProperty("data")[0];
            Assert.Contains(person.Id.ToString(), act.GetRawText(), StringComparison.Ordinal);

            // Who is verified to have the address is linked anew; who has another is nobody.
            (await signIn.RedeemAsync(server.Api(), await signIn.BringCodeAsync($"unverified-{tenant.AgentEmail}"))).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
            Assert.Equal(tenant.Agent.Id, (await signIn.RedeemAsync(server.Api(), await signIn.BringCodeAsync(tenant.AgentEmail))).Ok().Id("person_id"));
        }

        (await tenant.Agent.Api.GetAsync($"{tenant.Path}/profile")).Ok();
    }

    [Fact]
    public async Task A_code_is_good_once_and_only_for_who_started()
    {
        var (tenant, signIn) = await MakeAsync();
        var caught = await signIn.BringCodeAsync(tenant.AgentEmail);
        (await signIn.RedeemAsync(server.Api(), caught, otherVerifier: new string('a', 43))).Refused(HttpStatusCode.NotFound, "notFound");
        (await signIn.RedeemAsync(server.Api(), caught)).Refused(HttpStatusCode.NotFound, "notFound");

        var code = await signIn.BringCodeAsync(tenant.AgentEmail);
        (await signIn.RedeemAsync(server.Api(), code)).Ok();
        (await signIn.RedeemAsync(server.Api(), code)).Refused(HttpStatusCode.NotFound, "notFound");
        (await signIn.RedeemAsync(server.Api(), "rccx_" + new string('A', 43))).Refused(HttpStatusCode.NotFound, "notFound");
        (await signIn.RedeemAsync(server.Api(), tenant.Agent.Credential)).Refused(HttpStatusCode.NotFound, "notFound");
    }

    [Fact]
    public async Task Nothing_is_redirected_to_but_a_return_URL_of_the_account()
    {
        var (tenant, signIn) = await MakeAsync();
        foreach (var wrong in new[] { "http://127.0.0.1:1/other", "https://evil.example/signed-in", "http://127.0.0.1.evil.example/signed-in", "http://evil@127.0.0.1:1/signed-in", "/signed-in", "http://127.0.0.1:1/signed-in#x" })
            (await server.Api().GetAsync(signIn.Start(returnUrl: wrong).PathAndQuery)).Refused(HttpStatusCode.Forbidden, "forbidden");
        using var browser = new BrowserOfPerson();
        var other = "http://127.0.0.1:2/signed-in";
        Assert.NotNull((await browser.GoAsync(signIn.Start(returnUrl: other), other, tenant.AgentEmail)).Returned);
        (await server.Api().GetAsync(new OidcSignIn(server.Address, "no-such-account").Start().PathAndQuery)).Refused(HttpStatusCode.NotFound, "notFound");
        var without = await Tenant.MakeAsync(server);
        (await without.Administrator.Api.SendAsync(HttpMethod.Delete, $"{without.Path}/identity_provider")).Ok();
        (await server.Api().GetAsync(new OidcSignIn(server.Address, without.Slug).Start().PathAndQuery)).Refused(HttpStatusCode.NotFound, "notFound");
    }

    [Fact]
    public async Task An_answer_without_the_cookie_or_the_state_of_its_start_is_refused()
    {
        var (tenant, signIn) = await MakeAsync();
        (await server.Api().GetAsync("/api/v1/auth/oidc/callback?code=x")).Refused(HttpStatusCode.BadRequest, "malformed");
        (await server.Api().GetAsync("/api/v1/auth/oidc/callback?code=x&state=forged")).Refused(HttpStatusCode.BadRequest, "malformed");

        // The state is right, but this browser has not started it.
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false });
        using var started = await http.GetAsync(signIn.Start(), TestContext.Current.CancellationToken);
        var state = System.Web.HttpUtility.ParseQueryString(started.Headers.Location!.Query)["state"]!;
        (await server.Api().GetAsync($"/api/v1/auth/oidc/callback?code=x&state={state}")).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        Assert.Contains("nonce=", started.Headers.Location.Query, StringComparison.Ordinal);
        Assert.Contains("code_challenge_method=S256", started.Headers.Location.Query, StringComparison.Ordinal);
        Assert.DoesNotContain(tenant.Id.ToString(), state, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Catalogue", "INV-24")]
    public async Task A_person_of_one_accounts_provider_is_nobody_at_another_account()
    {
        var (one, _) = await MakeAsync();
        var (_, signInOther) = await MakeAsync();
        (await signInOther.RedeemAsync(server.Api(), await signInOther.BringCodeAsync(one.AgentEmail))).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    [Trait("Catalogue", "RCC-21")]
    public async Task Administrators_set_the_provider_where_it_was_contracted_and_nobody_sees_the_secret()
    {
        var (tenant, signIn) = await MakeAsync();
        var path = $"{tenant.Path}/identity_provider";
        var shown = (await tenant.Administrator.Api.GetAsync(path)).Ok();
        Assert.Equal((provider.Issuer, "rcc"), (shown.Text("issuer"), shown.Text("client_id")));
        Assert.DoesNotContain(OidcProvider.ClientSecret, shown.Body, StringComparison.Ordinal);
        (await tenant.Master.Api.GetAsync(path)).Refused(HttpStatusCode.Forbidden, "forbidden");

        // Without a secret the one before stays, for the same client of the same issuer only.
        object Edit(string issuer, string clientId = "rcc") => new { issuer, client_id = clientId, return_urls = new[] { OidcSignIn.ReturnUrl, "https://desk.example/" } };
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, path, Edit(provider.Issuer))).Ok();
        (await signIn.RedeemAsync(server.Api(), await signIn.BringCodeAsync(tenant.AgentEmail))).Ok();
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, path, Edit("https://evil.example"))).Refused(HttpStatusCode.BadRequest, "malformed");
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, path, Edit(provider.Issuer, "other"))).Refused(HttpStatusCode.BadRequest, "malformed");
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, path, Edit("ftp://x"))).Refused(HttpStatusCode.BadRequest, "malformed");

        await using var database = NpgsqlDataSource.Create(server.Server.ConnectionString);
        await using var command = database.CreateCommand("SELECT convert_from(state, 'UTF8') FROM item WHERE tenant = $1 AND kind = -30");
        command.Parameters.Add(new() { Value = tenant.Id });
        var stored = (string)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        Assert.Contains(provider.Issuer, stored, StringComparison.Ordinal);
        Assert.All(
            new[] { OidcProvider.ClientSecret, string.Join(',', System.Text.Encoding.UTF8.GetBytes(OidcProvider.ClientSecret)) },
            secret => Assert.DoesNotContain(secret, stored, StringComparison.Ordinal));
        Assert.DoesNotContain(server.Log.All, line => line.Contains(OidcProvider.ClientSecret, StringComparison.Ordinal));

        var begun = await signIn.BringCodeAsync(tenant.AgentEmail);
        (await server.Api(server.Operator).SendAsync(HttpMethod.Put, $"/platform/api/v1/accounts/{tenant.Id}/plan", new { name = "bare", services = new[] { "transfers" } })).Ok();
        var until = DateTimeOffset.UtcNow.AddSeconds(10);
        while ((await server.Api().GetAsync(signIn.Start().PathAndQuery)).Code != "notEntitled") Assert.True(DateTimeOffset.UtcNow < until, "What was not contracted is not entitled.");
        (await signIn.RedeemAsync(server.Api(), begun)).Refused(HttpStatusCode.Forbidden, "notEntitled");
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, path, Edit(provider.Issuer))).Refused(HttpStatusCode.Forbidden, "notEntitled");
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Delete, path)).Ok();
        (await tenant.Administrator.Api.GetAsync(path)).Refused(HttpStatusCode.NotFound, "notFound");
    }

    [Fact]
    public async Task A_server_on_a_network_of_its_own_asks_no_provider_there_unless_it_was_told_to()
    {
        var (_, _) = await MakeAsync();
        var tenant = await Tenant.MakeAsync(server);
        await OidcSignIn.SetProviderAsync(tenant, provider.Issuer);
        await using var careful = await server.StartAnotherAsync();
        using var http = new HttpClient { BaseAddress = careful.Address };
        (await new Api(http, null).GetAsync(new OidcSignIn(careful.Address, tenant.Slug).Start().PathAndQuery)).Refused(HttpStatusCode.ServiceUnavailable, "unavailable");
    }

    async Task<(Tenant Tenant, OidcSignIn SignIn)> MakeAsync(string clientId = "rcc")
    {
        var tenant = await Tenant.MakeAsync(server);
        await OidcSignIn.SetProviderAsync(tenant, provider.Issuer, clientId);
        return (tenant, new(server.Address, tenant.Slug));
    }
}
