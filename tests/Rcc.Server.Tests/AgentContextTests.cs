using System.Net;
using System.Text.Json;

namespace Rcc.Server.Tests;

/// <summary>Agents' context information, through the front door: who sets it, on which devices it is, who may see it, and when it goes.</summary>
[Trait("Catalogue", "RCC-40")]
public sealed class AgentContextTests(RunningServer server)
{
    static long number = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1024;

    [Fact]
    [Trait("Catalogue", "RCC-52")]
    [Trait("Catalogue", "RCC-43")]
    public async Task What_a_device_sets_is_on_all_devices_of_the_agent_and_of_its_master_live_and_after_catching_up()
    {
        var tenant = await Tenant.MakeAsync(server);
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await using var master = await HubSocket.SynchronizeAsync(server.Address, tenant.Master.Credential);
        const string name = "urn:example.com:pidf+ext~1";
        var value = JsonDocument.Parse("""{"b":[1.0,1e-7,null,true,"ÿ😀"],"a":{"x":12345678901234567890}}""").RootElement;
        Assert.Equal("ok", HubTests.CodeOf(await desk.CallAsync("SetContext", new { number = ++number, agentId = tenant.Agent.Id, name, value })));

        var live = await desk.NextItemAsync(IsContext);
        var given = Assert.Single(live.GetProperty("state").GetProperty("context").EnumerateArray());
        Assert.Equal((name, "manual", tenant.Agent.Id), (given.GetProperty("name").GetString(), given.GetProperty("source").GetString(), given.GetProperty("setBy").GetGuid()));
        Assert.True(JsonElement.DeepEquals(value, given.GetProperty("value")), given.GetRawText());
        Assert.Equal(live.GetRawText(), (await master.NextItemAsync(IsContext)).GetRawText());

        var phone = await tenant.SignInAgentAsync();
        await using var late = await HubSocket.SynchronizeAsync(server.Address, phone.Credential);
        Assert.Equal(live.GetRawText(), (await late.NextItemAsync(IsContext)).GetRawText());

        await using var another = await server.StartAnotherAsync();
        using var http = new HttpClient { BaseAddress = another.Address };
        Assert.True(JsonElement.DeepEquals(value, Assert.Single(Listed(await new Api(http, tenant.Agent.Credential).GetAsync(PathOf(tenant)))).GetProperty("value")));

        Assert.Equal("ok", HubTests.CodeOf(await desk.CallAsync("ClearContext", new { number = ++number, agentId = tenant.Agent.Id, name })));
        foreach (var hub in new[] { desk, master, late })
        {
            Assert.Empty((await hub.NextItemAsync(IsContext)).GetProperty("state").GetProperty("context").EnumerateArray());
        }

        bool IsContext(JsonElement item) => item.IsOf("agentContext", tenant.Agent.Id);
    }

    [Fact]
    [Trait("Catalogue", "RCC-53")]
    public async Task Colleagues_see_nothing_of_it_until_a_rule_allows_it_and_what_a_rule_hides_is_on_no_wire()
    {
        var tenant = await Tenant.MakeAsync(server);
        var colleague = await tenant.AddAgentAsync();
        (await tenant.Master.Api.SendAsync(HttpMethod.Put, PathOf(tenant), new { name = "hr:score", value = "marzipan" })).Ok();
        (await tenant.Agent.Api.SendAsync(HttpMethod.Put, PathOf(tenant), new { name = "crm:mood", value = "glad" })).Ok();
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await using var other = await HubSocket.SynchronizeAsync(server.Address, colleague.Credential);
        await desk.NextItemAsync(item => item.IsOf("agentContext", tenant.Agent.Id));
        Assert.Empty(Listed(await colleague.Api.GetAsync(PathOf(tenant))));
        Assert.Equal(2, Listed(await tenant.Application.Api.GetAsync(PathOf(tenant))).Count());

        await SetRulesAsync(tenant, new { attribute = "agent_context.hr:*", handling = "hide", role = "agent" }, new { attribute = "agent_context.crm:*", handling = "allow", team_id = tenant.Team });
        var hidden = await desk.NextItemAsync(item => item.IsOf("agentContext", tenant.Agent.Id));
        Assert.Equal(["crm:mood"], hidden.GetProperty("state").GetProperty("context").EnumerateArray().Select(value => value.GetProperty("name").GetString()));
        Assert.Equal(["crm:mood"], Listed(await colleague.Api.GetAsync(PathOf(tenant))).Select(value => value.GetProperty("name").GetString()));
        Assert.Equal(["crm:mood"], Listed(await tenant.Agent.Api.GetAsync(PathOf(tenant))).Select(value => value.GetProperty("name").GetString()));
        Assert.Contains("marzipan", (await tenant.Master.Api.GetAsync(PathOf(tenant))).Ok().Body, StringComparison.Ordinal);

        var wire = await other.UntilSettingsAsync(tenant);
        Assert.DoesNotContain("agentContext", wire, StringComparison.Ordinal);
        Assert.DoesNotContain("marzipan", wire, StringComparison.Ordinal);
        (await colleague.Api.SendAsync(HttpMethod.Put, PathOf(tenant), new { name = "crm:mood", value = "sad" })).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await tenant.Customer.Api.GetAsync(PathOf(tenant))).Refused(HttpStatusCode.Forbidden, "forbidden");
    }

    [Fact]
    public async Task Who_supervises_its_team_is_told_of_it_while_it_does()
    {
        var tenant = await Tenant.MakeAsync(server);
        var colleague = await tenant.AddAgentAsync();
        (await tenant.Agent.Api.SendAsync(HttpMethod.Put, PathOf(tenant), new { name = "crm:mood", value = "glad" })).Ok();
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, colleague.Credential);
        await tenant.Master.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/teams/{tenant.Team}", new { supervisor_ids = new[] { colleague.Id } });
        await desk.NextItemAsync(item => item.IsOf("agentContext", tenant.Agent.Id));
        Assert.Single(Listed(await colleague.Api.GetAsync(PathOf(tenant))));
        await tenant.Master.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/teams/{tenant.Team}", new { supervisor_ids = Array.Empty<Guid>() });
        await desk.NextItemAsync(item => item.IsLeft("agentContext", tenant.Agent.Id));
        Assert.Empty(Listed(await colleague.Api.GetAsync(PathOf(tenant))));
    }

    [Fact]
    [Trait("Catalogue", "RCC-42")]
    [Trait("Catalogue", "RCC-45")]
    public async Task Volatile_context_vanishes_when_its_time_is_over_and_inferred_context_with_its_conversation()
    {
        var tenant = await Tenant.MakeAsync(server);
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        (await tenant.Agent.Api.SendAsync(HttpMethod.Put, PathOf(tenant), new { name = "test:place", value = "roof", @volatile = true, lifetime_seconds = 1 })).Ok();
        Assert.Single((await desk.NextItemAsync(item => item.IsVolatile(tenant.Agent.Id))).GetProperty("state").GetProperty("context").EnumerateArray());
        Assert.Empty((await desk.NextItemAsync(item => item.IsVolatile(tenant.Agent.Id))).GetProperty("state").GetProperty("context").EnumerateArray());

        (await tenant.Agent.Api.SendAsync(HttpMethod.Put, PathOf(tenant), new { name = "rpid:activities", value = "on-the-phone", source = "inferred", conversation_id = Guid.NewGuid() }))
            .Refused(HttpStatusCode.Conflict, "conflict");
        (await tenant.Agent.Api.SendAsync(HttpMethod.Put, PathOf(tenant), new { name = "rpid:activities", value = "on-the-phone", source = "inferred", conversation_id = tenant.Conversation })).Ok();
        Assert.Equal("inferred", Assert.Single((await desk.NextItemAsync(item => item.IsOf("agentContext", tenant.Agent.Id))).GetProperty("state").GetProperty("context").EnumerateArray()).GetProperty("source").GetString());
        await tenant.Agent.Api.PostAsync($"{tenant.Path}/conversations/{tenant.Conversation}/toggle_status", new { status = "resolved" });
        Assert.Empty((await desk.NextItemAsync(item => item.IsOf("agentContext", tenant.Agent.Id))).GetProperty("state").GetProperty("context").EnumerateArray());
        Assert.Empty(Listed(await tenant.Agent.Api.GetAsync(PathOf(tenant))));
    }

    [Fact]
    [Trait("Catalogue", "RCC-39")]
    public async Task Nothing_is_known_any_more_of_who_was_removed()
    {
        var tenant = await Tenant.MakeAsync(server);
        (await tenant.Agent.Api.SendAsync(HttpMethod.Put, PathOf(tenant), new { name = "crm:mood", value = "glad" })).Ok();
        await using var master = await HubSocket.SynchronizeAsync(server.Address, tenant.Master.Credential);
        await master.NextItemAsync(item => item.IsOf("agentContext", tenant.Agent.Id));
        (await tenant.Master.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/agents/{tenant.Agent.Id}")).Ok();
        await master.NextItemAsync(item => item.IsLeft("agentContext", tenant.Agent.Id));
        (await tenant.Master.Api.GetAsync(PathOf(tenant))).Refused(HttpStatusCode.NotFound, "notFound");
    }

    static string PathOf(Tenant tenant) => $"{tenant.Path}/agents/{tenant.Agent.Id}/context";

    static IEnumerable<JsonElement> Listed(ApiAnswer answer) => answer.Ok().Json.GetProperty("data").EnumerateArray();

    static async Task SetRulesAsync(Tenant tenant, params object[] rules) => (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/disclosure_rules", new { rules })).Ok();
}
