using System.Net;
using System.Text.Json;
using System.Xml.Linq;

namespace Rcc.Server.Tests;

/// <summary>The presence of agents through the front door: which devices are there, who is shown them, when they go, and how it looks as JSON and as XML.</summary>
[Trait("Catalogue", "RCC-48")]
public sealed class PresenceTests(RunningServer server)
{
    static readonly XNamespace Pidf = "urn:ietf:params:xml:ns:pidf";
    static readonly XNamespace DataModel = "urn:ietf:params:xml:ns:pidf:data-model";
    static readonly XNamespace Rpid = "urn:ietf:params:xml:ns:pidf:rpid";

    [Fact]
    [Trait("Catalogue", "RCC-45")]
    public async Task Devices_that_come_idle_and_are_cut_off_are_shown_on_the_agents_own_and_on_its_supervisors_live_and_after_catching_up()
    {
        var tenant = await Tenant.MakeAsync(server);
        await using var master = await HubSocket.SynchronizeAsync(server.Address, tenant.Master.Credential);
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        var second = await tenant.SignInAgentAsync();
        var phone = await HubSocket.SynchronizeAsync(server.Address, second.Credential);
        var both = await UntilAsync(desk, tenant, item => Device(item, second.DeviceId) is { } device && Text(device, "basic") == "open" && Devices(item).Count() == 2);
        Assert.All(Devices(both), device => Assert.Equal("active", device.GetProperty("userInput").GetProperty("state").GetString()));
        await UntilAsync(master, tenant, item => item.GetRawText() == both.GetRawText());

        Assert.Equal("malformed", HubTests.CodeOf(await phone.CallAsync("SetActivity", new { active = false, idleThresholdSeconds = 0 })));
        Assert.Equal("ok", HubTests.CodeOf(await phone.CallAsync("SetActivity", new { active = false, idleThresholdSeconds = 90 })));
        var idle = await UntilAsync(master, tenant, item => Device(item, second.DeviceId) is { } device && device.GetProperty("userInput").GetProperty("state").GetString() == "idle");
        Assert.Equal(both.GetProperty("revision").GetInt32() + 1, idle.GetProperty("revision").GetInt32());
        var input = Device(idle, second.DeviceId)!.Value.GetProperty("userInput");
        Assert.Equal(90, input.GetProperty("idleThresholdSeconds").GetInt32());
        Assert.InRange(DateTimeOffset.UtcNow - input.GetProperty("lastInput").GetDateTimeOffset(), TimeSpan.FromSeconds(90), TimeSpan.FromSeconds(150));

        // What says nothing new is not written, however often it is said: the next change has the next revision.
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("ok", HubTests.CodeOf(await phone.CallAsync("SetActivity", new { active = false })));
        }

        await phone.DisposeAsync();
        var closed = await UntilAsync(master, tenant, item => Device(item, second.DeviceId) is { } device && Text(device, "basic") == "closed");
        Assert.Equal(idle.GetProperty("revision").GetInt32() + 1, closed.GetProperty("revision").GetInt32());
        Assert.False(Device(closed, second.DeviceId)!.Value.TryGetProperty("userInput", out _));
        await UntilAsync(desk, tenant, item => item.GetRawText() == closed.GetRawText());

        await using var late = await HubSocket.SynchronizeAsync(server.Address, tenant.Master.Credential);
        Assert.Equal(closed.GetRawText(), (await late.NextItemAsync(item => item.IsOf("presence", tenant.Agent.Id))).GetRawText());
        var listed = (await tenant.Agent.Api.GetAsync(PathOf(tenant))).Ok().Json;
        Assert.Equal(["closed", "open"], Listed(listed).Select(device => Text(device, "basic")).Order());
        Assert.Equal($"pres:{tenant.Agent.Id}@{tenant.Id}", Text(listed, "entity"));

        // Of a device that is signed out nothing is known.
        (await tenant.Agent.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/agents/{tenant.Agent.Id}/devices/{second.DeviceId}")).Ok();
        Assert.DoesNotContain(Listed((await tenant.Agent.Api.GetAsync(PathOf(tenant))).Ok().Json), device => device.GetProperty("id").GetGuid() == second.DeviceId);
        await UntilAsync(master, tenant, item => Device(item, second.DeviceId) is null);
    }

    [Fact]
    [Trait("Catalogue", "RCC-53")]
    public async Task Colleagues_see_the_person_and_what_it_offers_and_its_devices_only_where_a_rule_allows_it()
    {
        var tenant = await Tenant.MakeAsync(server);
        var colleague = await tenant.AddAgentAsync();
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await using var other = await HubSocket.SynchronizeAsync(server.Address, colleague.Credential);
        await UntilAsync(desk, tenant, item => Devices(item).Any());
        (await tenant.Agent.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/profile/availability", new { availability = "busy", note = "Counting" })).Ok();

        var hidden = (await colleague.Api.GetAsync(PathOf(tenant))).Ok().Json;
        Assert.Empty(Listed(hidden));
        Assert.Equal(("busy", "Counting"), (Assert.Single(hidden.GetProperty("person").GetProperty("activities").EnumerateArray()).GetString(), Text(hidden.GetProperty("person"), "note")));
        Assert.Equal(("messaging", "closed"), Assert.Single(hidden.GetProperty("services").EnumerateArray()) is var service ? (Text(service, "id"), Text(service, "basic")) : default);
        Assert.Single(Listed((await tenant.Application.Api.GetAsync(PathOf(tenant))).Ok().Json));

        (await tenant.Administrator.Api.SendAsync(
            HttpMethod.Put, $"{tenant.Path}/disclosure_rules", new { rules = new[] { new { attribute = "agent_context.pidf:*", handling = "allow", team_id = tenant.Team } } })).Ok();
        Assert.Single(Listed((await colleague.Api.GetAsync(PathOf(tenant))).Ok().Json));
        var wire = await other.UntilSettingsAsync(tenant);
        Assert.DoesNotContain($"\"kind\":\"presence\",\"id\":\"{tenant.Agent.Id}\"", wire, StringComparison.Ordinal);

        (await tenant.Customer.Api.GetAsync(PathOf(tenant))).Refused(HttpStatusCode.Forbidden, "forbidden");
        var stranger = await Tenants.SecondAsync(server);
        (await stranger.Master.Api.GetAsync(PathOf(tenant))).Refused(HttpStatusCode.NotFound, "notFound");
        (await stranger.Master.Api.GetAsync($"{stranger.Path}/agents/{tenant.Agent.Id}/presence")).Refused(HttpStatusCode.NotFound, "notFound");
    }

    [Fact]
    [Trait("Catalogue", "RCC-39")]
    [Trait("Catalogue", "RCC-45")]
    public async Task Nothing_is_left_of_who_is_suspended_or_removed()
    {
        var tenant = await Tenant.MakeAsync(server);
        await using var master = await HubSocket.SynchronizeAsync(server.Address, tenant.Master.Credential);
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await UntilAsync(master, tenant, item => Devices(item).Any());
        (await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/agents/{tenant.Agent.Id}/suspend")).Ok();
        var suspended = (await tenant.Master.Api.GetAsync(PathOf(tenant))).Ok().Json;
        Assert.False(suspended.TryGetProperty("person", out _));
        Assert.Empty(suspended.GetProperty("services").EnumerateArray());
        Assert.Empty(Listed(suspended));
        await UntilAsync(master, tenant, item => !Devices(item).Any());

        (await tenant.Master.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/agents/{tenant.Agent.Id}")).Ok();
        await master.NextItemAsync(item => item.IsLeft("presence", tenant.Agent.Id));
        (await tenant.Master.Api.GetAsync(PathOf(tenant))).Refused(HttpStatusCode.NotFound, "notFound");
    }

    [Fact]
    public async Task As_XML_it_is_a_document_of_RFC_3863_with_person_and_devices()
    {
        var tenant = await Tenant.MakeAsync(server);
        const string note = "<Back> & \"soon\" 😀\uffff";
        var named = (await server.Api().PostAsync("/api/v1/auth/sign_in", new { account = tenant.Slug, email = tenant.AgentEmail, password = Tenant.Password, device_name = "Ann's <phone>" })).Text("access_token");
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, named);
        await desk.CallAsync("SetActivity", new { active = false, idleThresholdSeconds = 600 });
        await UntilAsync(desk, tenant, item => Devices(item).Any());
        var until = new DateTimeOffset(2099, 1, 2, 3, 4, 5, TimeSpan.Zero);
        await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/availability_labels", new { data = new[] { new { name = "Lunch & more", availability = "away" } } });
        (await tenant.Agent.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/profile/availability", new { label = "Lunch & more", note, until })).Ok();

        var answer = await GetAsync("application/pidf+xml");
        Assert.Equal("application/pidf+xml", answer.MediaType);
        var presence = XDocument.Parse(answer.Body).Root!;
        Assert.Equal((Pidf + "presence", $"pres:{tenant.Agent.Id}@{tenant.Id}"), (presence.Name, presence.Attribute("entity")!.Value));
        Assert.Equal([Pidf + "tuple", Pidf + "tuple", DataModel + "person", DataModel + "device"], presence.Elements().Select(element => element.Name));
        Assert.Equal(4, presence.Elements().Select(element => element.Attribute("id")!.Value).Distinct(StringComparer.Ordinal).Count());

        var (service, on) = (presence.Elements(Pidf + "tuple").First(), presence.Elements(Pidf + "tuple").Last());
        Assert.Equal(("closed", "open"), (Basic(service), Basic(on)));
        Assert.Equal([Pidf + "status", Pidf + "timestamp"], service.Elements().Select(element => element.Name));
        Assert.Equal([Pidf + "status", DataModel + "deviceID", Pidf + "timestamp"], on.Elements().Select(element => element.Name));

        var person = presence.Element(DataModel + "person")!;
        Assert.Equal([Rpid + "activities", DataModel + "note", DataModel + "timestamp"], person.Elements().Select(element => element.Name));
        var activities = person.Element(Rpid + "activities")!;
        Assert.Equal(until, (DateTimeOffset)activities.Attribute("until")!);
        Assert.Equal([(Rpid + "away", ""), (Rpid + "other", "Lunch & more")], activities.Elements().Select(element => (element.Name, element.Value)));
        Assert.Equal(note.Replace('\uffff', '\ufffd'), person.Element(DataModel + "note")!.Value);

        var device = presence.Element(DataModel + "device")!;
        Assert.Equal([Rpid + "user-input", DataModel + "deviceID", DataModel + "note", DataModel + "timestamp"], device.Elements().Select(element => element.Name));
        var input = device.Element(Rpid + "user-input")!;
        Assert.Equal(("idle", "600", "Ann's <phone>"), (input.Value, input.Attribute("idle-threshold")!.Value, device.Element(DataModel + "note")!.Value));
        Assert.InRange(DateTimeOffset.UtcNow - (DateTimeOffset)input.Attribute("last-input")!, TimeSpan.FromSeconds(600), TimeSpan.FromSeconds(700));
        Assert.Equal(on.Element(DataModel + "deviceID")!.Value, device.Element(DataModel + "deviceID")!.Value);
        Assert.StartsWith("urn:uuid:", device.Element(DataModel + "deviceID")!.Value, StringComparison.Ordinal);

        foreach (var json in new[] { "application/json", "*/*", "application/json, application/pidf+xml;q=0.5", "text/html, */*;q=0.1", "application/pidf+xml;q=0" })
        {
            Assert.Equal("application/json", (await GetAsync(json)).MediaType);
        }

        Assert.Equal("application/pidf+xml", (await GetAsync("application/json;q=0.5, application/pidf+xml")).MediaType);

        async Task<ApiAnswer> GetAsync(string accept) => (await tenant.Agent.Api.SendAsync(HttpMethod.Get, PathOf(tenant), null, ("Accept", accept))).Ok();

        static string Basic(XElement tuple) => tuple.Element(Pidf + "status")!.Element(Pidf + "basic")!.Value;
    }

    static string PathOf(Tenant tenant) => $"{tenant.Path}/agents/{tenant.Agent.Id}/presence";

    static IEnumerable<JsonElement> Listed(JsonElement document) => document.GetProperty("devices").EnumerateArray();

    static Task<JsonElement> UntilAsync(HubSocket hub, Tenant tenant, Func<JsonElement, bool> condition) => hub.NextItemAsync(item => item.IsOf("presence", tenant.Agent.Id) && condition(item));

    static IEnumerable<JsonElement> Devices(JsonElement item) => item.GetProperty("state").GetProperty("devices").EnumerateArray();

    static JsonElement? Device(JsonElement item, Guid device) => Devices(item).Where(known => known.GetProperty("id").GetGuid() == device).Select(known => (JsonElement?)known).SingleOrDefault();

    static string? Text(JsonElement element, string member) => element.GetProperty(member).GetString();
}
