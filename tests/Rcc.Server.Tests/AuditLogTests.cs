using System.Net;
using System.Text.Json;
using Rcc.Server.Tests.Processes;

namespace Rcc.Server.Tests;

/// <summary>Every administrative act is recorded, can be searched, and exported.</summary>
public sealed class AuditLogTests(RunningServer server)
{
    [Fact]
    public async Task Every_administrative_act_is_in_the_record_with_who_did_it()
    {
        var tenant = await Tenant.MakeAsync(server);
        var api = tenant.Master.Api;
        (await api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/agents/{tenant.Agent.Id}", new { name = "Renamed", password = "another good password" })).Ok();
        await api.PostAsync($"{tenant.Path}/agents/{tenant.Agent.Id}/suspend", new { });
        await tenant.Application.Api.PostAsync($"{tenant.Path}/agents/{tenant.Agent.Id}/resume", new { });
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/inboxes/{tenant.Inbox}", new { name = "Shop" })).Ok();
        (await api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/teams/{tenant.Team}", new { name = "Sales" })).Ok();
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/access_tokens/{tenant.Application.Id}")).Ok();
        var platform = server.Api(server.Operator);
        await platform.PostAsync($"/platform/api/v1/accounts/{tenant.Id}/suspend", new { });
        await platform.PostAsync($"/platform/api/v1/accounts/{tenant.Id}/resume", new { });

        var acts = (await tenant.Administrator.Api.GetAsync($"{tenant.Path}/audit_logs?limit=50")).Ok().Json.GetProperty("data").EnumerateArray().ToList();

        Assert.Equal(
            [
                "operator account resume", "operator account suspend", "administrator access_token revoke", "master_agent team update", "administrator inbox update", "application agent resume",
                "master_agent agent suspend", "master_agent agent update",
            ],
            acts.Take(8).Select(Show));

        // What made the tenant is before.
        Assert.Equal("operator account create", Show(acts[^1]));
        Assert.Superset(new HashSet<string>(["administrator agent create", "master_agent team create", "administrator inbox create", "administrator access_token create"]), acts.Skip(8).Select(Show).ToHashSet());
        var update = acts[7];
        Assert.Equal("""{"name":{"from":"Agent","to":"Renamed"},"password":{}}""", update.GetProperty("changes").GetRawText());
        Assert.Equal(("Master", tenant.Master.Id), (update.GetProperty("actor").GetProperty("name").GetString(), update.GetProperty("actor").GetProperty("id").GetGuid()));
        Assert.Equal(tenant.Agent.Id, update.GetProperty("object_id").GetGuid());
        Assert.DoesNotContain(acts, a => a.GetRawText().Contains("another good password", StringComparison.Ordinal));

        var operators = (await platform.GetAsync($"/platform/api/v1/audit_logs?account_id={tenant.Id}")).Ok().Json.GetProperty("data").EnumerateArray();
        Assert.Equal(["resume", "suspend", "create"], operators.Select(a => a.GetProperty("action").GetString()));

        static string Show(JsonElement act) => $"{act.GetProperty("actor").GetProperty("type")} {act.GetProperty("object_type")} {act.GetProperty("action")}";
    }

    [Fact]
    public async Task The_record_tells_what_a_thing_was_and_is_and_never_a_secret()
    {
        var tenant = await Tenant.MakeAsync(server);
        var api = tenant.Administrator.Api;
        (await api.SendAsync(HttpMethod.Put, $"{tenant.Path}/disclosure_rules", new { rules = new[] { new { attribute = "custom.tier", handling = "hide" } } })).Ok();
        (await api.SendAsync(HttpMethod.Put, $"{tenant.Path}/disclosure_rules", new { rules = new[] { new { attribute = "custom.tier", handling = "allow" } } })).Ok();
        (await api.SendAsync(HttpMethod.Put, $"{tenant.Path}/identity_provider", new { issuer = "https://login.example", client_id = "rcc", client_secret = "a very new secret", return_urls = new[] { "https://desk.example/" } })).Ok();
        (await api.SendAsync(HttpMethod.Patch, tenant.Path, new { policies = new { audit_retention_days = 90 } })).Ok();
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/inboxes/{tenant.Inbox}", new { queue_id = tenant.Queue })).Ok();

        var acts = (await api.GetAsync($"{tenant.Path}/audit_logs?limit=5")).Ok().Json.GetProperty("data").EnumerateArray().ToList();

        Assert.Equal(
            [
                $$$"""{"queue_id":{"to":"{{{tenant.Queue}}}"}}""",
                """{"policies.audit_retention_days":{"to":90}}""",
                """{"client_secret":{}}""",
                """{"rules":{"from":["custom.tier hide"],"to":["custom.tier allow"]}}""",
                """{"rules":{"from":[],"to":["custom.tier hide"]}}""",
            ],
            acts.Select(act => act.GetProperty("changes").GetRawText()));
        Assert.DoesNotContain("secret\":\"", string.Concat(acts), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_longer_than_the_record_takes_is_only_told_to_have_changed()
    {
        await using var small = await RunningServer.WithAsync("--Rcc:Log:MaxActCharacters=60");
        var tenant = await Tenant.MakeAsync(small);
        (await tenant.Master.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/agents/{tenant.Agent.Id}", new { name = "Ida", skills = new[] { new string('a', 50) } })).Ok();
        Assert.Equal(
            """{"name":{"from":"Agent","to":"Ida"},"skills":{"cut":true}}""",
            (await tenant.Administrator.Api.GetAsync($"{tenant.Path}/audit_logs?limit=1")).Ok().Json.GetProperty("data")[0].GetProperty("changes").GetRawText());
    }

    [Fact]
    public async Task Sign_ins_are_in_the_record_and_those_that_fail_once_a_minute()
    {
        var tenant = await Tenant.MakeAsync(server);
        var phone = await tenant.SignInAgentAsync();
        for (var i = 0; i < 3; i++)
            (await server.Api().SendAsync(HttpMethod.Post, "/api/v1/auth/sign_in", new { account = tenant.Slug, email = tenant.AgentEmail, password = "a wrong guess" })).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        (await server.Api().SendAsync(HttpMethod.Post, "/api/v1/auth/sign_in", new { account = tenant.Slug, email = $"nobody@{tenant.Slug}.example", password = "a wrong guess" })).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        (await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/agents/{tenant.Agent.Id}/suspend")).Ok();
        (await server.Api().SendAsync(HttpMethod.Post, "/api/v1/auth/sign_in", new { account = tenant.Slug, email = tenant.AgentEmail, password = Tenant.Password })).Refused(HttpStatusCode.Forbidden, "suspended");

        // A refused one is answered before it is in the record.
        await Until.TrueAsync(async () => (await FailedAsync()).Count == 2, () => "the record has the failed sign-ins");
        Assert.Equal(["code: suspended", "code: unauthenticated"], (await FailedAsync()).Select(act => act.GetProperty("detail").GetString()!.Split(',')[0]));
        Assert.All(await FailedAsync(), act => Assert.Equal((tenant.Agent.Id, JsonValueKind.Null), (act.GetProperty("object_id").GetGuid(), act.GetProperty("actor").ValueKind)));
        var signIns = (await tenant.Administrator.Api.GetAsync($"{tenant.Path}/audit_logs?action=sign_in&object_id={tenant.Agent.Id}")).Ok().Json.GetProperty("data").EnumerateArray().ToList();
        Assert.Equal([phone.DeviceId, tenant.Agent.DeviceId], signIns.Select(act => act.GetProperty("actor").GetProperty("device_id").GetGuid()));
        Assert.All(signIns, act => Assert.Equal((tenant.Agent.Id, "agent", "device: Test"), (act.GetProperty("actor").GetProperty("id").GetGuid(), act.GetProperty("actor").GetProperty("type").GetString(), act.GetProperty("detail").GetString())));

        async Task<List<JsonElement>> FailedAsync() => [.. (await tenant.Administrator.Api.GetAsync($"{tenant.Path}/audit_logs?action=sign_in_failed")).Ok().Json.GetProperty("data").EnumerateArray()];
    }

    [Fact]
    public async Task The_record_is_searched_and_paged()
    {
        var tenant = await Tenant.MakeAsync(server);
        var api = tenant.Administrator.Api;

        var found = (await api.GetAsync($"{tenant.Path}/audit_logs?object_type=inbox&action=create&actor_id={tenant.Administrator.Id}&since=2020-01-01T00:00:00Z")).Ok().Json;
        Assert.Equal(tenant.Inbox, Assert.Single(found.GetProperty("data").EnumerateArray()).GetProperty("object_id").GetGuid());
        Assert.Empty((await api.GetAsync($"{tenant.Path}/audit_logs?until=2020-01-01T00:00:00Z")).Ok().Json.GetProperty("data").EnumerateArray());
        Assert.Empty((await api.GetAsync($"{tenant.Path}/audit_logs?object_id={Guid.NewGuid()}")).Ok().Json.GetProperty("data").EnumerateArray());

        List<string?> paged = [];
        for (string? cursor = ""; cursor is not null;)
        {
            var page = (await api.GetAsync($"{tenant.Path}/audit_logs?limit=2{cursor}")).Ok().Json;
            paged.AddRange(page.GetProperty("data").EnumerateArray().Select(a => a.GetProperty("id").GetString()));
            cursor = page.GetProperty("next_cursor").GetString() is { } next ? $"&cursor={next}" : null;
        }

        var all = (await api.GetAsync($"{tenant.Path}/audit_logs?limit=50")).Ok().Json.GetProperty("data").EnumerateArray().Select(a => a.GetProperty("id").GetString()).ToList();
        Assert.Equal(all, paged);
        (await api.GetAsync($"{tenant.Path}/audit_logs?cursor=x!")).Refused(HttpStatusCode.BadRequest, "malformed");
        (await api.GetAsync($"{tenant.Path}/audit_logs?since=2021-01-01T00:00:00Z&until=2020-01-01T00:00:00Z")).Refused(HttpStatusCode.BadRequest, "malformed");
    }

    [Fact]
    public async Task What_operators_did_is_searched_and_exported_over_many_pages()
    {
        var tenant = await Tenant.MakeAsync(server);
        var platform = server.Api(server.Operator);
        for (var i = 0; i < 105; i++)
            (await platform.SendAsync(HttpMethod.Put, $"/platform/api/v1/accounts/{tenant.Id}/plan", new { name = $"plan {i}" })).Ok();
        var logs = $"/platform/api/v1/audit_logs?account_id={tenant.Id}";
        var own = (await platform.GetAsync(logs)).Ok().Json.GetProperty("data")[0].GetProperty("actor").GetProperty("id").GetGuid();

        Assert.Equal("create", Assert.Single((await platform.GetAsync($"{logs}&action=create&object_type=account&object_id={tenant.Id}&actor_id={own}&since=2020-01-01T00:00:00Z")).Ok().Json.GetProperty("data").EnumerateArray()).GetProperty("action").GetString());
        foreach (var nothing in new[] { $"actor_id={Guid.NewGuid()}", "until=2020-01-01T00:00:00Z", "object_type=team", $"object_id={Guid.NewGuid()}", "action=fly" })
            Assert.Empty((await platform.GetAsync($"{logs}&{nothing}")).Ok().Json.GetProperty("data").EnumerateArray());
        (await platform.GetAsync($"{logs}&since=2021-01-01T00:00:00Z&until=2020-01-01T00:00:00Z")).Refused(HttpStatusCode.BadRequest, "malformed");

        var export = (await platform.GetAsync($"/platform/api/v1/audit_logs/export?account_id={tenant.Id}")).Ok();
        Assert.Equal("application/x-ndjson", export.MediaType);
        var lines = export.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(106, lines.Count);
        Assert.Equal("create", lines[0].GetProperty("action").GetString());
        Assert.Equal(lines.Count, lines.Select(line => line.GetProperty("id").GetGuid()).Distinct().Count());
        Assert.True(lines.Zip(lines.Skip(1)).All(pair => pair.First.GetProperty("at").GetDateTimeOffset() <= pair.Second.GetProperty("at").GetDateTimeOffset()));
    }

    [Fact]
    public async Task An_export_has_a_line_for_each_act_oldest_first_over_many_pages()
    {
        var tenant = await Tenant.MakeAsync(server);
        for (var i = 0; i < 120; i++)
            (await tenant.Master.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/teams/{tenant.Team}", new { name = $"Team {i}" })).Ok();

        var export = (await tenant.Application.Api.GetAsync($"{tenant.Path}/audit_logs/export?object_type=team")).Ok();

        Assert.Equal("application/x-ndjson", export.MediaType);
        var lines = export.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(["Team", .. Enumerable.Range(0, 120).Select(i => $"Team {i}")], lines.Select(line => line.GetProperty("changes").GetProperty("name").GetProperty("to").GetString()));
    }
}
