using System.Net;
using System.Text.Json;

namespace Rcc.Server.Tests;

/// <summary>Role and address of agents change through the front door, and nobody goes on as what it was.</summary>
[Trait("Catalogue", "RCC-35")]
public sealed class StandingTests(RunningServer server)
{
    [Fact]
    public async Task Who_gets_another_role_is_signed_out_and_comes_back_as_who_it_is_now()
    {
        var tenant = await Tenant.MakeAsync(server);
        await using var live = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/agents/{tenant.Agent.Id}/role", new { role = "master_agent" })).Ok();
        await live.Closed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        (await tenant.Agent.Api.GetAsync($"{tenant.Path}/profile")).Refused(HttpStatusCode.Unauthorized, "unauthenticated");

        var back = await tenant.SignInAgentAsync();
        var profile = (await back.Api.GetAsync($"{tenant.Path}/profile")).Ok().Json;
        Assert.Equal(("master_agent", JsonValueKind.Null), (profile.GetProperty("role").GetString(), profile.GetProperty("team_id").ValueKind));
        var team = (await back.Api.PostAsync($"{tenant.Path}/teams", new { name = "Its own" })).Id();

        // And back again: what it ran, whoever decided runs.
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/agents/{tenant.Agent.Id}/role", new { role = "agent" })).Ok();
        Assert.Equal(tenant.Administrator.Id, (await tenant.Administrator.Api.GetAsync($"{tenant.Path}/teams/{team}")).Ok().Json.GetProperty("master_agent_id").GetGuid());
        (await (await tenant.SignInAgentAsync()).Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/teams", new { name = "Another" })).Refused(HttpStatusCode.Forbidden, "forbidden");
    }

    [Fact]
    [Trait("Catalogue", "RCC-36")]
    public async Task Teams_of_a_removed_master_agent_are_whoever_removed_it_and_a_key_leaves_none_to_nobody()
    {
        var tenant = await Tenant.MakeAsync(server);
        var (master, team) = ($"{tenant.Path}/agents/{tenant.Master.Id}", $"{tenant.Path}/teams/{tenant.Team}");
        (await tenant.Application.Api.SendAsync(HttpMethod.Delete, master)).Refused(HttpStatusCode.Conflict, "conflict");
        (await tenant.Master.Api.GetAsync($"{tenant.Path}/profile")).Ok();

        (await tenant.Administrator.Api.SendAsync(HttpMethod.Delete, master)).Ok();
        Assert.Equal(tenant.Administrator.Id, (await tenant.Administrator.Api.GetAsync(team)).Ok().Id("master_agent_id"));
        (await tenant.Administrator.Api.PostAsync($"{tenant.Path}/agents", new { name = "Next", email = $"next@{tenant.Slug}.example", password = Tenant.Password, team_id = tenant.Team })).Ok();
    }

    [Fact]
    public async Task Two_administrators_who_demote_each_other_at_once_leave_one()
    {
        var tenant = await Tenant.MakeAsync(server);
        for (var round = 0; round < 5; round++)
        {
            var email = $"{Guid.NewGuid():N}@{tenant.Slug}.example";
            var other = (await tenant.Administrator.Api.PostAsync($"{tenant.Path}/agents", new { name = "Second", email, password = Tenant.Password, role = "administrator" })).Id();
            var session = await server.Api().PostAsync("/api/v1/auth/sign_in", new { account = tenant.Slug, email, password = Tenant.Password });
            var (first, second) = (tenant.Administrator.Api, server.Api(session.Text("access_token")));

            var answers = await Task.WhenAll(
                first.SendAsync(HttpMethod.Put, $"{tenant.Path}/agents/{other}/role", new { role = "agent" }),
                second.SendAsync(HttpMethod.Put, $"{tenant.Path}/agents/{tenant.Administrator.Id}/role", new { role = "agent" }));

            Assert.Single(answers, answer => answer.IsSuccess);
            if (!answers[0].IsSuccess)
            {
                (await second.GetAsync($"{tenant.Path}/audit_logs")).Ok();
                return;
            }

            (await first.GetAsync($"{tenant.Path}/audit_logs")).Ok();
        }
    }

    [Fact]
    public async Task An_agent_signs_in_with_its_new_address_and_one_that_is_used_is_refused()
    {
        var tenant = await Tenant.MakeAsync(server);
        var path = $"{tenant.Path}/agents/{tenant.Agent.Id}/email";
        (await tenant.Master.Api.SendAsync(HttpMethod.Put, path, new { email = tenant.MasterEmail.ToUpperInvariant() })).Refused(HttpStatusCode.Conflict, "taken");
        (await tenant.Master.Api.SendAsync(HttpMethod.Put, path, new { email = "nowhere" })).Refused(HttpStatusCode.BadRequest, "malformed");
        (await tenant.Agent.Api.SendAsync(HttpMethod.Put, path, new { email = "mine@example.com" })).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await tenant.Master.Api.SendAsync(HttpMethod.Put, path, new { email = $"New@{tenant.Slug}.example" })).Ok();

        (await server.Api().SendAsync(HttpMethod.Post, "/api/v1/auth/sign_in", new { account = tenant.Slug, email = tenant.AgentEmail, password = Tenant.Password })).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        (await server.Api().SendAsync(HttpMethod.Post, "/api/v1/auth/sign_in", new { account = tenant.Slug, email = $"new@{tenant.Slug}.example", password = Tenant.Password })).Ok();

        (await tenant.Master.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/agents/{tenant.InvitedAgent}/email", new { email = $"elsewhere@{tenant.Slug}.example" })).Ok();
        (await server.Api().SendAsync(HttpMethod.Post, "/api/v1/auth/invitation", new { token = tenant.Invitation })).Refused(HttpStatusCode.NotFound, "notFound");
        (await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/agents/{tenant.InvitedAgent}/invitation")).Ok();
    }
}
