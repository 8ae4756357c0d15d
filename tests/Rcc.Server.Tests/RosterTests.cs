using System.Text.Json;
using static Rcc.Server.Tests.ControlTests;

namespace Rcc.Server.Tests;

/// <summary>Sub-agents and their groups.</summary>
public sealed class RosterTests(RunningServer server)
{
    [Fact]
    [Trait("Catalogue", "RCC-38")]
    public async Task Who_works_in_a_group_sees_who_comes_and_goes_there_and_how_it_stands_with_them_live()
    {
        var tenant = await Tenant.MakeAsync(server);
        await using var member = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        var colleague = await tenant.AddAgentAsync();
        await StateAsync(member, "agent", colleague.Id, state => state.GetProperty("groupId").GetGuid() == tenant.Team && state.GetProperty("availability").GetString() == "online");

        (await colleague.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/profile/availability", new { availability = "busy", note = "On the phone" })).Ok();
        await StateAsync(member, "agent", colleague.Id, state => state.GetProperty("availability").GetString() == "busy");
        (await tenant.Master.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/teams/{tenant.Team}", new { name = "First line", supervisor_ids = new[] { colleague.Id } })).Ok();
        await StateAsync(
            member, "group", tenant.Team, state => state.GetProperty("name").GetString() == "First line" && state.GetProperty("supervisorIds").EnumerateArray().Single().GetGuid() == colleague.Id);

        var another = (await tenant.Master.Api.PostAsync($"{tenant.Path}/teams", new { name = "Second line" })).Id();
        (await tenant.Master.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/agents/{colleague.Id}", new { team_id = another })).Ok();
        await StateAsync(member, "agent", colleague.Id, state => state.GetProperty("groupId").GetGuid() == another);
        (await tenant.Master.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/agents/{colleague.Id}")).Ok();
        await StateAsync(member, "agent", colleague.Id, state => state.TryGetProperty("removed", out var removed) && removed.GetBoolean());
    }

    [Fact]
    [Trait("Catalogue", "RCC-37")]
    public async Task A_sub_agent_does_all_that_an_agent_does()
    {
        var tenant = await Tenant.MakeAsync(server);
        var sub = await tenant.AddAgentAsync();
        var self = (await sub.Api.GetAsync($"{tenant.Path}/profile")).Ok().Json;
        Assert.Equal(("agent", tenant.Master.Id), (self.GetProperty("role").GetString(), self.GetProperty("managed_by").GetGuid()));

        (await tenant.Agent.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/profile/availability", new { availability = "online" })).Ok();

        // It is offered a conversation, takes it, and serves it from there to its end, on both of its devices.
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, sub.Credential);
        await using var widget = await HubSocket.SynchronizeAsync(server.Address, tenant.Customer.Credential);
        var conversation = $"{tenant.Path}/conversations/{tenant.Conversation}";
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{conversation}/transfer", new { agent_id = sub.Id, note = "Yours" })).Ok();
        await desk.NextItemAsync(item => item.GetProperty("kind").GetString() == "offer");
        await OkAsync("acceptOffer", 1);
        await StateAsync(widget, "conversation", tenant.Conversation, state => state.GetProperty("assigneeId").GetGuid() == sub.Id);
        await OkAsync("hold", 2);
        Assert.Equal("onHold", Code(await PostAsync(3, "public")));
        await OkAsync("resume", 4);
        Assert.Equal("ok", Code(await PostAsync(5, "public")));
        Assert.Equal("ok", Code(await PostAsync(6, "notes")));
        Assert.Equal("ok", Code(await desk.CallAsync("SetDraft", new { number = 7, conversationId = tenant.Conversation, text = "And" })));
        Assert.Equal("ok", Code(await desk.CallAsync("MarkRead", new { number = 8, conversationId = tenant.Conversation, seq = 1 })));
        await widget.NextItemAsync(item => item.GetProperty("kind").GetString() == "receipt" && item.GetProperty("id").GetString() == $"{tenant.Conversation}/{sub.Id}");
        Assert.Equal("ok", Code(await desk.CallAsync("ControlConversation", new { number = 9, conversationId = tenant.Conversation, operation = "consult", agentId = tenant.Agent.Id })));
        await OkAsync("cancelTransfer", 10);
        Assert.Equal("ok", Code(await desk.CallAsync("ControlConversation", new { number = 11, conversationId = tenant.Conversation, operation = "addParticipant", agentId = tenant.Agent.Id })));
        await OkAsync("snooze", 12);
        await OkAsync("unsnooze", 13);
        await OkAsync("resolve", 14);
        await StateAsync(widget, "conversation", tenant.Conversation, state => state.GetProperty("status").GetString() == "resolved");

        async Task OkAsync(string operation, long number)
        {
            var outcome = await desk.CallAsync("ControlConversation", new { number, conversationId = tenant.Conversation, operation });
            Assert.True(Code(outcome) == "ok", $"{operation}: {outcome}");
        }

        Task<JsonElement> PostAsync(long number, string lane) => desk.CallAsync("PostMessage", new { number, conversationId = tenant.Conversation, lane, content = "Hello" });
    }

    static string? Code(JsonElement outcome) => outcome.GetProperty("code").GetString();
}
