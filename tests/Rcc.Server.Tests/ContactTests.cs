using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace Rcc.Server.Tests;

/// <summary>What is kept of customers, through the front door: who may see it, on which devices, and when it goes.</summary>
public sealed class ContactTests(RunningServer server)
{
    [Fact]
    [Trait("Catalogue", "RCC-41")]
    [Trait("Catalogue", "RCC-52")]
    public async Task Who_serves_a_customer_has_the_contact_on_all_devices_live_and_after_catching_up()
    {
        var tenant = await Tenant.MakeAsync(server);
        var contact = $"{tenant.Path}/contacts/{tenant.Customer.Id}";
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        var first = await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id));
        Assert.Equal("Customer", first.GetProperty("state").GetProperty("name").GetString());

        await tenant.Agent.Api.PostAsync($"{contact}/addresses", new { kind = "tel", value = "+1 (555) 010-0", verified = true });
        var second = await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && item.GetProperty("state").GetProperty("addresses").EnumerateArray().Any(a => a.GetProperty("kind").GetString() == "tel"));
        Assert.True(second.GetProperty("revision").GetInt32() > first.GetProperty("revision").GetInt32());

        var phone = await tenant.SignInAgentAsync();
        await using var late = await HubSocket.SynchronizeAsync(server.Address, phone.Credential);
        var caughtUp = await late.NextItemAsync(item => item.IsContact(tenant.Customer.Id));
        Assert.Equal(second.GetRawText(), caughtUp.GetRawText());
    }

    [Fact]
    [Trait("Catalogue", "RCC-41")]
    public async Task Who_serves_a_customer_no_longer_forgets_the_contact_and_may_not_see_its_context()
    {
        var tenant = await Tenant.MakeAsync(server);
        var contact = $"{tenant.Path}/contacts/{tenant.Customer.Id}";
        await tenant.Agent.Api.SendAsync(HttpMethod.Put, $"{contact}/context", new { name = "test:secret", value = "marzipan" });
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id));
        Assert.Single((await tenant.Agent.Api.GetAsync(contact)).Ok().Json.GetProperty("context").EnumerateArray());

        await tenant.Agent.Api.PostAsync($"{tenant.Path}/conversations/{tenant.Conversation}/toggle_status", new { status = "resolved" });
        await desk.NextItemAsync(item => item.IsLeft("contact", tenant.Customer.Id));
        var seen = (await tenant.Agent.Api.GetAsync(contact)).Ok();
        Assert.DoesNotContain("marzipan", seen.Body, StringComparison.Ordinal);
        (await tenant.Agent.Api.SendAsync(HttpMethod.Put, $"{contact}/context", new { name = "test:secret", value = 1 })).Refused(HttpStatusCode.Forbidden, "forbidden");
        Assert.Contains("marzipan", (await tenant.Master.Api.GetAsync(contact)).Ok().Body, StringComparison.Ordinal);

        var phone = await tenant.SignInAgentAsync();
        await using var late = await HubSocket.SynchronizeAsync(server.Address, phone.Credential);
        Assert.DoesNotContain("marzipan", await late.UntilSettingsAsync(tenant), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Catalogue", "RCC-53")]
    public async Task What_a_rule_hides_is_on_no_wire_and_comes_when_the_rule_goes()
    {
        var tenant = await Tenant.MakeAsync(server);
        var contact = $"{tenant.Path}/contacts/{tenant.Customer.Id}";
        await SetRulesAsync(tenant, new { attribute = "context.crm:*", handling = "hide", role = "agent" }, new { attribute = "address.tel", handling = "confirm", team_id = tenant.Team });
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        (await tenant.Master.Api.SendAsync(HttpMethod.Put, $"{contact}/context", new { name = "crm:debts", value = "marzipan" })).Ok();
        (await tenant.Master.Api.SendAsync(HttpMethod.Put, $"{contact}/context", new { name = "crm:mood", value = "marzipan", @volatile = true })).Ok();
        await tenant.Master.Api.PostAsync($"{contact}/addresses", new { kind = "tel", value = "+15550123" });
        (await tenant.Master.Api.SendAsync(HttpMethod.Put, $"{contact}/context", new { name = "shop:basket", value = "seen" })).Ok();

        var wire = await desk.UntilAsync(text => text.Contains("shop:basket", StringComparison.Ordinal));
        Assert.DoesNotContain("marzipan", wire, StringComparison.Ordinal);
        Assert.DoesNotContain("crm:", wire, StringComparison.Ordinal);
        Assert.DoesNotContain("5550123", wire, StringComparison.Ordinal);
        foreach (var path in new[] { contact, $"{tenant.Path}/contacts", $"{tenant.Path}/contacts/search?q=Customer" })
        {
            var seen = (await tenant.Agent.Api.GetAsync(path)).Ok();
            Assert.Contains("shop:basket", seen.Body, StringComparison.Ordinal);
            Assert.DoesNotContain("marzipan", seen.Body, StringComparison.Ordinal);
            Assert.DoesNotContain("5550123", seen.Body, StringComparison.Ordinal);
            Assert.Contains("marzipan", (await tenant.Master.Api.GetAsync(path)).Ok().Body, StringComparison.Ordinal);
        }

        // To find somebody by what one may not see would be to see it.
        Assert.Empty((await tenant.Agent.Api.GetAsync($"{tenant.Path}/contacts/search?q=tel:%2B15550123")).Ok().Json.GetProperty("data").EnumerateArray());
        Assert.Empty((await tenant.Agent.Api.GetAsync($"{tenant.Path}/contacts/search?q=%2B15550")).Ok().Json.GetProperty("data").EnumerateArray());
        Assert.Single((await tenant.Master.Api.GetAsync($"{tenant.Path}/contacts/search?q=tel:%2B1%20555%200123")).Ok().Json.GetProperty("data").EnumerateArray());

        await SetRulesAsync(tenant);
        await desk.UntilAsync(text => text.Contains("5550123", StringComparison.Ordinal));
        await SetRulesAsync(tenant, new { attribute = "*", handling = "hide" });
        var hidden = await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id));
        Assert.DoesNotContain("5550123", hidden.GetRawText(), StringComparison.Ordinal);
        Assert.Empty(hidden.GetProperty("state").GetProperty("context").EnumerateArray());
        Assert.DoesNotContain("5550123", (await tenant.Application.Api.GetAsync(contact)).Ok().Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name")]
    [InlineData("context.")]
    [InlineData("cus*tom.x")]
    [InlineData("address")]
    [InlineData("")]
    public async Task A_rule_about_nothing_that_can_be_hidden_is_refused(string attribute)
    {
        var tenant = await Tenants.FirstAsync(server);
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/disclosure_rules", new { rules = new[] { new { attribute, handling = "hide" } } })).Refused(HttpStatusCode.BadRequest, "malformed");
    }

    [Fact]
    [Trait("Catalogue", "RCC-29")]
    public async Task An_address_is_one_customers_in_a_tenant_however_it_is_written_and_anothers_in_another()
    {
        var (tenant, other) = (await Tenant.MakeAsync(server), await Tenant.MakeAsync(server));
        var phone = new { kind = "tel", value = "tel:+44 20 7946-0018" };
        await tenant.Application.Api.PostAsync($"{tenant.Path}/contacts/{tenant.Customer.Id}/addresses", phone);
        await other.Application.Api.PostAsync($"{other.Path}/contacts/{other.Customer.Id}/addresses", phone);
        (await tenant.Application.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/contacts/{tenant.OtherContact}/addresses", new { kind = "tel", value = "+442079460018" })).Refused(HttpStatusCode.Conflict, "taken");
        (await tenant.Application.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/contacts", new { addresses = new[] { new { kind = "tel", value = "+442079460018" } } })).Refused(HttpStatusCode.Conflict, "taken");
        (await tenant.Application.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/contacts/{tenant.Customer.Id}/addresses", new { kind = "tel", value = "020 7946" })).Refused(HttpStatusCode.BadRequest, "malformed");
        Assert.Equal([tenant.Customer.Id], await FindAsync(tenant, "tel:+442079460018"));
        Assert.Equal([other.Customer.Id], await FindAsync(other, "tel:+442079460018"));

        (await tenant.Application.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/contacts/{tenant.Customer.Id}/addresses?kind=tel&value=%2B442079460018")).Ok();
        Assert.Empty(await FindAsync(tenant, "tel:+442079460018"));
        await tenant.Application.Api.PostAsync($"{tenant.Path}/contacts/{tenant.OtherContact}/addresses", phone);
        Assert.Equal([other.Customer.Id], await FindAsync(other, "tel:+442079460018"));
    }

    [Fact]
    public async Task Contacts_are_found_by_name_email_identifier_and_address()
    {
        var tenant = await Tenant.MakeAsync(server);
        var made = (await tenant.Application.Api.PostAsync(
            $"{tenant.Path}/contacts",
            new { name = "Zoë Ångström", email = "Zoe@Example.org", identifier = "crm-7", addresses = new object[] { new { kind = "sip", value = "sip:Zoe@PBX.example", verified = true }, new { kind = "web", value = "https://Example.org/zoe" } } })).Id();
        foreach (var text in new[] { "zoë å", "ångström", "ÅNG", "ZOE@example", "crm-7", "sip:Zoe@pbx.example", "https://example.org/zoe" })
        {
            Assert.Equal([made], await FindAsync(tenant, text));
        }

        Assert.Empty(await FindAsync(tenant, "crm"));
        Assert.Empty(await FindAsync(tenant, "ström"));
        (await tenant.Master.Api.GetAsync($"{tenant.Path}/contacts/search?q=x")).Refused(HttpStatusCode.BadRequest, "malformed");
        var addresses = (await tenant.Master.Api.GetAsync($"{tenant.Path}/contacts/{made}")).Ok().Json.GetProperty("addresses").EnumerateArray().Select(a => a.GetProperty("value").GetString());
        Assert.Equal(["Zoe@pbx.example", "https://example.org/zoe"], addresses);
    }

    [Fact]
    public async Task What_a_caller_may_not_find_by_is_not_even_looked_for()
    {
        var tenant = await Tenant.MakeAsync(server);
        for (var i = 0; i < 12; i++)
        {
            var made = (await tenant.Application.Api.PostAsync($"{tenant.Path}/contacts", new { name = $"Customer {i}", email = $"hidden-{i}@example.org", identifier = $"secret-{i}" })).Id();
            (await tenant.Master.Api.PostAsync($"{tenant.Path}/contacts/{made}/labels", new { labels = new[] { Tenant.Label } })).Ok();
        }

        var (list, search) = ($"{tenant.Path}/contacts?label={Tenant.Label}&limit=2", $"{tenant.Path}/contacts/search?q=hidden-&limit=2");
        var (seen, statementsOfSeen) = await CountAsync(tenant.Agent.Api, list);
        Assert.Equal(2, seen);
        Assert.Equal(2, (await CountAsync(tenant.Agent.Api, search)).Found);
        await SetRulesAsync(tenant, new { attribute = $"label.{Tenant.Label}", handling = "hide", role = "agent" }, new { attribute = "email", handling = "hide", role = "agent" });
        Assert.Equal(2, (await CountAsync(tenant.Master.Api, list)).Found);
        foreach (var path in new[] { list, search })
        {
            var (found, statements) = await CountAsync(tenant.Agent.Api, path);
            Assert.Equal(0, found);
            Assert.InRange(statements, 1, statementsOfSeen);
        }
    }

    [Fact]
    [Trait("Catalogue", "RCC-44")]
    [Trait("Catalogue", "RCC-45")]
    public async Task A_manual_value_wins_over_an_inferred_one_until_it_is_cleared_and_the_inferred_one_goes_with_its_cause()
    {
        var tenant = await Tenant.MakeAsync(server);
        var contact = $"{tenant.Path}/contacts/{tenant.Customer.Id}";
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        (await tenant.Application.Api.SendAsync(
            HttpMethod.Put, $"{contact}/context", new { name = "test:activity", value = "on-the-phone", source = "inferred", conversation_id = tenant.Conversation })).Ok();
        await desk.UntilAsync(text => text.Contains("on-the-phone", StringComparison.Ordinal));
        (await tenant.Agent.Api.SendAsync(HttpMethod.Put, $"{contact}/context", new { name = "test:activity", value = "at-lunch" })).Ok();
        var manual = Assert.Single((await tenant.Master.Api.GetAsync(contact)).Ok().Json.GetProperty("context").EnumerateArray());
        Assert.Equal(("at-lunch", "manual", tenant.Agent.Id), (manual.GetProperty("value").GetString(), manual.GetProperty("source").GetString(), manual.GetProperty("set_by").GetGuid()));
        Assert.True(manual.TryGetProperty("set_at", out _));

        (await tenant.Agent.Api.SendAsync(HttpMethod.Delete, $"{contact}/context?name=test:activity&source=manual")).Ok();
        Assert.Equal("on-the-phone", Assert.Single((await tenant.Master.Api.GetAsync(contact)).Ok().Json.GetProperty("context").EnumerateArray()).GetProperty("value").GetString());
        await tenant.Agent.Api.PostAsync($"{tenant.Path}/conversations/{tenant.Conversation}/toggle_status", new { status = "resolved" });
        Assert.Empty((await tenant.Master.Api.GetAsync(contact)).Ok().Json.GetProperty("context").EnumerateArray());
        (await tenant.Application.Api.SendAsync(
            HttpMethod.Put, $"{contact}/context", new { name = "test:activity", value = 1, source = "inferred", conversation_id = tenant.Conversation })).Refused(HttpStatusCode.Conflict, "conflict");
    }

    [Fact]
    [Trait("Catalogue", "RCC-43")]
    [Trait("Catalogue", "RCC-51")]
    public async Task Any_namespaced_attribute_passes_unmodified_to_devices_and_outlives_the_server()
    {
        var tenant = await Tenant.MakeAsync(server);
        var contact = $"{tenant.Path}/contacts/{tenant.Customer.Id}";
        const string value = """{"b":[1.0,1e-7,null,true,"ÿ\u0000😀"],"a":{"x":12345678901234567890}}""";
        const string name = "urn:example.com:pidf+ext~1";
        (await tenant.Agent.Api.SendAsync(HttpMethod.Put, $"{contact}/context", new { name, value = JsonDocument.Parse(value).RootElement })).Ok();
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        var item = await desk.NextItemAsync(i => i.IsContact(tenant.Customer.Id) && i.GetProperty("state").GetProperty("context").GetArrayLength() == 1);
        Same(item.GetProperty("state").GetProperty("context")[0]);

        await using var another = await server.StartAnotherAsync();
        using var http = new HttpClient { BaseAddress = another.Address };
        Same((await new Api(http, tenant.Agent.Credential).GetAsync(contact)).Ok().Json.GetProperty("context")[0]);

        static void Same(JsonElement context)
        {
            Assert.Equal(name, context.GetProperty("name").GetString());
            Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(value).RootElement, context.GetProperty("value")), context.GetRawText());
            Assert.Equal("12345678901234567890", context.GetProperty("value").GetProperty("a").GetProperty("x").GetRawText());
            Assert.Equal("1.0", context.GetProperty("value").GetProperty("b")[0].GetRawText());
        }
    }

    [Fact]
    [Trait("Catalogue", "RCC-42")]
    public async Task Volatile_context_reaches_devices_and_vanishes_from_them_when_its_time_is_over()
    {
        var tenant = await Tenant.MakeAsync(server);
        var contact = $"{tenant.Path}/contacts/{tenant.Customer.Id}";
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        (await tenant.Agent.Api.SendAsync(HttpMethod.Put, $"{contact}/context", new { name = "test:typing-style", value = "hasty", @volatile = true, lifetime_seconds = 2 })).Ok();
        var live = await desk.NextItemAsync(item => item.IsVolatile(tenant.Customer.Id));
        var given = Assert.Single(live.GetProperty("state").GetProperty("context").EnumerateArray());
        Assert.Equal("hasty", given.GetProperty("value").GetString());
        Assert.Equal(2, (given.GetProperty("expiresAt").GetDateTimeOffset() - given.GetProperty("setAt").GetDateTimeOffset()).TotalSeconds);

        var phone = await tenant.SignInAgentAsync();
        await using var late = await HubSocket.SynchronizeAsync(server.Address, phone.Credential);
        Assert.Equal(live.GetRawText(), (await late.NextItemAsync(item => item.IsVolatile(tenant.Customer.Id))).GetRawText());
        var gone = await desk.NextItemAsync(item => item.IsVolatile(tenant.Customer.Id));
        Assert.Empty(gone.GetProperty("state").GetProperty("context").EnumerateArray());
        Assert.Equal(gone.GetRawText(), (await late.NextItemAsync(item => item.IsVolatile(tenant.Customer.Id))).GetRawText());
        Assert.Empty((await tenant.Agent.Api.GetAsync(contact)).Ok().Json.GetProperty("context").EnumerateArray());
        (await tenant.Agent.Api.SendAsync(HttpMethod.Put, $"{contact}/context", new { name = "test:a", value = 1, @volatile = true, lifetime_seconds = 100_000_000 })).Refused(HttpStatusCode.BadRequest, "malformed");
    }

    [Theory]
    [InlineData("no-namespace")]
    [InlineData(":x")]
    [InlineData("x:")]
    [InlineData("a b:c")]
    [InlineData("é:c")]
    public async Task A_name_that_is_not_namespaced_is_refused(string name)
    {
        var tenant = await Tenants.FirstAsync(server);
        (await tenant.Application.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/contacts/{tenant.OtherContact}/context", new { name, value = 1 })).Refused(HttpStatusCode.BadRequest, "malformed");
    }

    [Fact]
    public async Task Too_large_a_value_is_refused_and_names_its_limit()
    {
        var tenant = await Tenants.FirstAsync(server);
        var refused = await tenant.Application.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/contacts/{tenant.OtherContact}/context", new { name = "a:b", value = new string('x', 5_000) });
        Assert.Contains("MaxContextValueBytes", refused.Refused(HttpStatusCode.RequestEntityTooLarge, "tooLarge").Text("detail"), StringComparison.Ordinal);
    }

    /// <summary>How many a list has, and how many statements it took.</summary>
    static async Task<(int Found, int Statements)> CountAsync(Api api, string path)
    {
        var statements = 0;
        using var root = new Activity("test").Start();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => _ = activity.TraceId == root.TraceId ? Interlocked.Increment(ref statements) : 0,
        };
        ActivitySource.AddActivityListener(listener);
        return ((await api.GetAsync(path)).Ok().Json.GetProperty("data").GetArrayLength(), statements);
    }

    static async Task SetRulesAsync(Tenant tenant, params object[] rules) => (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/disclosure_rules", new { rules })).Ok();

    static async Task<IEnumerable<Guid>> FindAsync(Tenant tenant, string text) =>
        (await tenant.Master.Api.GetAsync($"{tenant.Path}/contacts/search?q={Uri.EscapeDataString(text)}")).Ok().Json.GetProperty("data").EnumerateArray().Select(c => c.GetProperty("id").GetGuid());
}
