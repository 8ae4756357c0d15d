using System.Net;
using Npgsql;

namespace Rcc.Server.Tests;

/// <summary>How long sessions last, and how agents sign in, as an account has decided.</summary>
public sealed class SessionPolicyTests(RunningServer server)
{
    [Theory]
    [InlineData("session_days", "signed_in_at")]
    [InlineData("idle_days", "used_at")]
    public async Task A_session_that_is_over_is_out_on_REST_at_once_and_its_live_connection_ends(string policy, string clock)
    {
        await using var watching = await RunningServer.WithAsync("--Rcc:Agents:SessionInterval=00:00:00.1");
        var tenant = await Tenant.MakeAsync(watching);
        var kept = await tenant.SignInAgentAsync();
        await using var over = await HubSocket.SynchronizeAsync(watching.Address, tenant.Agent.Credential);
        await using var customer = await HubSocket.SynchronizeAsync(watching.Address, tenant.Customer.Credential);
        await MakeOlderAsync(watching, clock, tenant.Agent.DeviceId, tenant.Customer.DeviceId, tenant.Application.DeviceId);
        (await tenant.Agent.Api.GetAsync($"{tenant.Path}/profile")).Ok();
        await MakeOlderAsync(watching, clock, tenant.Agent.DeviceId);

        (await SetAsync(tenant, policy, 2)).Ok();

        (await tenant.Agent.Api.GetAsync($"{tenant.Path}/profile")).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        await over.Closed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(401, await HubSocket.RefusedWithAsync(watching.Address, tenant.Agent.Credential));
        var devices = (await kept.Api.GetAsync($"{tenant.Path}/devices")).Ok().Json.GetProperty("data").EnumerateArray().Select(device => device.GetProperty("id").GetGuid());
        Assert.Equal([kept.DeviceId], devices);
        var acts = (await tenant.Administrator.Api.GetAsync($"{tenant.Path}/audit_logs?object_id={tenant.Agent.Id}&action=end_session")).Ok().Json.GetProperty("data");
        Assert.Contains($"{tenant.Agent.DeviceId}", acts[0].GetProperty("detail").GetString(), StringComparison.Ordinal);

        // A policy of agents' says nothing of customers and applications.
        Assert.False(customer.Closed.IsCompleted);
        (await tenant.Application.Api.GetAsync($"{tenant.Path}/agents")).Ok();
        (await SetAsync(tenant, policy, 0)).Refused(HttpStatusCode.BadRequest, "malformed");
        Assert.Equal(2, (await tenant.Administrator.Api.GetAsync(tenant.Path)).Ok().Json.GetProperty("policies").GetProperty(policy).GetInt32());
    }

    [Fact]
    public async Task What_a_session_that_is_over_posts_on_its_live_connection_is_refused_before_that_is_closed()
    {
        var tenant = await Tenant.MakeAsync(server);
        (await tenant.Agent.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/profile/availability", new { availability = "busy" })).Ok();
        await using var over = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await MakeOlderAsync(server, "signed_in_at", tenant.Agent.DeviceId);
        (await SetAsync(tenant, "session_days", 2)).Ok();

        var answer = await over.CallAsync("SetAvailability", new { number = 1, availability = "online" });

        Assert.Contains(HubTests.CodeOf(answer), new[] { "unauthenticated", "forbidden" });
        Assert.Equal("busy", (await tenant.Master.Api.GetAsync($"{tenant.Path}/agents/{tenant.Agent.Id}")).Ok().Text("availability_status"));
    }

    [Fact]
    public async Task Where_the_provider_is_the_only_way_in_passwords_are_not_and_it_cannot_be_taken_away()
    {
        var tenant = await Tenant.MakeAsync(server);
        (await SetAsync(tenant, "sign_in", "oidc_only")).Ok();
        Assert.Equal("oidc_only", (await tenant.Administrator.Api.GetAsync(tenant.Path)).Ok().Json.GetProperty("policies").GetProperty("sign_in").GetString());

        var signIn = new { account = tenant.Slug, email = tenant.AgentEmail, password = Tenant.Password };
        (await server.Api().SendAsync(HttpMethod.Post, "/api/v1/auth/sign_in", signIn)).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await server.Api().SendAsync(HttpMethod.Post, "/api/v1/auth/sign_in", signIn with { password = "wrong password" })).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        (await server.Api().SendAsync(HttpMethod.Post, "/api/v1/auth/second_factor", signIn)).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await server.Api().SendAsync(HttpMethod.Post, "/api/v1/auth/invitation/accept", new { token = tenant.Invitation, name = "Ida", password = Tenant.Password })).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await tenant.Agent.Api.GetAsync($"{tenant.Path}/profile")).Ok();
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/identity_provider")).Refused(HttpStatusCode.Conflict, "conflict");

        (await SetAsync(tenant, "sign_in", "any")).Ok();
        (await server.Api().SendAsync(HttpMethod.Post, "/api/v1/auth/sign_in", signIn)).Ok();
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/identity_provider")).Ok();
        (await SetAsync(tenant, "sign_in", "oidc_only")).Refused(HttpStatusCode.Conflict, "conflict");
    }

    static Task<ApiAnswer> SetAsync(Tenant tenant, string policy, object value) => tenant.Administrator.Api.SendAsync(
        HttpMethod.Patch, tenant.Path, new { policies = new Dictionary<string, object>(StringComparer.Ordinal) { [policy] = value } });

    /// <summary>Three days older than it is.</summary>
    static async Task MakeOlderAsync(RunningServer server, string clock, params Guid[] devices)
    {
        await using var database = NpgsqlDataSource.Create(server.Server.ConnectionString);
        await using var command = database.CreateCommand($"UPDATE device SET {clock} = {clock} - interval '3 days' WHERE id = ANY ($1)");
        command.Parameters.Add(new() { Value = devices });
        Assert.Equal(devices.Length, await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
    }
}
