using System.Net;
using System.Text.Json;

namespace Rcc.Server.Tests;

/// <summary>The REST API by the hub: every route of an account, asked by everybody on both ways. The list of routes is the program's own, so that one that does not work here cannot be forgotten.</summary>
[Trait("Catalogue", "INV-24")]
public sealed class ApiOverHubTests(RunningServer server)
{
    const string Accounts = " /api/v1/accounts/";

    static readonly Who[] Callers = [Who.Administrator, Who.MasterAgent, Who.Agent, Who.Customer];

    /// <summary>What is no JSON.</summary>
    static readonly string[] Streams = ["GET /api/v1/accounts/{account_id:guid}/audit_logs/export"];

    /// <summary>What signs out the agent's device that asks.</summary>
    static readonly string[] OwnSignOuts = ["DELETE /api/v1/accounts/{account_id:guid}/agents/{agent_id:guid}/devices/{device_id:guid}", "DELETE /api/v1/accounts/{account_id:guid}/devices/{device_id:guid}"];

    public static TheoryData<string> OfAccounts => [.. RouteAccess.Entries.Keys.Where(k => k.Contains(Accounts, StringComparison.Ordinal)).Except(Streams, StringComparer.Ordinal)];

    public static TheoryData<string> NamingObjects => [.. RouteAccess.Entries.Where(e => e.Value.NamesObject && e.Key.Contains(Accounts, StringComparison.Ordinal)).Select(e => e.Key)];

    [Theory]
    [MemberData(nameof(OfAccounts))]
    public async Task Each_role_gets_in_where_it_does_by_HTTP(string route)
    {
        var entry = RouteAccess.Entries[route];
        foreach (var who in Callers)
        {
            var may = entry.May.HasFlag(who);
            var tenant = (entry.Ends && may) || entry.AsksWhoTakesPart ? await Tenant.MakeAsync(server) : await Tenants.FirstAsync(server);
            await using var hub = await HubSocket.SynchronizeAsync(server.Address, tenant.Of(who).Credential);
            var asked = RequestAsync(hub, tenant, route, RouteAccess.PathOf(route, tenant, tenant), entry.Body?.Invoke(tenant));
            if (who == Who.Agent && OwnSignOuts.Contains(route))
            {
                // The connection ends with the sign-out, at times before the answer.
                await hub.Closed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
                continue;
            }

            var answer = await asked;
            var code = HubTests.CodeOf(answer);
            string[] expected = !may ? ["forbidden", "notFound"] : entry.NeedsOccasion ? ["ok", "conflict", "closed"] : ["ok"];
            Assert.True(expected.Contains(code), $"{who} at {route}: {answer}");
        }
    }

    [Theory]
    [MemberData(nameof(NamingObjects))]
    public async Task Another_tenants_objects_are_answered_like_unknown_ones(string route)
    {
        var (tenant, other) = (await Tenants.FirstAsync(server), await Tenants.SecondAsync(server));
        var entry = RouteAccess.Entries[route];
        var path = RouteAccess.PathOf(route, other, tenant);
        var unknown = string.Join('/', path.Split('/').Select(part => Guid.TryParse(part, out var id) && id != other.Id ? Guid.NewGuid().ToString() : part));
        foreach (var who in Callers.Where(w => entry.May.HasFlag(w)))
        {
            await using var hub = await HubSocket.SynchronizeAsync(server.Address, other.Of(who).Credential);
            var foreign = await RequestAsync(hub, other, route, path, entry.Body?.Invoke(other));
            Assert.True(HubTests.CodeOf(foreign) is "notFound" or "forbidden", $"{who}: {foreign}");
            Assert.Equal((await RequestAsync(hub, other, route, unknown, entry.Body?.Invoke(other))).GetRawText(), foreign.GetRawText());
        }
    }

    [Fact]
    public async Task What_is_no_route_of_the_account_does_not_exist()
    {
        var tenant = await Tenants.FirstAsync(server);
        var other = await Tenants.SecondAsync(server);
        await using var hub = await HubSocket.SynchronizeAsync(server.Address, tenant.Administrator.Credential);
        foreach (var path in new[]
        {
            "/nothing", "//agents", "/../../auth/ticket", "/%2e%2e/%2e%2e/auth/ticket", $"/../{other.Id}/agents", $"/%2e%2e/{other.Id}/agents", "/../../../../platform/api/v1/accounts", "/../../../../health/live",
            "/../../../../hubs/v1/device/negotiate", "/agents%3flimit=1",
        })
        {
            foreach (var method in new[] { "GET", "POST" })
            {
                var answer = await hub.CallAsync("Request", new { method, path });
                Assert.True(HubTests.CodeOf(answer) == "notFound", $"{method} {path}: {answer}");
            }
        }
    }

    [Fact]
    public async Task Both_ways_have_the_same_answer_and_the_same_refusal()
    {
        var tenant = await Tenants.FirstAsync(server);
        await using var hub = await HubSocket.SynchronizeAsync(server.Address, tenant.Master.Credential);
        foreach (var (method, path, body) in new (HttpMethod, string, object?)[]
        {
            (HttpMethod.Get, "", null), (HttpMethod.Get, "/", null), (HttpMethod.Get, "/teams?limit=1", null), (HttpMethod.Get, "/contacts/search?q=Custo%6Der", null), (HttpMethod.Get, "/teams?limit=none", null),
            (HttpMethod.Get, "/teams?cursor=%00", null), (HttpMethod.Post, "/agents", null), (HttpMethod.Post, "/agents", new { name = "x" }), (HttpMethod.Post, "/agents", new[] { 1 }),
            (HttpMethod.Put, "/agents", null), (HttpMethod.Post, "/teams", new { name = new string('x', 1000), master_agent_id = tenant.Master.Id }), (HttpMethod.Post, "/teams", new { name = "x", master_agent_id = Guid.Empty }),
        })
        {
            var http = await tenant.Master.Api.SendAsync(method, $"/api/v1/accounts/{tenant.Id}{path}", body);
            var answer = await hub.CallAsync("Request", new { method = method.Method, path, body });
            if (http.IsSuccess)
            {
                Assert.Equal("ok", HubTests.CodeOf(answer));
                Assert.Equal(http.Body, answer.GetProperty("body").GetRawText());
            }
            else
            {
                Assert.Equal((http.Code, http.Json.TryGetProperty("detail", out var told) ? told.GetString() : null), (HubTests.CodeOf(answer), DetailOf(answer)));
                Assert.False(answer.TryGetProperty("body", out _));
            }
        }
    }

    [Fact]
    public async Task What_is_made_by_the_hub_is_made_once_for_a_key_and_told_to_other_devices()
    {
        var tenant = await Tenant.MakeAsync(server);
        await using var other = await HubTests.ReadLiveAsync(server, tenant.Administrator);
        await using var hub = await HubSocket.SynchronizeAsync(server.Address, tenant.Master.Credential);
        var request = new { method = "POST", path = "/teams", body = new { name = "Night watch", master_agent_id = tenant.Master.Id }, idempotencyKey = "night-watch" };
        var made = await hub.CallAsync("Request", request);
        Assert.Equal("ok", HubTests.CodeOf(made));
        Assert.Equal(made.GetRawText(), (await hub.CallAsync("Request", request)).GetRawText());
        Assert.Equal("numberReused", HubTests.CodeOf(await hub.CallAsync("Request", request with { body = new { name = "Day watch", master_agent_id = tenant.Master.Id } })));

        var id = made.GetProperty("body").GetProperty("id").GetString();
        await other.NextItemAsync(item => item.GetProperty("kind").GetString() == "group" && item.GetProperty("id").GetString() == id);
    }

    [Fact]
    public async Task An_act_by_the_hub_is_in_the_audit_log_with_the_device()
    {
        var tenant = await Tenant.MakeAsync(server);
        await using var hub = await HubSocket.SynchronizeAsync(server.Address, tenant.Administrator.Credential);
        var made = await hub.CallAsync("Request", new { method = "POST", path = "/labels", body = new { title = "by-hub", color = "#00ff00" } });
        Assert.Equal("ok", HubTests.CodeOf(made));
        var act = (await tenant.Administrator.Api.GetAsync($"/api/v1/accounts/{tenant.Id}/audit_logs?limit=1")).Ok().Json.GetProperty("data")[0];
        Assert.Equal("create", act.GetProperty("action").GetString());
        Assert.Equal(tenant.Administrator.DeviceId, act.GetProperty("actor").GetProperty("device_id").GetGuid());
    }

    [Fact]
    public async Task A_stream_is_to_be_had_by_HTTP_only_and_ends_at_the_limit()
    {
        var tenant = await Tenants.FirstAsync(server);
        await using var hub = await HubSocket.SynchronizeAsync(server.Address, tenant.Administrator.Credential);
        Assert.Equal("unknownOperation", HubTests.CodeOf(await hub.CallAsync("Request", new { method = "GET", path = "/audit_logs/export" })));
        Assert.Equal(HttpStatusCode.OK, (await tenant.Administrator.Api.GetAsync($"/api/v1/accounts/{tenant.Id}/audit_logs/export")).Status);
    }

    [Fact]
    public async Task An_answer_over_the_limit_is_refused_by_its_name_and_the_connection_lives_on()
    {
        await using var small = await server.StartAnotherAsync("--Rcc:Hub:MaxApiAnswerBytes=65536");
        var tenant = await Tenants.FirstAsync(server);
        await using var hub = await HubSocket.SynchronizeAsync(small.Address, tenant.Agent.Credential);
        for (var again = 0; again < 3; again++) await tenant.Agent.Api.PostAsync($"/api/v1/accounts/{tenant.Id}/conversations/{tenant.Conversation}/messages", new { content = new string('x', 30_000) });
        var path = $"/conversations/{tenant.Conversation}/messages";
        var answer = await hub.CallAsync("Request", new { method = "GET", path });
        Assert.Equal("tooLarge", HubTests.CodeOf(answer));
        Assert.Contains("maxApiAnswerBytes", DetailOf(answer), StringComparison.Ordinal);
        Assert.Equal("ok", HubTests.CodeOf(await hub.CallAsync("Request", new { method = "GET", path = $"{path}?limit=1" })));
    }

    static Task<JsonElement> RequestAsync(HubSocket hub, Tenant account, string route, string path, object? body) =>
        hub.CallAsync("Request", new { method = RouteAccess.MethodOf(route).Method, path = path[$"/api/v1/accounts/{account.Id}".Length..], body });

    static string? DetailOf(JsonElement answer) => answer.GetProperty("outcome").TryGetProperty("detail", out var detail) ? detail.GetString() : null;
}
