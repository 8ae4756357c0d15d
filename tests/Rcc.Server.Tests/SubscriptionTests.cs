using System.Net;
using System.Text.Json;
using Rcc.Server.Tests.Processes;

namespace Rcc.Server.Tests;

/// <summary>What customers have subscribed to, through the front door: listed, found by, and on devices as all context information is.</summary>
[Trait("Catalogue", "RCC-50")]
public sealed class SubscriptionTests(ContextLookupTests.PermissiveServer permissive) : IClassFixture<ContextLookupTests.PermissiveServer>
{
    readonly RunningServer server = permissive.Running;

    [Fact]
    public async Task Subscriptions_are_listed_as_they_were_set_and_filtered_and_on_the_device_live()
    {
        var tenant = await Tenant.MakeAsync(server);
        var contact = $"{tenant.Path}/contacts/{tenant.Customer.Id}";
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await SetAsync(tenant.Agent, contact, "mobile/2", new { status = "past_due", plan = "SIM only", since = "2024-02-29", reference = "C-7", x_own = new { a = 1.50m } });
        await SetAsync(tenant.Agent, contact, "mobile/1", new { status = "active", plan = "SIM only", until = "2020-12-31" });
        await SetAsync(tenant.Application, contact, "tv", new { status = "trial", plan = "Basic" }, source: "inferred");
        await SetAsync(tenant.Application, contact, "unlike", 1, prefix: "crm:");
        var live = await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && item.GetProperty("state").GetProperty("context").GetArrayLength() == 4);
        Assert.Contains("""{"status":"past_due","plan":"SIM only","since":"2024-02-29","reference":"C-7","x_own":{"a":1.50}}""", live.GetRawText(), StringComparison.Ordinal);

        var all = await ListAsync(tenant.Agent, contact);
        Assert.Equal(
            [("mobile", "SIM only", "ended"), ("mobile", "SIM only", "past_due"), ("tv", "Basic", "trial")],
            all.Select(one => (one.GetProperty("service").GetString(), one.GetProperty("plan").GetString(), one.GetProperty("status").GetString())));
        var second = all[1];
        Assert.Equal(("2024-02-29", "C-7", "manual", "subscription:mobile/2"), (Text(second, "since"), Text(second, "reference"), Text(second, "source"), Text(second, "name")));
        Assert.Equal((tenant.Agent.Id, "1.50"), (second.GetProperty("set_by").GetGuid(), second.GetProperty("value").GetProperty("x_own").GetProperty("a").GetRawText()));
        foreach (var absent in new[] { "until", "expires_at", "stale_since", "conversation_id" }) Assert.Equal(JsonValueKind.Null, second.GetProperty(absent).ValueKind);

        Assert.Equal(2, (await ListAsync(tenant.Master, $"{contact}", "?service=mobile")).Count);
        Assert.Equal("subscription:mobile/1", Text(Assert.Single(await ListAsync(tenant.Master, contact, "?service=mobile&plan=SIM%20only&status=ended")), "name"));
        Assert.Empty(await ListAsync(tenant.Application, contact, "?service=tv&status=active"));
        (await tenant.Agent.Api.GetAsync($"{contact}/subscriptions?status=lively")).Refused(HttpStatusCode.BadRequest, "malformed");
        (await tenant.Agent.Api.GetAsync($"{contact}/subscriptions?plan=%00")).Refused(HttpStatusCode.BadRequest, "malformed");
        (await tenant.Customer.Api.GetAsync($"{contact}/subscriptions")).Refused(HttpStatusCode.Forbidden, "forbidden");

        // Of the same customer by the name that was merged into it.
        Assert.Equal(3, (await ListAsync(tenant.Agent, $"{tenant.Path}/contacts/{tenant.MergedContact}")).Count);
    }

    [Fact]
    public async Task Contacts_are_found_by_one_subscription_page_by_page_in_lists_and_searches()
    {
        var (tenant, other) = (await Tenant.MakeAsync(server), await Tenant.MakeAsync(server));
        List<Guid> made = [];
        for (var i = 0; i < 5; i++)
        {
            made.Add((await tenant.Application.Api.PostAsync($"{tenant.Path}/contacts", new { name = i % 2 == 0 ? $"Even {i}" : $"Odd {i}" })).Id());
            await SetAsync(tenant.Application, $"{tenant.Path}/contacts/{made[i]}", "tv", new { status = i < 4 ? "active" : "suspended", plan = i < 3 ? "gold" : "basic" });
            await SetAsync(tenant.Application, $"{tenant.Path}/contacts/{made[i]}", "mobile", new { status = "ended", plan = "gold" });
        }

        await SetAsync(other.Application, $"{other.Path}/contacts/{other.OtherContact}", "tv", new { status = "active", plan = "gold" });
        List<Guid> paged = [];
        for (string? cursor = ""; cursor is not null;)
        {
            var page = (await tenant.Master.Api.GetAsync($"{tenant.Path}/contacts?subscription_service=tv&subscription_plan=gold&limit=2{cursor}")).Ok().Json;
            paged.AddRange(Ids(page));
            cursor = page.GetProperty("next_cursor").GetString() is { } next ? $"&cursor={next}" : null;
        }

        Assert.Equal(made[..3], paged);
        Assert.Equal(made[..4], await FindAsync(tenant, tenant.Master, "?subscription_service=tv&subscription_status=active"));
        Assert.Equal([made[4]], await FindAsync(tenant, tenant.Master, "?subscription_status=suspended"));
        Assert.Empty(await FindAsync(tenant, tenant.Master, "?subscription_service=tv&subscription_plan=gold&subscription_status=ended"));
        Assert.Equal(made, await FindAsync(tenant, tenant.Application, "?subscription_plan=gold&subscription_status=ended"));
        Assert.Equal([made[1], made[3]], await FindAsync(tenant, tenant.Master, "/search?q=odd&subscription_service=tv"));
        Assert.Equal([made[3]], await FindAsync(tenant, tenant.Master, "/search?q=odd&subscription_plan=basic"));
        Assert.Equal([other.OtherContact], await FindAsync(other, other.Master, "?subscription_service=tv"));

        // Found by a whole address, it still has to have one.
        await tenant.Application.Api.PostAsync($"{tenant.Path}/contacts/{made[0]}/addresses", new { kind = "tel", value = "+15550177" });
        Assert.Equal([made[0]], await FindAsync(tenant, tenant.Master, "/search?q=tel:%2B15550177&subscription_plan=gold"));
        Assert.Empty(await FindAsync(tenant, tenant.Master, "/search?q=tel:%2B15550177&subscription_plan=basic"));
        (await tenant.Master.Api.GetAsync($"{tenant.Path}/contacts?subscription_status=lively")).Refused(HttpStatusCode.BadRequest, "malformed");
        var wrong = (await tenant.Master.Api.GetAsync($"{tenant.Path}/contacts?subscription_service=%00")).Refused(HttpStatusCode.BadRequest, "malformed");
        Assert.Contains("subscription_service", wrong.Text("detail"), StringComparison.Ordinal);

        // With labels and attributes besides.
        await tenant.Application.Api.PostAsync($"{tenant.Path}/contacts/{made[2]}/labels", new { labels = new[] { Tenant.Label } });
        Assert.Equal([made[2]], await FindAsync(tenant, tenant.Master, $"?label={Tenant.Label}&subscription_service=tv"));
        Assert.Empty(await FindAsync(tenant, tenant.Master, $"?label={Tenant.Label}&subscription_plan=basic"));
    }

    [Fact]
    [Trait("Catalogue", "RCC-51")]
    public async Task What_is_not_of_the_shape_is_refused_whoever_sets_it_and_by_whatever_way()
    {
        var tenant = await Tenant.MakeAsync(server);
        var contact = $"{tenant.Path}/contacts/{tenant.Customer.Id}";
        foreach (var (value, isVolatile, wrong) in new (object Value, bool IsVolatile, string Wrong)[]
        {
            (new { status = "lively" }, false, "value.status is one of pending, trial, active, past_due, suspended, ended."),
            (new { status = "active", until = "soon" }, false, "value.until"),
            ("active", false, "object"),
            (new { status = "active" }, true, "volatile"),
        })
        {
            foreach (var person in new[] { tenant.Agent, tenant.Application })
            {
                var refused = await person.Api.SendAsync(HttpMethod.Put, $"{contact}/context", new { name = "subscription:tv", value, @volatile = isVolatile });
                Assert.Contains(wrong, refused.Refused(HttpStatusCode.BadRequest, "malformed").Text("detail"), StringComparison.Ordinal);
            }
        }

        (await tenant.Agent.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/agents/{tenant.Agent.Id}/context", new { name = "subscription:tv", value = new { status = "active" } })).Refused(HttpStatusCode.BadRequest, "malformed");
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        var answer = await desk.CallAsync("SetContext", new { number = 1, contactId = tenant.Customer.Id, name = "subscription:tv", value = new { status = "active", plan = 7 } });
        Assert.Equal("malformed", answer.GetProperty("code").GetString());
        Assert.Contains("value.plan", answer.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Empty(await ListAsync(tenant.Master, contact));
        answer = await desk.CallAsync("SetContext", new { number = 2, contactId = tenant.Customer.Id, name = "subscription:tv", value = new { status = "active", plan = "gold" } });
        Assert.Equal("ok", answer.GetProperty("code").GetString());
        Assert.Equal([tenant.Customer.Id], await FindAsync(tenant, tenant.Agent, "?subscription_plan=gold"));
    }

    [Fact]
    [Trait("Catalogue", "RCC-53")]
    public async Task Who_may_not_see_a_subscription_neither_lists_it_nor_finds_by_it()
    {
        var tenant = await Tenant.MakeAsync(server);
        var (contact, stranger) = ($"{tenant.Path}/contacts/{tenant.Customer.Id}", $"{tenant.Path}/contacts/{tenant.OtherContact}");
        var colleague = await tenant.AddAgentAsync();
        foreach (var path in new[] { contact, stranger })
        {
            await SetAsync(tenant.Application, path, "tv", new { status = "active", plan = "gold" });
            await SetAsync(tenant.Application, path, "mobile", new { status = "active", plan = "gold" });
        }

        // Agents see the context of whom they serve, so that is by what they find.
        Assert.Equal([tenant.Customer.Id], await FindAsync(tenant.Agent, "?subscription_plan=gold"));
        Assert.Equal([tenant.Customer.Id], await FindAsync(tenant.Agent, "/search?q=Customer&subscription_plan=gold"));
        Assert.Empty(await FindAsync(tenant.Agent, "/search?q=Other&subscription_plan=gold"));
        Assert.Empty(await FindAsync(colleague, "?subscription_plan=gold"));
        Assert.Empty(await ListAsync(colleague, contact));
        Assert.Empty(await ListAsync(tenant.Agent, stranger));
        Assert.Equal([tenant.Customer.Id, tenant.OtherContact], await FindAsync(tenant.Master, "?subscription_plan=gold"));

        await SetRulesAsync(new { attribute = "context.subscription:tv", handling = "hide", role = "agent" });
        Assert.Equal(["mobile"], (await ListAsync(tenant.Agent, contact)).Select(one => Text(one, "service")));
        Assert.Empty(await FindAsync(tenant.Agent, "?subscription_service=tv"));
        Assert.Equal([tenant.Customer.Id], await FindAsync(tenant.Agent, "?subscription_plan=gold"));
        Assert.Equal([tenant.Customer.Id, tenant.OtherContact], await FindAsync(tenant.Master, "?subscription_service=tv"));
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        var shown = await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && item.GetProperty("state").GetProperty("context").GetArrayLength() == 1);
        Assert.DoesNotContain("subscription:tv", shown.GetRawText(), StringComparison.Ordinal);

        await SetRulesAsync(new { attribute = "context.*", handling = "hide" });
        foreach (var person in new[] { tenant.Agent, tenant.Master, tenant.Application })
        {
            Assert.Empty(await ListAsync(person, contact));
            Assert.Empty(await FindAsync(person, "?subscription_plan=gold"));
            Assert.Empty(await FindAsync(person, "/search?q=Customer&subscription_plan=gold"));
        }

        await SetRulesAsync(new { attribute = "context.subscription:mobile", handling = "allow", role = "agent" }, new { attribute = "context.*", handling = "hide" });
        Assert.Equal([tenant.Customer.Id, tenant.OtherContact], await FindAsync(colleague, "?subscription_plan=gold"));
        Assert.Empty(await FindAsync(colleague, "?subscription_service=tv"));
        Assert.Equal(["mobile"], (await ListAsync(colleague, stranger)).Select(one => Text(one, "service")));
        Assert.Empty(await FindAsync(tenant.Master, "?subscription_service=mobile"));

        async Task SetRulesAsync(params object[] rules) => (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/disclosure_rules", new { rules })).Ok();

        Task<IReadOnlyList<Guid>> FindAsync(Person person, string query) => SubscriptionTests.FindAsync(tenant, person, query);
    }

    [Fact]
    [Trait("Catalogue", "RCC-46")]
    public async Task What_the_tenants_server_says_is_listed_and_found_by_and_what_it_says_wrongly_spoils_nothing_else()
    {
        await using var database = await CustomerDatabase.StartAsync();
        database.Say("""{"context":[{"name":"subscription:tv","value":{"status":"active","plan":"gold"}},{"name":"crm:tier","value":1}]}""");
        var tenant = await Tenant.MakeAsync(server);
        var contact = $"{tenant.Path}/contacts/{tenant.Customer.Id}";
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/context_lookup", new { url = database.Address })).Ok();
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await tenant.Agent.Api.PostAsync($"{contact}/context/lookup", new { });
        await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && item.GetRawText().Contains("subscription:tv", StringComparison.Ordinal));
        var found = Assert.Single(await ListAsync(tenant.Agent, contact));
        Assert.Equal(("tv", "gold", "active", "database"), (Text(found, "service"), Text(found, "plan"), Text(found, "status"), Text(found, "source")));
        Assert.Equal([tenant.Customer.Id], await FindAsync(tenant, tenant.Agent, "?subscription_plan=gold"));

        database.Say("""{"context":[{"name":"subscription:tv","value":{"plan":"basic"}},{"name":"subscription:mobile","value":"x"},{"name":"subscription:net","value":{"status":"trial"}},{"name":"crm:tier","value":2}]}""");
        await tenant.Agent.Api.PostAsync($"{contact}/context/lookup", new { });
        await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && item.GetRawText().Contains("subscription:net", StringComparison.Ordinal));
        var after = await ListAsync(tenant.Agent, contact);
        Assert.Equal([("net", null)], after.Select(one => (Text(one, "service"), Text(one, "plan"))));
        Assert.Empty(await FindAsync(tenant, tenant.Agent, "?subscription_service=tv"));
        Assert.Contains("2", (await tenant.Agent.Api.GetAsync(contact)).Ok().Json.GetProperty("context").EnumerateArray().Single(one => Text(one, "name") == "crm:tier").GetProperty("value").GetRawText(), StringComparison.Ordinal);
        await server.Log.WaitForAsync($"Tenant {tenant.Id}: 2 values that were looked up are malformed");

        // What somebody says counts before it, and it comes forth when that is cleared.
        await SetAsync(tenant.Agent, contact, "net", new { status = "ended" });
        Assert.Empty(await FindAsync(tenant, tenant.Agent, "?subscription_status=trial"));
        (await tenant.Agent.Api.SendAsync(HttpMethod.Delete, $"{contact}/context?name=subscription:net&source=manual")).Ok();
        Assert.Equal([tenant.Customer.Id], await FindAsync(tenant, tenant.Agent, "?subscription_status=trial"));
        database.Say("no", 500);
        await tenant.Agent.Api.PostAsync($"{contact}/context/lookup", new { });
        await Until.TrueAsync(async () => (await ListAsync(tenant.Master, contact)).Single().GetProperty("stale_since").ValueKind == JsonValueKind.String, () => "nobody confirms it any more");
        Assert.Equal([tenant.Customer.Id], await FindAsync(tenant, tenant.Agent, "?subscription_service=net"));
        database.Say("", 204);
        await tenant.Agent.Api.PostAsync($"{contact}/context/lookup", new { });
        await Until.TrueAsync(async () => (await ListAsync(tenant.Master, contact)).Count == 0, () => "what it does not say any more is gone");
        Assert.Empty(await FindAsync(tenant, tenant.Master, "?subscription_service=net"));
    }

    [Fact]
    public async Task Merged_contacts_are_found_as_one_and_each_by_its_own_again()
    {
        var tenant = await Tenant.MakeAsync(server);
        var (one, two) = ((await tenant.Application.Api.PostAsync($"{tenant.Path}/contacts", new { name = "One" })).Id(), (await tenant.Application.Api.PostAsync($"{tenant.Path}/contacts", new { name = "Two" })).Id());
        await SetAsync(tenant.Application, $"{tenant.Path}/contacts/{one}", "tv", new { status = "active", plan = "gold" });
        await SetAsync(tenant.Application, $"{tenant.Path}/contacts/{two}", "tv", new { status = "active", plan = "basic" });
        await SetAsync(tenant.Application, $"{tenant.Path}/contacts/{two}", "net", new { status = "trial" });

        await tenant.Master.Api.PostAsync($"{tenant.Path}/contacts/{one}/merge", new { contact_id = two });
        Assert.Equal([one], await FindAsync(tenant, tenant.Master, "?subscription_service=tv"));
        Assert.Equal([one], await FindAsync(tenant, tenant.Master, "?subscription_service=net"));
        Assert.Empty(await FindAsync(tenant, tenant.Master, "?subscription_plan=basic"));
        Assert.Equal([("net", null), ("tv", "gold")], (await ListAsync(tenant.Master, $"{tenant.Path}/contacts/{two}")).Select(found => (Text(found, "service"), Text(found, "plan"))));

        await tenant.Master.Api.PostAsync($"{tenant.Path}/contacts/{one}/unmerge", new { contact_id = two });
        Assert.Equal([one, two], await FindAsync(tenant, tenant.Master, "?subscription_service=tv"));
        Assert.Equal([two], await FindAsync(tenant, tenant.Master, "?subscription_plan=basic"));
        Assert.Equal([two], await FindAsync(tenant, tenant.Master, "?subscription_service=net"));
        Assert.Single(await ListAsync(tenant.Master, $"{tenant.Path}/contacts/{one}"));

        (await tenant.Application.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/contacts/{two}")).Ok();
        Assert.Empty(await FindAsync(tenant, tenant.Master, "?subscription_service=net"));
    }

    [Fact]
    [Trait("Catalogue", "RCC-42")]
    public async Task What_expires_is_neither_listed_nor_found_by_any_more_and_what_it_hid_is_again()
    {
        var tenant = await Tenant.MakeAsync(server);
        var contact = $"{tenant.Path}/contacts/{tenant.Customer.Id}";
        await SetAsync(tenant.Application, contact, "tv", new { status = "trial", plan = "basic" }, source: "inferred");
        var ends = DateTimeOffset.UtcNow.AddSeconds(3);
        await SetAsync(tenant.Application, contact, "net", new { status = "active", until = ends.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", System.Globalization.CultureInfo.InvariantCulture) });
        await SetAsync(tenant.Application, contact, "tv", new { status = "active", plan = "gold" }, lifetime: 3);
        Assert.Equal([tenant.Customer.Id], await FindAsync(tenant, tenant.Agent, "?subscription_plan=gold"));
        Assert.Empty(await FindAsync(tenant, tenant.Agent, "?subscription_plan=basic"));
        Assert.Equal(["active", "active"], (await ListAsync(tenant.Agent, contact)).Select(one => Text(one, "status")));
        Assert.NotEqual(JsonValueKind.Null, (await ListAsync(tenant.Agent, contact, "?service=tv"))[0].GetProperty("expires_at").ValueKind);

        await Until.TrueAsync(async () => (await FindAsync(tenant, tenant.Agent, "?subscription_plan=gold")).Count == 0, () => "it has expired");
        await Until.TrueAsync(async () => (await FindAsync(tenant, tenant.Agent, "?subscription_plan=basic")).Count == 1, () => "what it hid is found by");
        await Until.TrueAsync(async () => (await FindAsync(tenant, tenant.Agent, "?subscription_service=net&subscription_status=ended")).Count == 1, () => "it has ended");
        Assert.Empty(await FindAsync(tenant, tenant.Agent, "?subscription_status=active"));
        Assert.Equal([("net", "ended"), ("tv", "trial")], (await ListAsync(tenant.Agent, contact)).Select(one => (Text(one, "service"), Text(one, "status"))));
    }

    static string? Text(JsonElement json, string member) => json.GetProperty(member).GetString();

    static IReadOnlyList<Guid> Ids(JsonElement page) => [.. page.GetProperty("data").EnumerateArray().Select(one => one.GetProperty("id").GetGuid())];

    static async Task<IReadOnlyList<JsonElement>> ListAsync(Person person, string contact, string query = "") =>
        [.. (await person.Api.GetAsync($"{contact}/subscriptions{query}")).Ok().Json.GetProperty("data").EnumerateArray()];

    static async Task<IReadOnlyList<Guid>> FindAsync(Tenant tenant, Person person, string query) => Ids((await person.Api.GetAsync($"{tenant.Path}/contacts{query}")).Ok().Json);

    static async Task SetAsync(Person person, string contact, string service, object value, string source = "manual", int? lifetime = null, string prefix = "subscription:") =>
        (await person.Api.SendAsync(HttpMethod.Put, $"{contact}/context", new { name = prefix + service, value, source, lifetime_seconds = lifetime })).Ok();
}
