using System.Net;

namespace Rcc.Server.Tests;

/// <summary>Labels and attributes that a tenant defines, through the front door.</summary>
public sealed class ContactSettingsTests(RunningServer server)
{
    [Fact]
    public async Task A_label_is_on_all_devices_of_all_agents_and_gone_when_it_is_taken_away_and_back_when_it_comes_back()
    {
        var tenant = await Tenant.MakeAsync(server);
        var contact = $"{tenant.Path}/contacts/{tenant.Customer.Id}";
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await tenant.Master.Api.PostAsync($"{tenant.Path}/labels", new { title = "angry", color = "#FF0000", description = "Be careful" });
        var defined = await desk.NextItemAsync(item => item.IsOf("contactSettings", tenant.Id) && item.GetRawText().Contains("angry", StringComparison.Ordinal));
        Assert.Contains("#ff0000", defined.GetRawText(), StringComparison.Ordinal);
        await tenant.Agent.Api.PostAsync($"{contact}/labels", new { labels = new[] { "angry", "vip", "angry" } });
        var labelled = await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && item.GetProperty("state").GetProperty("labels").GetArrayLength() == 2);
        Assert.Equal(["angry", "vip"], labelled.GetProperty("state").GetProperty("labels").EnumerateArray().Select(label => label.GetString()));

        (await tenant.Master.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/labels/angry")).Ok();
        await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && item.GetProperty("state").GetProperty("labels").GetArrayLength() == 1);
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{contact}/labels", new { labels = new[] { "angry" } })).Refused(HttpStatusCode.BadRequest, "malformed");
        await tenant.Master.Api.PostAsync($"{tenant.Path}/labels", new { title = "angry", color = "#00ff00" });
        await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && item.GetProperty("state").GetProperty("labels").GetArrayLength() == 2);
        (await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/labels", new { title = "angry", color = "#00ff00" })).Refused(HttpStatusCode.Conflict, "taken");
        (await tenant.Master.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/labels/none", new { color = "#00ff00" })).Refused(HttpStatusCode.NotFound, "notFound");
    }

    [Fact]
    public async Task Contacts_are_listed_by_label_and_attribute_page_by_page_and_by_nothing_that_is_hidden()
    {
        var tenant = await Tenant.MakeAsync(server);
        List<Guid> vips = [];
        for (var i = 0; i < 5; i++)
        {
            var made = (await tenant.Application.Api.PostAsync($"{tenant.Path}/contacts", new { name = $"Customer {i}" })).Id();
            await tenant.Application.Api.PostAsync($"{tenant.Path}/contacts/{made}/labels", new { labels = new[] { Tenant.Label } });
            (await tenant.Application.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/contacts/{made}", new { custom_attributes = new { tier = i % 2 == 0 ? "gold" : "silver" } })).Ok();
            vips.Add(made);
        }

        List<Guid> paged = [];
        for (string? cursor = ""; cursor is not null;)
        {
            var page = (await tenant.Agent.Api.GetAsync($"{tenant.Path}/contacts?label={Tenant.Label}&limit=2{cursor}")).Ok().Json;
            paged.AddRange(page.GetProperty("data").EnumerateArray().Select(c => c.GetProperty("id").GetGuid()));
            cursor = page.GetProperty("next_cursor").GetString() is { } next ? $"&cursor={next}" : null;
        }

        Assert.Equal(vips, paged);
        Assert.Equal([vips[0], vips[2], vips[4]], await FindAsync(tenant.Agent, "attribute_key=tier&attribute_value=gold"));
        Assert.Equal([vips[1], vips[3]], await FindAsync(tenant.Agent, $"label={Tenant.Label}&attribute_key=tier&attribute_value=silver"));
        Assert.Empty(await FindAsync(tenant.Agent, "label=unknown"));
        Assert.Empty(await FindAsync(tenant.Agent, "attribute_key=unknown&attribute_value=gold"));
        (await tenant.Agent.Api.GetAsync($"{tenant.Path}/contacts?attribute_key=tier")).Refused(HttpStatusCode.BadRequest, "malformed");

        (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/disclosure_rules", new { rules = new[] { new { attribute = "custom.tier", handling = "hide", role = "agent" } } })).Ok();
        Assert.Empty(await FindAsync(tenant.Agent, "attribute_key=tier&attribute_value=gold"));
        Assert.Equal(3, (await FindAsync(tenant.Master, "attribute_key=tier&attribute_value=gold")).Count);

        async Task<IReadOnlyList<Guid>> FindAsync(Person person, string filter) =>
            [.. (await person.Api.GetAsync($"{tenant.Path}/contacts?{filter}")).Ok().Json.GetProperty("data").EnumerateArray().Select(c => c.GetProperty("id").GetGuid())];
    }

    [Fact]
    public async Task A_conversations_labels_and_attributes_are_its_agents_alone_live_after_catching_up_and_in_lists()
    {
        var tenant = await Tenant.MakeAsync(server);
        var conversation = $"{tenant.Path}/conversations/{tenant.Conversation}";
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await using var customer = await HubSocket.SynchronizeAsync(server.Address, tenant.Customer.Credential);
        await tenant.Agent.Api.PostAsync($"{conversation}/labels", new { labels = new[] { Tenant.Label, Tenant.Label } });
        await tenant.Agent.Api.PostAsync($"{conversation}/custom_attributes", new { custom_attributes = new { order_number = 7.5 } });
        var tagged = await desk.NextItemAsync(item => IsTagged(item, 1));
        Assert.Equal([Tenant.Label], tagged.GetProperty("state").GetProperty("labels").EnumerateArray().Select(label => label.GetString()));
        Assert.Equal("7.5", tagged.GetProperty("state").GetProperty("customAttributes").GetProperty("order_number").GetRawText());
        var phone = await tenant.SignInAgentAsync();
        await using var late = await HubSocket.SynchronizeAsync(server.Address, phone.Credential);
        Assert.Equal(tagged.GetRawText(), (await late.NextItemAsync(item => IsTagged(item, 1))).GetRawText());
        Assert.Equal("vip", (await tenant.Master.Api.GetAsync($"{conversation}/handling")).Ok().Json.GetProperty("labels")[0].GetString());

        Assert.Equal([tenant.Conversation], await FindAsync(tenant.Agent, $"label={Tenant.Label}&attribute_key=order_number&attribute_value=7.50"));
        Assert.Empty(await FindAsync(tenant.Agent, "attribute_key=order_number&attribute_value=8"));
        Assert.Empty(await FindAsync(tenant.Agent, "label=unknown"));
        (await tenant.Customer.Api.GetAsync($"{tenant.Path}/conversations?label={Tenant.Label}")).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await tenant.Customer.Api.SendAsync(HttpMethod.Post, $"{conversation}/labels", new { labels = new[] { Tenant.Label } })).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{conversation}/labels", new { labels = new[] { "unknown" } })).Refused(HttpStatusCode.BadRequest, "malformed");
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{conversation}/custom_attributes", new { custom_attributes = new { order_number = "seven" } })).Refused(HttpStatusCode.BadRequest, "malformed");

        // By the hub, and while it is resolved.
        await tenant.Agent.Api.PostAsync($"{conversation}/toggle_status", new { status = "resolved" });
        var answer = await desk.CallAsync("ControlConversation", new { number = 1, conversationId = tenant.Conversation, operation = "tag", labels = Array.Empty<string>(), customAttributes = new { order_number = (int?)null } });
        Assert.Equal("ok", answer.GetProperty("code").GetString());
        await late.NextItemAsync(item => IsTagged(item, 0));
        Assert.Empty(await FindAsync(tenant.Master, $"label={Tenant.Label}"));

        await tenant.Agent.Api.PostAsync($"{conversation}/toggle_status", new { status = "open" });
        await tenant.Agent.Api.PostAsync($"{conversation}/messages", new { content = "the end" });
        var wire = await customer.UntilAsync(text => text.Contains("the end", StringComparison.Ordinal));
        Assert.DoesNotContain(Tenant.Label, wire, StringComparison.Ordinal);
        Assert.DoesNotContain("order_number", wire, StringComparison.Ordinal);

        static bool IsTagged(System.Text.Json.JsonElement item, int count) => item.GetProperty("kind").GetString() == "handling"
            && item.GetProperty("state").GetProperty("labels").GetArrayLength() == count && item.GetProperty("state").GetProperty("customAttributes").EnumerateObject().Count() == count;

        async Task<IReadOnlyList<Guid>> FindAsync(Person person, string filter) =>
            [.. (await person.Api.GetAsync($"{tenant.Path}/conversations?{filter}")).Ok().Json.GetProperty("data").EnumerateArray().Select(c => c.GetProperty("id").GetGuid())];
    }

    [Theory]
    [InlineData("Vip", "#000000")]
    [InlineData("two words", "#000000")]
    [InlineData("", "#000000")]
    [InlineData("ok", "red")]
    [InlineData("ok", "#00000g")]
    [InlineData("ok", "#0000000")]
    public async Task A_label_programs_could_not_name_or_show_is_refused(string title, string color)
    {
        var tenant = await Tenants.FirstAsync(server);
        (await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/labels", new { title, color })).Refused(HttpStatusCode.BadRequest, "malformed");
    }

    [Theory]
    [InlineData("text", "\"any\"", "1")]
    [InlineData("number", "-1.5e3", "\"1\"")]
    [InlineData("checkbox", "true", "\"true\"")]
    [InlineData("date", "\"2024-02-29\"", "\"2023-02-29\"")]
    [InlineData("link", "\"https://example.org/x\"", "\"javascript:alert(1)\"")]
    [InlineData("list", "\"gold\"", "\"bronze\"")]
    public async Task An_attribute_takes_values_of_its_type_and_no_others(string type, string right, string wrong)
    {
        var tenant = await Tenants.FirstAsync(server);
        var contact = $"{tenant.Path}/contacts/{tenant.OtherContact}";
        var key = $"of_{type}_{Guid.NewGuid():N}"[..40];
        await tenant.Master.Api.PostAsync(
            $"{tenant.Path}/custom_attribute_definitions",
            new { attribute_key = key, attribute_model = "contact", attribute_display_type = type, attribute_values = type == "list" ? new[] { "gold", "silver" } : null });
        Assert.Equal(HttpStatusCode.NoContent, (await SetAsync(right)).Status);
        Assert.Equal(right, Value((await tenant.Master.Api.GetAsync(contact)).Ok()));
        (await SetAsync(wrong)).Refused(HttpStatusCode.BadRequest, "malformed");
        Assert.Equal(right, Value((await tenant.Master.Api.GetAsync(contact)).Ok()));
        Assert.Equal(HttpStatusCode.NoContent, (await SetAsync("null")).Status);
        Assert.Null(Value((await tenant.Master.Api.GetAsync(contact)).Ok()));

        async Task<ApiAnswer> SetAsync(string value)
        {
            using var body = new StringContent($"{{\"custom_attributes\":{{\"{key}\":{value}}}}}", System.Text.Encoding.UTF8, "application/json");
            return await tenant.Master.Api.SendRawAsync(HttpMethod.Patch, contact, body);
        }

        string? Value(ApiAnswer answer) => answer.Json.GetProperty("custom_attributes").TryGetProperty(key, out var value) ? value.GetRawText() : null;
    }

    [Fact]
    public async Task What_is_not_defined_for_contacts_cannot_be_set_and_a_list_has_values()
    {
        var tenant = await Tenants.FirstAsync(server);
        var contact = $"{tenant.Path}/contacts/{tenant.OtherContact}";
        var key = $"k_{Guid.NewGuid():N}";
        var attributes = new Dictionary<string, int>(StringComparer.Ordinal) { [key] = 1 };
        (await tenant.Master.Api.SendAsync(HttpMethod.Patch, contact, new { custom_attributes = attributes })).Refused(HttpStatusCode.BadRequest, "malformed");
        await tenant.Master.Api.PostAsync($"{tenant.Path}/custom_attribute_definitions", new { attribute_key = key, attribute_model = "conversation", attribute_display_type = "number" });
        (await tenant.Master.Api.SendAsync(HttpMethod.Patch, contact, new { custom_attributes = attributes })).Refused(HttpStatusCode.BadRequest, "malformed");
        (await tenant.Master.Api.SendAsync(
            HttpMethod.Post, $"{tenant.Path}/custom_attribute_definitions", new { attribute_key = "l", attribute_model = "contact", attribute_display_type = "list" })).Refused(HttpStatusCode.BadRequest, "malformed");
        (await tenant.Master.Api.SendAsync(
            HttpMethod.Patch, $"{tenant.Path}/custom_attribute_definitions/conversation/{key}", new { attribute_values = new[] { "x" } })).Refused(HttpStatusCode.BadRequest, "malformed");
    }
}
