using System.Net;
using System.Text.Json;

namespace Rcc.Server.Tests;

/// <summary>Two contacts that are one customer, through the front door.</summary>
public sealed class ContactMergeTests(RunningServer server)
{
    [Fact]
    public async Task Who_is_merged_is_one_customer_to_agents_live_and_after_catching_up()
    {
        var tenant = await Tenant.MakeAsync(server);
        var (known, conversation) = await ServedAsync(tenant, "customer-1");
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && Addresses(item).Length == 1);
        await tenant.Application.Api.PostAsync($"{tenant.Path}/contacts/{known.Id}/addresses", new { kind = "tel", value = "+15550100" });
        await desk.NextItemAsync(item => item.IsContact(known.Id) && Addresses(item).Length == 1);

        await tenant.Master.Api.PostAsync($"{tenant.Path}/contacts/{tenant.Customer.Id}/merge", new { contact_id = known.Id });
        await AreOneAsync(desk);
        var phone = await tenant.SignInAgentAsync();
        await using var late = await HubSocket.SynchronizeAsync(server.Address, phone.Credential);
        await AreOneAsync(late);

        foreach (var named in new[] { known.Id, tenant.Customer.Id })
        {
            var seen = (await tenant.Agent.Api.GetAsync($"{tenant.Path}/contacts/{named}")).Ok();
            Assert.Equal((tenant.Customer.Id, "customer-1"), (seen.Id(), seen.Text("identifier")));
            Assert.Contains(known.Id, seen.Json.GetProperty("merged_contact_ids").EnumerateArray().Select(id => id.GetGuid()));
            Assert.Equal(
                new[] { conversation, tenant.Conversation }.Order(),
                await IdsAsync(tenant.Master, $"{tenant.Path}/conversations?contact_id={named}"));
        }

        Assert.DoesNotContain(known.Id, await IdsAsync(tenant.Master, $"{tenant.Path}/contacts"));

        async Task AreOneAsync(HubSocket hub)
        {
            var (survives, isMerged) = (false, false);
            while (!survives || !isMerged)
            {
                foreach (var item in (await hub.NextPushAsync()).GetProperty("items").EnumerateArray())
                {
                    survives |= item.IsContact(tenant.Customer.Id) && Addresses(item).Length == 2;
                    isMerged |= item.IsContact(known.Id) && Addresses(item).Length == 0 && item.GetProperty("state").GetProperty("mergedInto").GetGuid() == tenant.Customer.Id;
                }
            }
        }
    }

    [Fact]
    public async Task A_merged_customers_own_devices_go_on_and_see_nothing_of_the_other()
    {
        var tenant = await Tenant.MakeAsync(server);
        var (known, conversation) = await ServedAsync(tenant, "customer-1");
        await using var hub = await HubSocket.SynchronizeAsync(server.Address, known.Credential);
        await tenant.Master.Api.PostAsync($"{tenant.Path}/contacts/{tenant.Customer.Id}/merge", new { contact_id = known.Id });
        await known.Api.PostAsync($"{tenant.Path}/conversations/{conversation}/messages", new { content = "I am still here" });
        await tenant.Agent.Api.PostAsync($"{tenant.Path}/conversations/{tenant.Conversation}/messages", new { content = "Not for the other device" });
        await tenant.Agent.Api.PostAsync($"{tenant.Path}/conversations/{conversation}/messages", new { content = "So am I" });
        var wire = await hub.UntilAsync(text => text.Contains("So am I", StringComparison.Ordinal));
        Assert.DoesNotContain("Not for the other", wire, StringComparison.Ordinal);
        Assert.Equal([conversation], await IdsAsync(known, $"{tenant.Path}/conversations"));
        (await known.Api.GetAsync($"{tenant.Path}/conversations/{tenant.Conversation}")).Refused(HttpStatusCode.NotFound, "notFound");

        // The same identity comes in again as whom it was, and what it opens is the one customer's.
        var again = await tenant.BeginAsync("customer-1");
        Assert.Equal(known.Id, again.Id);
        var opened = (await again.Api.PostAsync($"{tenant.Path}/conversations", new { })).Id();
        Assert.Contains(opened, await IdsAsync(tenant.Master, $"{tenant.Path}/conversations?contact_id={tenant.Customer.Id}"));
    }

    [Fact]
    public async Task Unmerging_gives_each_back_exactly_what_it_had()
    {
        var tenant = await Tenant.MakeAsync(server);
        var (known, conversation) = await ServedAsync(tenant, "customer-1");
        await tenant.Application.Api.PostAsync($"{tenant.Path}/contacts/{known.Id}/addresses", new { kind = "tel", value = "+15550100", verified = true });
        await tenant.Agent.Api.PostAsync($"{tenant.Path}/contacts/{known.Id}/labels", new { labels = new[] { Tenant.Label } });
        (await tenant.Agent.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/contacts/{known.Id}", new { custom_attributes = new { tier = "gold" } })).Ok();
        (await tenant.Agent.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/contacts/{known.Id}/context", new { name = "test:mood", value = "glad" })).Ok();
        var before = (await SeenAsync(known.Id), await SeenAsync(tenant.Customer.Id));

        await tenant.Master.Api.PostAsync($"{tenant.Path}/contacts/{tenant.Customer.Id}/merge", new { contact_id = known.Id });
        var merged = await tenant.Master.Api.GetAsync($"{tenant.Path}/contacts/{tenant.Customer.Id}");
        Assert.Equal("gold", merged.Json.GetProperty("custom_attributes").GetProperty("tier").GetString());
        Assert.Equal("glad", merged.Json.GetProperty("context")[0].GetProperty("value").GetString());
        Assert.Equal(Tenant.Label, merged.Json.GetProperty("labels")[0].GetString());

        // Merging twice, from either side, is the same as merging once.
        await tenant.Master.Api.PostAsync($"{tenant.Path}/contacts/{tenant.Customer.Id}/merge", new { contact_id = known.Id });
        await tenant.Master.Api.PostAsync($"{tenant.Path}/contacts/{known.Id}/merge", new { contact_id = tenant.Customer.Id });
        Assert.Equal(merged.Body, (await tenant.Master.Api.GetAsync($"{tenant.Path}/contacts/{tenant.Customer.Id}")).Body);

        await tenant.Master.Api.PostAsync($"{tenant.Path}/contacts/{tenant.Customer.Id}/unmerge", new { contact_id = known.Id });
        Assert.Equal(before, (await SeenAsync(known.Id), await SeenAsync(tenant.Customer.Id)));
        Assert.Equal([conversation], await IdsAsync(tenant.Master, $"{tenant.Path}/conversations?contact_id={known.Id}"));
        (await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/contacts/{tenant.Customer.Id}/unmerge", new { contact_id = known.Id })).Refused(HttpStatusCode.NotFound, "notFound");

        async Task<string> SeenAsync(Guid contact) => (await tenant.Agent.Api.GetAsync($"{tenant.Path}/contacts/{contact}")).Ok().Body;
    }

    [Fact]
    public async Task A_contact_of_another_tenant_is_none_to_merge_with()
    {
        var (tenant, other) = (await Tenant.MakeAsync(server), await Tenants.FirstAsync(server));
        (await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/contacts/{tenant.Customer.Id}/merge", new { contact_id = other.Customer.Id })).Refused(HttpStatusCode.NotFound, "notFound");
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/contacts/{tenant.Customer.Id}/merge", new { contact_id = tenant.OtherContact })).Refused(HttpStatusCode.Forbidden, "forbidden");
    }

    /// <summary>A known customer with a conversation that the agent serves.</summary>
    static async Task<(Person Customer, Guid Conversation)> ServedAsync(Tenant tenant, string identifier)
    {
        var customer = await tenant.BeginAsync(identifier);
        var conversation = (await customer.Api.PostAsync($"{tenant.Path}/conversations", new { })).Id();
        await tenant.Master.Api.PostAsync($"{tenant.Path}/conversations/{conversation}/assignments", new { assignee_id = tenant.Agent.Id });
        return (customer, conversation);
    }

    static JsonElement[] Addresses(JsonElement contact) => [.. contact.GetProperty("state").GetProperty("addresses").EnumerateArray()];

    static async Task<IReadOnlyList<Guid>> IdsAsync(Person person, string path) =>
        [.. (await person.Api.GetAsync(path)).Ok().Json.GetProperty("data").EnumerateArray().Select(one => one.GetProperty("id").GetGuid()).Order()];
}
