using System.Net;
using System.Text.Json;

namespace Rcc.Server.Tests;

/// <summary>Agents who make a contact, and who begin a conversation with a customer.</summary>
public sealed class OutboundTests(RunningServer server)
{
    [Fact]
    public async Task An_agent_makes_a_contact_and_a_conversation_that_is_its_own_and_the_customer_gets_it_live()
    {
        var tenant = await Tenant.MakeAsync(server);
        var customer = await tenant.BeginAsync("customer-1");
        await using var phone = await HubSocket.SynchronizeAsync(server.Address, customer.Credential);
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        var opened = (await tenant.Agent.Api.PostAsync($"{tenant.Path}/conversations", new { inbox_id = tenant.Inbox, contact_id = customer.Id })).Id();
        var state = (await desk.NextItemAsync(item => IsConversation(item, opened))).GetProperty("state");
        Assert.Equal(tenant.Agent.Id, state.GetProperty("assigneeId").GetGuid());
        await desk.NextItemAsync(item => item.IsContact(customer.Id));
        await tenant.Agent.Api.PostAsync($"{tenant.Path}/conversations/{opened}/messages", new { content = "Your parcel is here" });
        await phone.NextItemAsync(item => IsConversation(item, opened));
        await phone.UntilAsync(text => text.Contains("Your parcel is here", StringComparison.Ordinal));
        Assert.DoesNotContain(await WaitingAsync(tenant), id => id == opened);

        foreach (var person in new[] { tenant.Agent, tenant.Master, tenant.Administrator })
        {
            var contact = (await person.Api.PostAsync($"{tenant.Path}/contacts", new { name = "Grace Hopper", addresses = new[] { new { kind = "tel", value = $"+1555{Random.Shared.Next(1_000_000, 9_999_999)}" } } })).Id();
            var own = (await person.Api.PostAsync($"{tenant.Path}/conversations", new { inbox_id = tenant.Inbox, contact_id = contact })).Id();
            Assert.Equal(person.Id, (await person.Api.GetAsync($"{tenant.Path}/conversations/{own}")).Ok().Json.GetProperty("assignee_id").GetGuid());
            (await person.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/contacts", new { name = "Grace", identifier = "crm-1" })).Refused(HttpStatusCode.Forbidden, "forbidden");
        }
    }

    [Fact]
    public async Task It_waits_in_the_inboxs_queue_when_it_is_asked_to_and_for_who_may_not_take_one()
    {
        var tenant = await Tenant.MakeAsync(server);
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/inboxes/{tenant.Inbox}", new { queue_id = tenant.Queue })).Ok();
        (await tenant.Master.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/agents/{tenant.Agent.Id}", new { controls = new[] { "resolve" } })).Ok();
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations", Opening(false))).Refused(HttpStatusCode.Forbidden, "forbidden");
        var opened = (await tenant.Agent.Api.PostAsync($"{tenant.Path}/conversations", Opening(true))).Id();
        Assert.Contains(await WaitingAsync(tenant), id => id == opened);
        var handling = (await tenant.Master.Api.GetAsync($"{tenant.Path}/conversations/{opened}/handling")).Ok();
        Assert.Equal(tenant.Queue, handling.Id("queue_id"));
        Assert.Equal(JsonValueKind.Null, (await tenant.Master.Api.GetAsync($"{tenant.Path}/conversations/{opened}")).Ok().Json.GetProperty("assignee_id").ValueKind);

        object Opening(bool unassigned) => new { inbox_id = tenant.Inbox, contact_id = tenant.OtherContact, unassigned };
    }

    [Fact]
    public async Task Capacity_and_an_archived_inbox_hold_for_it_as_for_any_other()
    {
        var tenant = await Tenant.MakeAsync(server);
        var opening = new { inbox_id = tenant.Inbox, contact_id = tenant.OtherContact };
        (await tenant.Master.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/agents/{tenant.Agent.Id}", new { capacity = 2 })).Ok();

        // One it has already.
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations", opening)));
        Assert.Single(answers, answer => answer.IsSuccess);
        Assert.All(answers.Where(answer => !answer.IsSuccess), answer => Assert.Contains("capacity", answer.Refused(HttpStatusCode.Conflict, "conflict").Text("detail"), StringComparison.Ordinal));
        (await tenant.Administrator.Api.PostAsync($"{tenant.Path}/inboxes/{tenant.Inbox}/archive", new { })).Ok();
        (await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations", opening)).Refused(HttpStatusCode.Conflict, "archived");
        (await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations", new { inbox_id = tenant.Inbox, contact_id = Guid.NewGuid() })).Refused(HttpStatusCode.NotFound, "notFound");
    }

    [Fact]
    public async Task A_wrong_name_or_address_is_taken_away_by_an_empty_one()
    {
        var tenant = await Tenant.MakeAsync(server);
        var contact = $"{tenant.Path}/contacts/{(await tenant.Master.Api.PostAsync($"{tenant.Path}/contacts", new { name = "Wrong Name", email = "wrong@example.org" })).Id()}";
        (await tenant.Master.Api.SendAsync(HttpMethod.Patch, contact, new { name = "" })).Ok();
        Assert.Equal((null, "wrong@example.org"), Known(await tenant.Master.Api.GetAsync(contact)));
        (await tenant.Master.Api.SendAsync(HttpMethod.Patch, contact, new { email = "" })).Ok();
        Assert.Equal((null, null), Known(await tenant.Master.Api.GetAsync(contact)));
        foreach (var text in new[] { "wrong", "wrong@" })
        {
            Assert.Empty((await tenant.Master.Api.GetAsync($"{tenant.Path}/contacts/search?q={text}")).Ok().Json.GetProperty("data").EnumerateArray());
        }

        (await tenant.Master.Api.SendAsync(HttpMethod.Patch, contact, new { name = " " })).Refused(HttpStatusCode.BadRequest, "malformed");

        static (string?, string?) Known(ApiAnswer answer) => (answer.Ok().Json.GetProperty("name").GetString(), answer.Json.GetProperty("email").GetString());
    }

    static bool IsConversation(JsonElement item, Guid id) => item.GetProperty("kind").GetString() == "conversation" && item.GetProperty("id").GetString() == id.ToString();

    static async Task<IEnumerable<Guid>> WaitingAsync(Tenant tenant) =>
        (await tenant.Master.Api.GetAsync($"{tenant.Path}/conversations?unassigned=true")).Ok().Json.GetProperty("data").EnumerateArray().Select(one => one.GetProperty("id").GetGuid());
}
