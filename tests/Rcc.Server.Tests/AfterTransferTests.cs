using System.Net;
using System.Text.Json;
using Rcc.Client.Devices;
using Rcc.Client.Sync;
using Rcc.Contracts.Conversations;
using Rcc.Server.Tests.Processes;
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

    [Fact]
    [Trait("Catalogue", "RCC-13")]
    public async Task A_consultation_that_is_cancelled_leaves_everything_as_it_was_and_the_consulted_with_nothing()
    {
        var tenant = await Tenant.MakeAsync(server);
        var colleague = await tenant.AddAgentAsync();
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await using var other = await HubSocket.SynchronizeAsync(server.Address, colleague.Credential);
        await using var widget = await HubSocket.SynchronizeAsync(server.Address, tenant.Customer.Credential);
        var conversation = $"{tenant.Path}/conversations/{tenant.Conversation}";
        var before = (await tenant.Agent.Api.GetAsync(conversation)).Ok().Json;
        var wire = widget.Wire;

        Assert.Equal("ok", Code(await desk.CallAsync("ControlConversation", new { number = 1, conversationId = tenant.Conversation, operation = "consult", agentId = colleague.Id })));
        await StateAsync(other, "offer", $"{tenant.Conversation}/{colleague.Id}", _ => true);
        Assert.Equal("ok", Code(await ControlAsync(other, 1, tenant.Conversation, "acceptOffer")));
        Assert.Equal("ok", Code(await other.CallAsync("PostMessage", new { number = 2, conversationId = tenant.Conversation, lane = "notes", content = "I would not" })));
        await MessageAsync(desk, "I would not");
        Assert.Equal("ok", Code(await ControlAsync(desk, 2, tenant.Conversation, "cancelTransfer")));

        await other.NextItemAsync(i => Is(i, "left", tenant.Conversation.ToString()));
        (await colleague.Api.GetAsync(conversation)).Refused(HttpStatusCode.NotFound, "notFound");
        var handling = (await tenant.Agent.Api.GetAsync($"{conversation}/handling")).Ok().Json;
        Assert.Equal([tenant.Agent.Id], handling.GetProperty("participants").EnumerateArray().Select(one => one.GetProperty("agent_id").GetGuid()));
        var after = (await tenant.Agent.Api.GetAsync(conversation)).Ok().Json;
        Assert.Equal((before.GetProperty("status").GetString(), before.GetProperty("assignee_id").GetGuid()), (after.GetProperty("status").GetString(), after.GetProperty("assignee_id").GetGuid()));

        // The customer goes on with who it had, and of all that got not a byte.
        Assert.Equal("ok", Code(await PostAsync(desk, 3, tenant.Conversation, "Where were we?")));
        await MessageAsync(widget, "Where were we?");
        Assert.DoesNotContain(colleague.Id.ToString(), widget.Wire[wire.Length..], StringComparison.Ordinal);
        Assert.DoesNotContain("I would not", widget.Wire, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Catalogue", "RCC-12"), Trait("Catalogue", "RCC-16")]
    public async Task The_replica_of_who_gets_it_has_the_history_before_the_first_new_message()
    {
        var tenant = await Tenant.MakeAsync(server);
        var colleague = await tenant.AddAgentAsync();
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        Assert.Equal("ok", Code(await PostAsync(desk, 1, tenant.Conversation, "I put you through")));
        await using var replica = new DeviceClient(new WebSocketTransport(server.Address, _ => new(colleague.Credential)), new MemoryDeviceStore(), new());
        var watch = new HistoryWatch(replica, tenant.Conversation);
        using var watching = replica.Observe(watch);
        replica.Start();
        await Until.TrueAsync(() => replica.Status == DeviceStatus.Online, () => "the replica is online");

        Assert.Equal("ok", Code(await desk.CallAsync("ControlConversation", new { number = 2, conversationId = tenant.Conversation, operation = "transfer", agentId = colleague.Id, text = "She is in a hurry" })));
        await Until.TrueAsync(async () => (await replica.ControlAsync(tenant.Conversation, "acceptOffer")).IsOk, () => "the offer is accepted");

        // Nothing new has been said: what it has, it has by accepting.
        await Until.TrueAsync(() => replica.Messages(tenant.Conversation).Complete && Contents(replica, tenant.Conversation, Lane.Public).Count() == 2, () => "the history is there");
        Assert.Equal(["Hello", "I put you through"], Contents(replica, tenant.Conversation, Lane.Public));
        await Until.TrueAsync(() => Contents(replica, tenant.Conversation, Lane.Notes).Any(), () => "the notes are there");
        Assert.Equal(["She is in a hurry"], Contents(replica, tenant.Conversation, Lane.Notes));
        await using var widget = await HubSocket.SynchronizeAsync(server.Address, tenant.Customer.Credential);
        Assert.Equal("ok", Code(await PostAsync(widget, 1, tenant.Conversation, "Who is there now?")));
        await Until.TrueAsync(() => watch.Seen.Contains("Who is there now?"), () => "the new message is there");
        Assert.Equal(["Hello", "I put you through", "Who is there now?"], watch.WhenNew);
    }

    static IEnumerable<string> Contents(DeviceClient replica, Guid conversation, Lane lane) => replica.Messages(conversation, lane).Messages.Select(message => message.Content);

    /// <summary>What the replica shows of the conversation at each change, and what it showed when the new message was first among it.</summary>
    sealed class HistoryWatch(DeviceClient replica, Guid conversation) : IDeviceObserver
    {
        public IReadOnlyList<string> Seen { get; private set; } = [];

        public IReadOnlyList<string> WhenNew { get; private set; } = [];

        public void Changed(DeviceChanges changes)
        {
            Seen = [.. Contents(replica, conversation, Lane.Public)];
            if (WhenNew.Count == 0 && Seen.Contains("Who is there now?")) WhenNew = Seen;
        }
    }

    static async Task TransferAsync(HubSocket from, int fromNumber, HubSocket to, int toNumber, Guid conversation, Guid agent)
    {
        Assert.Equal("ok", Code(await from.CallAsync("ControlConversation", new { number = fromNumber, conversationId = conversation, operation = "transfer", agentId = agent })));
        await StateAsync(to, "offer", $"{conversation}/{agent}", _ => true);
        Assert.Equal("ok", Code(await ControlAsync(to, toNumber, conversation, "acceptOffer")));
        await StateAsync(to, "conversation", conversation, state => state.TryGetProperty("assigneeId", out var assignee) && assignee.ValueKind == JsonValueKind.String && assignee.GetGuid() == agent);
    }
}
