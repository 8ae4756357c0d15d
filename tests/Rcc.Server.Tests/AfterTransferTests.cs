using System.Net;
using System.Text.Json;
using static Rcc.Server.Tests.ControlTests;

namespace Rcc.Server.Tests;

/// <summary>What agents keep of a conversation that goes to another, through the front door and on their devices.</summary>
public sealed class AfterTransferTests(RunningServer server)
{
    [Fact]
    [Trait("Catalogue", "RCC-12")]
    public async Task Where_the_account_wants_it_all_devices_of_who_had_it_read_on_and_none_writes()
    {
        var tenant = await Tenant.MakeAsync(server);
        var colleague = await tenant.AddAgentAsync();
        (await tenant.Agent.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/profile/availability", new { availability = "online" })).Ok();
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Patch, tenant.Path, new { policies = new { after_transfer = "read" } })).Ok();
        Assert.Equal("read", (await tenant.Agent.Api.GetAsync(tenant.Path)).Ok().Json.GetProperty("policies").GetProperty("after_transfer").GetString());
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await using var other = await HubSocket.SynchronizeAsync(server.Address, colleague.Credential);
        await using var widget = await HubSocket.SynchronizeAsync(server.Address, tenant.Customer.Credential);
        await TransferAsync(desk, 1, other, 1, tenant.Conversation, colleague.Id);

        // What is said from now on reaches the device it was transferred from, live.
        await PostAsync(widget, 1, tenant.Conversation, "Who is there now?");
        await MessageAsync(desk, "Who is there now?");
        Assert.Equal("ok", Code(await other.CallAsync("PostMessage", new { number = 2, conversationId = tenant.Conversation, lane = "notes", content = "Between us" })));
        await MessageAsync(desk, "Between us");
        Assert.DoesNotContain("\"kind\":\"left\"", desk.Wire, StringComparison.Ordinal);

        // And one that comes later has all of it.
        var phone = await tenant.SignInAgentAsync();
        await using var pocket = await HubSocket.SynchronizeAsync(server.Address, phone.Credential);
        Assert.Equal(["Hello", "Who is there now?"], await ContentsAsync(pocket, tenant.Conversation, "public"));
        Assert.Equal(["Between us"], await ContentsAsync(pocket, tenant.Conversation, "notes"));
        var parts = (await tenant.Agent.Api.GetAsync($"{tenant.Path}/conversations/{tenant.Conversation}/handling")).Ok().Json.GetProperty("participants").EnumerateArray().Select(one => one.GetProperty("part").GetString());
        Assert.Equal(["former", "server"], parts);

        // Nobody writes or controls there who only reads, on whatever device and in whatever lane.
        Assert.Equal("forbidden", Code(await PostAsync(desk, 2, tenant.Conversation, "Me again")));
        Assert.Equal("forbidden", Code(await pocket.CallAsync("PostMessage", new { number = 1, conversationId = tenant.Conversation, lane = "notes", content = "Me again" })));
        Assert.Equal("forbidden", Code(await ControlAsync(pocket, 2, tenant.Conversation, "hold")));
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations/{tenant.Conversation}/toggle_status", new { status = "resolved" })).Refused(HttpStatusCode.Forbidden, "forbidden");

        // What it has of the customer's messages, the customer does not hear of.
        await desk.CallAsync("Confirm", new { held = new[] { new { conversationId = tenant.Conversation, seq = 2 } } });
        await desk.CallAsync("MarkRead", new { number = 3, conversationId = tenant.Conversation, seq = 2 });
        Assert.Equal("ok", Code(await PostAsync(other, 3, tenant.Conversation, "I am")));
        await MessageAsync(widget, "I am");
        Assert.DoesNotContain($"receipt\",\"id\":\"{tenant.Conversation}/{tenant.Agent.Id}", widget.Wire, StringComparison.Ordinal);
        Assert.DoesNotContain("former", widget.Wire, StringComparison.Ordinal);

        // It comes back, and everything is as it was.
        await TransferAsync(other, 4, desk, 4, tenant.Conversation, tenant.Agent.Id);
        Assert.Equal("ok", Code(await PostAsync(pocket, 3, tenant.Conversation, "Here I am again")));
        await MessageAsync(other, "Here I am again");
    }

    [Fact]
    [Trait("Catalogue", "RCC-12")]
    public async Task The_policy_counts_from_the_next_transfer_on_and_without_it_nothing_stays()
    {
        var tenant = await Tenant.MakeAsync(server);
        var colleague = await tenant.AddAgentAsync();
        (await tenant.Agent.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/profile/availability", new { availability = "online" })).Ok();
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await using var other = await HubSocket.SynchronizeAsync(server.Address, colleague.Credential);
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Patch, tenant.Path, new { policies = new { after_transfer = "read" } })).Ok();
        await TransferAsync(desk, 1, other, 1, tenant.Conversation, colleague.Id);
        (await tenant.Agent.Api.GetAsync($"{tenant.Path}/conversations/{tenant.Conversation}")).Ok();
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Patch, tenant.Path, new { policies = new { after_transfer = "none" } })).Ok();
        await TransferAsync(other, 2, desk, 2, tenant.Conversation, tenant.Agent.Id);
        await other.NextItemAsync(i => Is(i, "left", tenant.Conversation.ToString()));
        (await colleague.Api.GetAsync($"{tenant.Path}/conversations/{tenant.Conversation}")).Refused(HttpStatusCode.NotFound, "notFound");
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Patch, tenant.Path, new { policies = new { after_transfer = "write" } })).Refused(HttpStatusCode.BadRequest, "malformed");
    }

    static async Task TransferAsync(HubSocket from, int fromNumber, HubSocket to, int toNumber, Guid conversation, Guid agent)
    {
        Assert.Equal("ok", Code(await from.CallAsync("ControlConversation", new { number = fromNumber, conversationId = conversation, operation = "transfer", agentId = agent })));
        await StateAsync(to, "offer", $"{conversation}/{agent}", _ => true);
        Assert.Equal("ok", Code(await ControlAsync(to, toNumber, conversation, "acceptOffer")));
        await StateAsync(to, "conversation", conversation, state => state.TryGetProperty("assigneeId", out var assignee) && assignee.ValueKind == JsonValueKind.String && assignee.GetGuid() == agent);
    }
}
