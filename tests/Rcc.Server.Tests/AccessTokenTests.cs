using System.Net;

namespace Rcc.Server.Tests;

/// <summary>What an application's key may do, and for how long.</summary>
public sealed class AccessTokenTests(RunningServer server)
{
    [Fact]
    public async Task A_revoked_access_token_is_refused_at_once()
    {
        var tenant = await Tenant.MakeAsync(server);
        (await tenant.Application.Api.GetAsync($"{tenant.Path}/agents")).Ok();
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/access_tokens/{tenant.Application.Id}")).Ok();
        (await tenant.Application.Api.GetAsync($"{tenant.Path}/agents")).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task A_rotated_access_token_has_a_new_secret_and_the_old_one_ends_after_the_overlap()
    {
        var tenant = await Tenant.MakeAsync(server);
        var path = $"{tenant.Path}/access_tokens/{tenant.Application.Id}/rotate";

        var second = await tenant.Administrator.Api.PostAsync(path, new { });
        Assert.Equal(tenant.Application.Id, second.Id());
        (await server.Api(second.Text("token")).GetAsync($"{tenant.Path}/agents")).Ok();
        (await tenant.Application.Api.GetAsync($"{tenant.Path}/agents")).Ok();
        var listed = (await tenant.Administrator.Api.GetAsync($"{tenant.Path}/access_tokens")).Json.GetProperty("data")[0].GetProperty("previous_valid_until").GetDateTimeOffset();
        Assert.InRange(listed - DateTimeOffset.UtcNow, TimeSpan.FromHours(23), TimeSpan.FromHours(25));
        Assert.Equal(listed, second.Json.GetProperty("previous_valid_until").GetDateTimeOffset());

        var third = await tenant.Administrator.Api.PostAsync(path, new { overlap_seconds = 1 });
        (await tenant.Application.Api.GetAsync($"{tenant.Path}/agents")).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        while ((await server.Api(second.Text("token")).GetAsync($"{tenant.Path}/agents")).Status == HttpStatusCode.OK) await Task.Yield();
        var fourth = await tenant.Administrator.Api.PostAsync(path, new { overlap_seconds = 0 });
        (await server.Api(third.Text("token")).GetAsync($"{tenant.Path}/agents")).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        (await server.Api(fourth.Text("token")).GetAsync($"{tenant.Path}/agents")).Ok();

        Assert.Contains("KeyOverlap", (await tenant.Administrator.Api.SendAsync(HttpMethod.Post, path, new { overlap_seconds = 90_000 })).Refused(HttpStatusCode.RequestEntityTooLarge, "tooLarge").Text("detail"), StringComparison.Ordinal);
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Post, path, new { overlap_seconds = -1 })).Refused(HttpStatusCode.BadRequest, "malformed");
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/access_tokens/{tenant.Application.Id}")).Ok();
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Post, path, new { })).Refused(HttpStatusCode.Conflict, "conflict");
    }

    /// <summary>By each scope alone: what it lets the key do, and what lies next to that and is not its own.</summary>
    [Theory]
    [InlineData("conversations:read", "GET /conversations", "GET /agents", "GET /contacts")]
    [InlineData("conversations:write", "POST /conversations/{conversation}/assignments", "GET /conversations")]
    [InlineData("agents:read", "GET /agents", "GET /conversations", "GET /contacts", "POST /teams")]
    [InlineData("agents:write", "POST /teams", "GET /agents")]
    [InlineData("contacts:read", "GET /contacts", "POST /contacts", "PATCH /contacts/{contact}", "DELETE /contacts/{contact}", "PUT /disclosure_rules", "GET /context_lookup", "GET /inboxes")]
    [InlineData("contacts:write", "POST /contacts", "GET /contacts", "DELETE /contacts/{contact}", "PUT /disclosure_rules", "PUT /context_lookup", "PUT /profile_lookup", "POST /labels")]
    [InlineData("contacts:erase", "DELETE /contacts/{contact}", "GET /contacts", "PATCH /contacts/{contact}")]
    [InlineData("settings", "GET /profile_lookup", "GET /contacts")]
    [InlineData("settings", "GET /context_lookup", "GET /contacts", "PATCH /contacts/{contact}", "DELETE /contacts/{contact}")]
    [InlineData("inboxes", "GET /inboxes", "GET /queues", "GET /audit_logs")]
    [InlineData("queues", "GET /queues", "GET /inboxes")]
    [InlineData("audit_logs", "GET /audit_logs", "GET /agents")]
    [Trait("Catalogue", "STOR-15")]
    public async Task An_access_token_does_what_its_scope_says_and_no_more(string scope, string may, params string[] mayNot)
    {
        var tenant = await Tenant.MakeAsync(server);
        var api = server.Api((await tenant.Administrator.Api.PostAsync($"{tenant.Path}/access_tokens", new { name = "Narrow", scopes = new[] { scope } })).Text("token"));
        Assert.NotEqual("forbidden", (await AskAsync(may)).Code);
        foreach (var request in mayNot) (await AskAsync(request)).Refused(HttpStatusCode.Forbidden, "forbidden");

        Task<ApiAnswer> AskAsync(string request)
        {
            var route = Assert.Single(RouteAccess.Entries, entry => entry.Key.StartsWith($"{request.Split(' ')[0]} ", StringComparison.Ordinal) && Same(entry.Key, request.Split(' ')[1]));
            return api.SendAsync(RouteAccess.MethodOf(route.Key), RouteAccess.PathOf(route.Key, tenant, tenant), route.Value.Body?.Invoke(tenant));
        }

        static bool Same(string route, string path) => route.EndsWith($"{{account_id:guid}}{path.Replace("{conversation}", "{conversation_id:guid}", StringComparison.Ordinal).Replace("{contact}", "{contact_id:guid}", StringComparison.Ordinal)}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_invites_a_master_agent_and_sets_no_password_of_one()
    {
        var tenant = await Tenant.MakeAsync(server);
        var agents = $"{tenant.Path}/agents";
        (await tenant.Application.Api.SendAsync(HttpMethod.Post, agents, new { name = "Own", email = "own@example.org", password = Tenant.Password, role = "master_agent" })).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await tenant.Application.Api.SendAsync(HttpMethod.Patch, $"{agents}/{tenant.Master.Id}", new { password = "another good password" })).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await tenant.Application.Api.SendAsync(HttpMethod.Delete, $"{agents}/{tenant.Master.Id}/second_factor")).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await tenant.Application.Api.PostAsync($"{agents}/invitations", new { email = "invited@example.org", role = "master_agent" })).Ok();
        (await tenant.Application.Api.SendAsync(HttpMethod.Patch, $"{agents}/{tenant.Master.Id}", new { name = "Renamed" })).Ok();
        (await tenant.Application.Api.SendAsync(HttpMethod.Patch, $"{agents}/{tenant.Agent.Id}", new { password = "another good password" })).Ok();
    }

    [Fact]
    public async Task A_key_expires_by_itself_and_is_then_neither_rotated_nor_counted()
    {
        await using var small = await RunningServer.WithAsync("--Rcc:Tenants:MaxKeys=2");
        var tenant = await Tenant.MakeAsync(small);
        var path = $"{tenant.Path}/access_tokens";
        var end = DateTimeOffset.UtcNow.AddSeconds(3);
        var key = await tenant.Administrator.Api.PostAsync(path, new { name = "Short", scopes = new[] { "agents:read" }, expires_at = end });
        (await small.Api(key.Text("token")).GetAsync($"{tenant.Path}/agents")).Ok();
        var listed = (await tenant.Administrator.Api.GetAsync(path)).Json.GetProperty("data").EnumerateArray().Single(each => each.GetProperty("id").GetGuid() == key.Id());
        Assert.InRange((listed.GetProperty("expires_at").GetDateTimeOffset() - end).Duration(), TimeSpan.Zero, TimeSpan.FromMilliseconds(1));
        Assert.Contains("MaxKeys", (await AddAsync()).Refused(HttpStatusCode.RequestEntityTooLarge, "tooLarge").Text("detail"), StringComparison.Ordinal);
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Post, path, new { name = "Late", scopes = new[] { "agents:read" }, expires_at = DateTimeOffset.UtcNow.AddDays(-1) })).Refused(HttpStatusCode.BadRequest, "malformed");

        while ((await small.Api(key.Text("token")).GetAsync($"{tenant.Path}/agents")).Status == HttpStatusCode.OK) await Task.Yield();
        (await small.Api(key.Text("token")).GetAsync($"{tenant.Path}/agents")).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Post, $"{path}/{key.Id()}/rotate", new { })).Refused(HttpStatusCode.Conflict, "conflict");
        var second = (await AddAsync()).Ok();

        // Nor does a revoked one count, however many there were.
        for (var round = 0; round < 3; round++)
        {
            (await tenant.Administrator.Api.SendAsync(HttpMethod.Delete, $"{path}/{second.Id()}")).Ok();
            second = (await AddAsync()).Ok();
        }

        Task<ApiAnswer> AddAsync() => tenant.Administrator.Api.SendAsync(HttpMethod.Post, path, new { name = "Another", scopes = new[] { "agents:read" } });
    }
}
