using System.Net;

namespace Rcc.Server.Tests;

/// <summary>Signing in and out, tickets, and what revoking does to live connections.</summary>
public sealed class SignInTests(RunningServer server)
{
    [Fact]
    public async Task An_unknown_account_an_unknown_address_and_a_wrong_password_get_one_answer()
    {
        var tenant = await Tenants.FirstAsync(server);
        var attempts = new[]
        {
            new { account = tenant.Slug, email = tenant.AgentEmail, password = "wrong password" },
            new { account = tenant.Slug, email = "nobody@example.org", password = Tenant.Password },
            new { account = "no-such-account", email = tenant.AgentEmail, password = Tenant.Password },
            new { account = "", email = "", password = "" },
            new { account = new string('x', 5_000), email = "no address", password = new string('x', 5_000) },
        };
        var answers = new List<string>();
        foreach (var attempt in attempts)
            answers.Add((await server.Api().SendAsync(HttpMethod.Post, "/api/v1/auth/sign_in", attempt)).Refused(HttpStatusCode.Unauthorized, "unauthenticated").Body);
        Assert.Single(answers.Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Guessing_is_slowed_down_per_name_and_address()
    {
        var tenant = await Tenants.FirstAsync(server);
        await using var strict = await server.StartAnotherAsync("--Rcc:SignIn:AttemptsPerMinute=3");
        using var http = new HttpClient { BaseAddress = strict.Address };
        var api = new Api(http, null);
        var wrong = new { account = tenant.Slug, email = tenant.AgentEmail, password = "wrong password" };
        for (var attempt = 0; attempt < 3; attempt++) (await api.SendAsync(HttpMethod.Post, "/api/v1/auth/sign_in", wrong)).Refused(HttpStatusCode.Unauthorized, "unauthenticated");

        var right = new { account = tenant.Slug, email = tenant.AgentEmail.ToUpperInvariant(), password = Tenant.Password };
        var refused = (await api.SendAsync(HttpMethod.Post, "/api/v1/auth/sign_in", right)).Refused(HttpStatusCode.TooManyRequests, "rateLimited");
        Assert.Contains("Retry-After", refused.Headers.Keys);
        (await api.PostAsync("/api/v1/auth/sign_in", new { account = tenant.Slug, email = tenant.MasterEmail, password = Tenant.Password })).Ok();
    }

    [Fact]
    public async Task A_session_names_role_device_and_account_as_the_rest_of_the_API_does()
    {
        var tenant = await Tenants.FirstAsync(server);
        var session = await server.Api().PostAsync("/api/v1/auth/sign_in", new { account = tenant.Slug, email = tenant.MasterEmail, password = Tenant.Password });
        await using var hub = await HubSocket.ConnectAsync(server.Address, session.Text("access_token"));
        var answer = await hub.CallAsync("Synchronize", new { });
        Assert.Equal(("masterAgent", "master_agent"), (answer.GetProperty("role").GetString(), session.Text("role")));
        Assert.Equal(session.Text("role"), (await tenant.Master.Api.GetAsync($"{tenant.Path}/profile")).Ok().Text("role"));
        Assert.Equal(answer.GetProperty("deviceId").GetGuid(), session.Id("device_id"));
        Assert.Equal(answer.GetProperty("accountId").GetGuid(), session.Id("account_id"));
    }

    [Fact]
    [Trait("Catalogue", "RCC-2")]
    public async Task Signing_out_ends_the_live_connection_and_the_credential_at_once()
    {
        var tenant = await Tenants.FirstAsync(server);
        var device = await tenant.SignInAgentAsync();
        await using var hub = await HubSocket.SynchronizeAsync(server.Address, device.Credential);
        await device.Api.PostAsync("/api/v1/auth/sign_out", new { });
        (await device.Api.GetAsync($"{tenant.Path}/profile")).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        await hub.Closed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(401, await HubSocket.RefusedWithAsync(server.Address, device.Credential));
    }

    [Fact]
    [Trait("Catalogue", "RCC-3")]
    public async Task A_device_signs_another_one_out()
    {
        var tenant = await Tenants.FirstAsync(server);
        var (lost, kept) = (await tenant.SignInAgentAsync(), await tenant.SignInAgentAsync());
        await using var hub = await HubSocket.SynchronizeAsync(server.Address, lost.Credential);
        var listed = (await kept.Api.GetAsync($"{tenant.Path}/devices")).Ok().Json.GetProperty("data").EnumerateArray().ToList();
        Assert.Contains(listed, d => d.GetProperty("id").GetGuid() == lost.DeviceId && !d.GetProperty("current").GetBoolean());
        Assert.Contains(listed, d => d.GetProperty("id").GetGuid() == kept.DeviceId && d.GetProperty("current").GetBoolean());

        (await kept.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/devices/{lost.DeviceId}")).Ok();
        (await lost.Api.GetAsync($"{tenant.Path}/profile")).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        await hub.Closed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        (await kept.Api.GetAsync($"{tenant.Path}/profile")).Ok();
    }

    [Fact]
    [Trait("Catalogue", "RCC-35")]
    public async Task A_suspended_agent_is_out_at_once_and_comes_back_by_signing_in()
    {
        var tenant = await Tenant.MakeAsync(server);
        await using var hub = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        (await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/agents/{tenant.Agent.Id}/suspend")).Ok();
        Assert.Contains((await tenant.Agent.Api.GetAsync($"{tenant.Path}/profile")).Code, new[] { "suspended", "unauthenticated" });
        await hub.Closed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        var signIn = new { account = tenant.Slug, email = tenant.AgentEmail, password = Tenant.Password };
        (await server.Api().SendAsync(HttpMethod.Post, "/api/v1/auth/sign_in", signIn)).Refused(HttpStatusCode.Forbidden, "suspended");
        (await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/agents/{tenant.Agent.Id}/resume")).Ok();
        await tenant.SignInAgentAsync();
    }

    [Fact]
    [Trait("Catalogue", "RCC-20")]
    public async Task A_suspended_account_is_out_at_once_on_every_way_in_and_comes_back()
    {
        var tenant = await Tenant.MakeAsync(server);
        await using var agent = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await using var customer = await HubSocket.SynchronizeAsync(server.Address, tenant.Customer.Credential);
        var platform = server.Api(server.Operator);
        (await platform.SendAsync(HttpMethod.Post, $"/platform/api/v1/accounts/{tenant.Id}/suspend")).Ok();

        foreach (var person in new[] { tenant.Master, tenant.Agent, tenant.Customer, tenant.Application })
            (await person.Api.GetAsync($"{tenant.Path}/conversations")).Refused(HttpStatusCode.Forbidden, "suspended");
        (await server.Api().SendAsync(HttpMethod.Post, "/api/v1/auth/sign_in", new { account = tenant.Slug, email = tenant.AgentEmail, password = Tenant.Password }))
            .Refused(HttpStatusCode.Forbidden, "suspended");
        var session = await server.Api().SendAsync(HttpMethod.Post, $"/public/api/v1/inboxes/{tenant.InboxIdentifier}/contacts", new { });
        Assert.Contains(session.Code, new[] { "suspended", "notFound" });
        await agent.Closed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await customer.Closed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(403, await HubSocket.RefusedWithAsync(server.Address, tenant.Agent.Credential));

        (await platform.SendAsync(HttpMethod.Post, $"/platform/api/v1/accounts/{tenant.Id}/resume")).Ok();
        (await tenant.Agent.Api.GetAsync($"{tenant.Path}/conversations")).Ok();
    }

    [Fact]
    public async Task A_ticket_opens_one_connection_and_nothing_else()
    {
        var tenant = await Tenants.FirstAsync(server);
        var ticket = (await tenant.Agent.Api.PostAsync("/api/v1/auth/ticket", new { })).Text("ticket");
        (await server.Api(ticket).GetAsync($"{tenant.Path}/profile")).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        await using (var hub = await HubSocket.ConnectAsync(server.Address, ticket: ticket))
            Assert.Equal(tenant.Agent.Id, (await hub.CallAsync("Synchronize", new { })).GetProperty("personId").GetGuid());
        Assert.Equal(401, await HubSocket.RefusedWithAsync(server.Address, ticket: ticket));
    }

    [Fact]
    public async Task The_header_api_access_token_is_a_bearer_token_too()
    {
        var tenant = await Tenants.FirstAsync(server);
        (await server.Api().SendAsync(HttpMethod.Get, $"{tenant.Path}/agents", null, ("api_access_token", tenant.Application.Credential))).Ok();
        (await server.Api(tenant.Agent.Credential).SendAsync(HttpMethod.Get, $"{tenant.Path}/agents", null, ("api_access_token", "garbage")))
            .Refused(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Theory]
    [InlineData("short", HttpStatusCode.BadRequest, "malformed")]
    [InlineData("long", HttpStatusCode.RequestEntityTooLarge, "tooLarge")]
    public async Task A_password_of_the_wrong_length_names_the_limit(string kind, HttpStatusCode status, string code)
    {
        var tenant = await Tenants.FirstAsync(server);
        var password = kind == "short" ? "123456789" : new string('x', 257);
        var refused = await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/agents", new { name = "N", email = "n@example.org", password });
        Assert.Contains("PasswordLength", refused.Refused(status, code).Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_left_open_is_not_enough_to_keep_the_person_out()
    {
        var tenant = await Tenant.MakeAsync(server);
        var profile = $"{tenant.Path}/profile";
        (await PatchAsync(new { password = "another good password" })).Refused(HttpStatusCode.BadRequest, "malformed");
        (await PatchAsync(new { password = "another good password", current_password = "wrong password" })).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await PatchAsync(new { password = "another good password", current_password = new string('x', 5_000) })).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await PatchAsync(new { password = "another good password", code = "000000" })).Refused(HttpStatusCode.Conflict, "conflict");
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{profile}/second_factor", new { password = "wrong password" })).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/agents/{tenant.Administrator.Id}", new { password = "another good password" })).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await tenant.Agent.Api.GetAsync(profile)).Ok();
        await tenant.SignInAgentAsync();

        var (_, recovery) = await Authenticator.EnrolAsync(tenant);
        (await PatchAsync(new { password = "another good password", code = "000000" })).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await PatchAsync(new { password = "another good password", code = recovery[0] })).Ok();
        (await PatchAsync(new { password = "a third good password", code = recovery[0] })).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await server.Api().PostAsync("/api/v1/auth/sign_in", new { account = tenant.Slug, email = tenant.AgentEmail, password = "another good password", code = recovery[1] })).Ok();

        Task<ApiAnswer> PatchAsync(object body) => tenant.Agent.Api.SendAsync(HttpMethod.Patch, profile, body);
    }

    [Fact]
    public async Task Guessing_ones_own_password_is_slowed_down_as_codes_are()
    {
        var tenant = await Tenant.MakeAsync(server);
        await using var strict = await server.StartAnotherAsync("--Rcc:SignIn:CodeAttempts=3");
        using var http = new HttpClient { BaseAddress = strict.Address };
        var api = new Api(http, tenant.Agent.Credential);
        for (var attempt = 0; attempt < 3; attempt++)
            (await api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/profile", new { password = "another good password", current_password = "wrong password" })).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/profile", new { password = "another good password", current_password = Tenant.Password })).Refused(HttpStatusCode.TooManyRequests, "rateLimited");
        (await api.SendAsync(HttpMethod.Post, $"{tenant.Path}/profile/second_factor", new { password = Tenant.Password })).Refused(HttpStatusCode.TooManyRequests, "rateLimited");
    }

    [Fact]
    public async Task A_new_password_signs_out_the_other_devices_and_replaces_the_old_one()
    {
        var tenant = await Tenant.MakeAsync(server);
        var other = await tenant.SignInAgentAsync();
        (await tenant.Agent.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/profile", new { password = "another good password", current_password = Tenant.Password })).Ok();
        (await other.Api.GetAsync($"{tenant.Path}/profile")).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        (await tenant.Agent.Api.GetAsync($"{tenant.Path}/profile")).Ok();
        (await server.Api().SendAsync(HttpMethod.Post, "/api/v1/auth/sign_in", new { account = tenant.Slug, email = tenant.AgentEmail, password = Tenant.Password }))
            .Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        (await server.Api().PostAsync("/api/v1/auth/sign_in", new { account = tenant.Slug, email = tenant.AgentEmail, password = "another good password" })).Ok();
    }
}
