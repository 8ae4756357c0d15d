using System.Net;
using System.Text.Json;

namespace Rcc.Server.Tests;

/// <summary>Where customers and agents are, through the front door: as exactly as the account's rules let each person know it, and nothing more on any wire.</summary>
[Trait("Catalogue", "RCC-47")]
public sealed class LocationTests(RunningServer server)
{
    const string Name = "geopriv:location";
    const string City = """{"civic":{"country":"AT","A1":"Wien","A3":"Vienna"},"timestamp":"2026-11-21T12:00:00+01:00"}""";
    static readonly string[] Secrets = ["latitude", "Rathausplatz", "\"HNO\"", "\"GPS\""];
    static long number = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1024;

    const string Whole =
        """{"geodetic":{"latitude":48.2082,"longitude":16.3738,"uncertainty":8.5},"civic":{"country":"AT","A1":"Wien","A3":"Vienna","RD":"Rathausplatz","HNO":"1"},"method":"GPS","timestamp":"2026-11-21T12:00:00+01:00"}""";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_a_customers_location_an_agent_gets_what_the_rule_provides_and_its_devices_follow_the_rule(bool isVolatile)
    {
        var tenant = await Tenant.MakeAsync(server);
        var contact = $"{tenant.Path}/contacts/{tenant.Customer.Id}";
        await SetRulesAsync(tenant, new { attribute = "context.geopriv:*", handling = "allow", team_id = tenant.Team, provide_location = new { civic = "city" } });
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        (await tenant.Master.Api.SendAsync(HttpMethod.Put, $"{contact}/context", new { name = Name, value = JsonDocument.Parse(Whole), @volatile = isVolatile })).Ok();
        var live = await desk.NextItemAsync(IsLocated);
        Assert.Equal(City, LocationIn(live));

        var phone = await tenant.SignInAgentAsync();
        await using var late = await HubSocket.SynchronizeAsync(server.Address, phone.Credential);
        Assert.Equal(live.GetRawText(), (await late.NextItemAsync(IsLocated)).GetRawText());
        foreach (var path in new[] { contact, $"{tenant.Path}/contacts", $"{tenant.Path}/contacts/search?q=Customer" })
        {
            var seen = (await tenant.Agent.Api.GetAsync(path)).Ok().Body;
            Assert.Contains("Vienna", seen, StringComparison.Ordinal);
            Assert.All(Secrets, secret => Assert.DoesNotContain(secret, seen, StringComparison.Ordinal));
            Assert.Contains("Rathausplatz", (await tenant.Master.Api.GetAsync(path)).Ok().Body, StringComparison.Ordinal);
        }

        var known = Assert.Single((await tenant.Master.Api.GetAsync(contact)).Ok().Json.GetProperty("context").EnumerateArray());
        Assert.Equal((isVolatile, Whole), (known.GetProperty("volatile").GetBoolean(), known.GetProperty("value").AsText()));

        await SetRulesAsync(tenant, new { attribute = "context.geopriv:location", handling = "allow", role = "agent", provide_location = new { radius = 5_000 } });
        using var cell = JsonDocument.Parse(LocationIn(await desk.NextItemAsync(IsLocated)));
        var circle = cell.RootElement.GetProperty("geodetic");
        Assert.Equal(10_000, circle.GetProperty("uncertainty").GetDouble());
        Assert.InRange(circle.GetProperty("latitude").GetDouble(), 48.15, 48.27);
        Assert.False(cell.RootElement.TryGetProperty("civic", out _));

        // Somewhere else in the cell, at another place of the same city: what is shown of it is the same.
        var moved = JsonSerializer.SerializeToElement(new { geodetic = new { latitude = circle.GetProperty("latitude").GetDouble() + 0.001, longitude = circle.GetProperty("longitude").GetDouble(), uncertainty = 3 } });
        (await tenant.Master.Api.SendAsync(HttpMethod.Put, $"{contact}/context", new { name = Name, value = moved, @volatile = isVolatile })).Ok();
        using var again = JsonDocument.Parse(LocationIn(await desk.NextItemAsync(IsLocated)));
        Assert.Equal(circle.GetRawText(), again.RootElement.GetProperty("geodetic").GetRawText());
        foreach (var wire in new[] { desk.Wire, late.Wire })
        {
            Assert.All([Latitude(Whole), Latitude(moved.GetRawText()), "Rathausplatz", "\"HNO\"", "\"GPS\""], secret => Assert.DoesNotContain(secret, wire, StringComparison.Ordinal));
        }

        // Whose rule has gone gets all of it; when it comes back, a device that begins then never has more than it lets it.
        (await tenant.Master.Api.SendAsync(HttpMethod.Put, $"{contact}/context", new { name = Name, value = JsonDocument.Parse(Whole), @volatile = isVolatile })).Ok();
        await SetRulesAsync(tenant);
        await desk.NextItemAsync(item => IsLocated(item) && LocationIn(item) == Whole);
        await SetRulesAsync(tenant, new { attribute = "*", handling = "allow", provide_location = new { civic = "city" } });
        await desk.NextItemAsync(item => IsLocated(item) && LocationIn(item) == City);
        var tablet = await tenant.SignInAgentAsync();
        await using var last = await HubSocket.SynchronizeAsync(server.Address, tablet.Credential);
        Assert.Equal(City, LocationIn(await last.NextItemAsync(IsLocated)));
        Assert.All(Secrets, secret => Assert.DoesNotContain(secret, last.Wire, StringComparison.Ordinal));

        bool IsLocated(JsonElement item) => (isVolatile ? item.IsVolatile(tenant.Customer.Id) : item.IsContact(tenant.Customer.Id)) && Context(item).Any(value => value.GetProperty("name").GetString() == Name);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_an_agents_location_its_master_gets_the_whole_and_it_and_its_colleagues_the_city(bool isVolatile)
    {
        var tenant = await Tenant.MakeAsync(server);
        var colleague = await tenant.AddAgentAsync();
        var path = $"{tenant.Path}/agents/{tenant.Agent.Id}/context";
        await SetRulesAsync(tenant, new { attribute = "agent_context.geopriv:location", handling = "allow", role = "agent", provide_location = new { civic = "city" } });
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await using var other = await HubSocket.SynchronizeAsync(server.Address, colleague.Credential);
        await using var master = await HubSocket.SynchronizeAsync(server.Address, tenant.Master.Credential);
        Assert.Equal("ok", HubTests.CodeOf(await desk.CallAsync("SetContext", new { number = ++number, agentId = tenant.Agent.Id, name = Name, value = JsonDocument.Parse(Whole), @volatile = isVolatile })));
        var live = await desk.NextItemAsync(IsContext);
        Assert.Equal((City, Whole), (LocationIn(live), LocationIn(await master.NextItemAsync(IsContext))));

        var phone = await tenant.SignInAgentAsync();
        await using var late = await HubSocket.SynchronizeAsync(server.Address, phone.Credential);
        Assert.Equal(live.GetRawText(), (await late.NextItemAsync(IsContext)).GetRawText());
        foreach (var person in new[] { tenant.Agent, colleague })
        {
            Assert.Equal(City, Assert.Single((await person.Api.GetAsync(path)).Ok().Json.GetProperty("data").EnumerateArray()).GetProperty("value").AsText());
        }

        Assert.Equal(Whole, Assert.Single((await tenant.Master.Api.GetAsync(path)).Ok().Json.GetProperty("data").EnumerateArray()).GetProperty("value").AsText());
        await other.UntilSettingsAsync(tenant);
        Assert.All(new[] { desk.Wire, late.Wire, other.Wire }, wire => Assert.All(Secrets, secret => Assert.DoesNotContain(secret, wire, StringComparison.Ordinal)));

        Assert.Equal("ok", HubTests.CodeOf(await desk.CallAsync("ClearContext", new { number = ++number, agentId = tenant.Agent.Id, name = Name })));
        await master.NextItemAsync(item => IsContext(item) && !Context(item).Any());

        bool IsContext(JsonElement item) => item.IsOf(isVolatile ? "volatileContext" : "agentContext", tenant.Agent.Id);
    }

    [Fact]
    public async Task What_is_no_location_is_refused_whoever_sets_it_and_what_is_wrong_is_named()
    {
        var tenant = await Tenants.FirstAsync(server);
        var value = new { geodetic = new { latitude = 91, longitude = 0 } };
        foreach (var (person, path) in new[]
        {
            (tenant.Application, $"contacts/{tenant.OtherContact}"), (tenant.Agent, $"contacts/{tenant.Customer.Id}"), (tenant.Agent, $"agents/{tenant.Agent.Id}"), (tenant.Master, $"agents/{tenant.Agent.Id}"),
        })
        {
            var refused = (await person.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/{path}/context", new { name = Name, value })).Refused(HttpStatusCode.BadRequest, "malformed");
            Assert.Contains("value.geodetic.latitude", refused.Body, StringComparison.Ordinal);
        }

        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        var answer = await desk.CallAsync("SetContext", new { number = ++number, contactId = tenant.Customer.Id, name = Name, value = new { civic = new { City = "Vienna" } } });
        Assert.Equal("malformed", HubTests.CodeOf(answer));
        Assert.Contains("value.civic.City", answer.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_is_listed_as_it_was_set_and_one_that_could_not_mean_anything_is_refused()
    {
        var tenant = await Tenant.MakeAsync(server);
        await SetRulesAsync(tenant, new { attribute = "*", handling = "allow", role = "agent", provide_location = new { civic = "building", radius = 50 } }, new { attribute = "email", handling = "hide" });
        Assert.Equal(
            """{"rules":[{"attribute":"*","handling":"allow","role":"agent","provide_location":{"civic":"building","radius":50}},{"attribute":"email","handling":"hide"}]}""",
            (await tenant.Administrator.Api.GetAsync($"{tenant.Path}/disclosure_rules")).Ok().Body);
        Assert.Contains("* allow agent civic=building radius=50", (await tenant.Administrator.Api.GetAsync($"{tenant.Path}/audit_logs?limit=1")).Ok().Body, StringComparison.Ordinal);
        foreach (var (rule, named) in new (object, string)[]
        {
            (new { attribute = "email", handling = "allow", provide_location = new { civic = "city" } }, "fits neither"),
            (new { attribute = "context.*", handling = "hide", provide_location = new { civic = "city" } }, "hides"),
            (new { attribute = "context.*", handling = "allow", provide_location = new { } }, "civic, radius or both"),
            (new { attribute = "context.*", handling = "allow", provide_location = new { radius = 0 } }, "provide_location.radius"),
            (new { attribute = "context.*", handling = "allow", provide_location = new { civic = "street" } }, "civic"),
        })
        {
            var refused = (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/disclosure_rules", new { rules = new[] { rule } })).Refused(HttpStatusCode.BadRequest, "malformed");
            Assert.Contains(named, refused.Body, StringComparison.Ordinal);
        }
    }

    static string Latitude(string location) => $"\"latitude\":{JsonDocument.Parse(location).RootElement.GetProperty("geodetic").GetProperty("latitude").GetRawText()}";

    static IEnumerable<JsonElement> Context(JsonElement item) => item.GetProperty("state").GetProperty("context").EnumerateArray();

    static string LocationIn(JsonElement item) => Context(item).Single(value => value.GetProperty("name").GetString() == Name).GetProperty("value").AsText();

    static async Task SetRulesAsync(Tenant tenant, params object[] rules) => (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/disclosure_rules", new { rules })).Ok();
}

/// <summary>JSON as it is written by hand: serialisers escape what they need not.</summary>
file static class JsonText
{
    public static string AsText(this JsonElement value) => value.GetRawText().Replace("\\u002B", "+", StringComparison.OrdinalIgnoreCase);
}
