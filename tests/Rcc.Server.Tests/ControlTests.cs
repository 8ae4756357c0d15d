using System.Net;
using System.Text.Json;

namespace Rcc.Server.Tests;

/// <summary>Control of communications through the front door: what one device does shows on all that may see it, and at the customer nothing but what it may know.</summary>
public sealed class ControlTests(RunningServer server)
{
    [Fact]
    [Trait("Catalogue", "RCC-10"), Trait("Catalogue", "RCC-11")]
    public async Task A_hold_shows_on_every_device_nothing_is_lost_and_another_device_ends_it()
    {
        var tenant = await Tenant.MakeAsync(server);
        var phone = await tenant.SignInAgentAsync();
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await using var pocket = await HubSocket.SynchronizeAsync(server.Address, phone.Credential);
        await using var widget = await HubSocket.SynchronizeAsync(server.Address, tenant.Customer.Credential);

        Assert.Equal("ok", Code(await PostAsync(desk, 10, tenant.Conversation, "Let me see")));
        await MessageAsync(widget, "Let me see");
        Assert.Equal("ok", Code(await ControlAsync(desk, 11, tenant.Conversation, "hold")));
        var held = await StateAsync(pocket, "handling", tenant.Conversation, state => state.TryGetProperty("hold", out _));
        Assert.Equal((tenant.Agent.Id, tenant.Agent.DeviceId), (held.GetProperty("hold").GetProperty("agentId").GetGuid(), held.GetProperty("hold").GetProperty("deviceId").GetGuid()));
        await StateAsync(widget, "conversation", tenant.Conversation, state => state.TryGetProperty("onHold", out var on) && on.GetBoolean());

        // Its messages take their places, one after the other, and receipts go both ways (RFC 4975 §8.9): the customer's to the agent, the agent's to the customer.
        string[] queued = ["Still there?", "Hello?", "I can wait", "Take your time"];
        for (var number = 1; number <= queued.Length; number++) Assert.Equal("ok", Code(await PostAsync(widget, number, tenant.Conversation, queued[number - 1])));
        await MessageAsync(pocket, queued[^1]);
        Assert.Equal("onHold", Code(await PostAsync(desk, 12, tenant.Conversation, "One moment")));
        await widget.CallAsync("Confirm", new { held = new[] { new { conversationId = tenant.Conversation, seq = 2 } } });
        await pocket.NextItemAsync(i => Is(i, "receipt", $"{tenant.Conversation}/{tenant.Customer.Id}") && i.GetProperty("state").GetProperty("delivered").GetInt64() == 2);
        await widget.CallAsync("MarkRead", new { number = 10, conversationId = tenant.Conversation, seq = 2 });
        await pocket.NextItemAsync(i => Is(i, "receipt", $"{tenant.Conversation}/{tenant.Customer.Id}") && i.GetProperty("state").GetProperty("displayed").GetInt64() == 2);
        await desk.CallAsync("Confirm", new { held = new[] { new { conversationId = tenant.Conversation, seq = 6 } } });
        await widget.NextItemAsync(i => Is(i, "receipt", $"{tenant.Conversation}/{tenant.Agent.Id}") && i.GetProperty("state").GetProperty("delivered").GetInt64() == 6);
        await desk.CallAsync("SetTyping", new { conversationId = tenant.Conversation, active = true });

        Assert.Equal("ok", Code(await ControlAsync(pocket, 1, tenant.Conversation, "resume")));
        await StateAsync(widget, "conversation", tenant.Conversation, state => !state.TryGetProperty("onHold", out _));
        Assert.Equal(7, (await PostAsync(pocket, 2, tenant.Conversation, "Here I am")).GetProperty("seq").GetInt64());
        await MessageAsync(widget, "Here I am");
        Assert.Equal(["Hello", "Let me see", .. queued, "Here I am"], await ContentsAsync(pocket, tenant.Conversation, "public"));
        await desk.CallAsync("SetTyping", new { conversationId = tenant.Conversation, active = false });
        var typing = await TypingAsync(widget, tenant.Agent.Id);
        Assert.False(typing.GetProperty("active").GetBoolean());
        Assert.DoesNotContain("\"active\":true", widget.Wire, StringComparison.Ordinal);
        Assert.DoesNotContain("\"handling\"", widget.Wire, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Catalogue", "RCC-12")]
    public async Task A_blind_transfer_rings_at_the_other_agent_who_gets_it_with_its_history()
    {
        var tenant = await Tenant.MakeAsync(server);
        var colleague = await tenant.AddAgentAsync();
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await using var other = await HubSocket.SynchronizeAsync(server.Address, colleague.Credential);
        await using var widget = await HubSocket.SynchronizeAsync(server.Address, tenant.Customer.Credential);

        Assert.Equal("ok", Code(await desk.CallAsync("ControlConversation", new { number = 1, conversationId = tenant.Conversation, operation = "transfer", agentId = colleague.Id, text = "She is in a hurry" })));
        var offer = await StateAsync(other, "offer", $"{tenant.Conversation}/{colleague.Id}", _ => true);
        Assert.Equal(tenant.Agent.Id, offer.GetProperty("fromId").GetGuid());
        Assert.Equal("ok", Code(await PostAsync(desk, 2, tenant.Conversation, "I put you through")));

        Assert.Equal("ok", Code(await ControlAsync(other, 1, tenant.Conversation, "acceptOffer")));
        await StateAsync(widget, "conversation", tenant.Conversation, state => state.GetProperty("assigneeId").GetGuid() == colleague.Id);
        await desk.NextItemAsync(i => i.GetProperty("kind").GetString() == "left" && i.GetProperty("id").GetString() == tenant.Conversation.ToString());
        Assert.Equal("notFound", Code(await PostAsync(desk, 3, tenant.Conversation, "Bye")));
        Assert.Equal(["Hello", "I put you through"], await ContentsAsync(other, tenant.Conversation, "public"));
        Assert.Equal(["She is in a hurry"], await ContentsAsync(other, tenant.Conversation, "notes"));
    }

    [Fact]
    [Trait("Catalogue", "RCC-13")]
    public async Task Of_a_consultation_the_customer_gets_not_a_byte()
    {
        var tenant = await Tenant.MakeAsync(server);
        var colleague = await tenant.AddAgentAsync();
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await using var other = await HubSocket.SynchronizeAsync(server.Address, colleague.Credential);
        await using var widget = await HubSocket.SynchronizeAsync(server.Address, tenant.Customer.Credential);

        await desk.CallAsync("ControlConversation", new { number = 1, conversationId = tenant.Conversation, operation = "consult", agentId = colleague.Id });
        await StateAsync(other, "offer", $"{tenant.Conversation}/{colleague.Id}", state => state.GetProperty("consultation").GetBoolean());
        Assert.Equal("ok", Code(await ControlAsync(other, 1, tenant.Conversation, "acceptOffer")));
        await StateAsync(desk, "handling", tenant.Conversation, state => state.TryGetProperty("transfer", out var transfer) && transfer.TryGetProperty("consultantId", out _));

        // It reads, receives, types and writes, and none of it is the customer's business.
        await PostAsync(widget, 1, tenant.Conversation, "Can you help?");
        await MessageAsync(other, "Can you help?");
        await other.CallAsync("Confirm", new { held = new[] { new { conversationId = tenant.Conversation, seq = 2 } } });
        await other.CallAsync("MarkRead", new { number = 2, conversationId = tenant.Conversation, seq = 2 });
        await other.CallAsync("SetTyping", new { conversationId = tenant.Conversation, active = true });
        await TypingAsync(desk, colleague.Id);
        Assert.Equal("ok", Code(await other.CallAsync("PostMessage", new { number = 3, conversationId = tenant.Conversation, lane = "notes", content = "Offer her the blue one" })));
        await MessageAsync(desk, "Offer her the blue one");
        Assert.Equal("forbidden", Code(await PostAsync(other, 4, tenant.Conversation, "Hello there")));
        await PostAsync(desk, 2, tenant.Conversation, "How about the blue one?");
        await MessageAsync(widget, "How about the blue one?");
        var before = widget.Wire;
        Assert.Equal(1, Occurrences(before, "\"kind\":\"conversation\""));
        Assert.DoesNotContain(colleague.Id.ToString(), before, StringComparison.Ordinal);
        Assert.DoesNotContain("Offer her", before, StringComparison.Ordinal);
        Assert.DoesNotContain("Hello there", before, StringComparison.Ordinal);
        Assert.DoesNotContain("consult", before, StringComparison.OrdinalIgnoreCase);

        Assert.Equal("ok", Code(await ControlAsync(desk, 3, tenant.Conversation, "completeTransfer")));
        await StateAsync(widget, "conversation", tenant.Conversation, state => state.GetProperty("assigneeId").GetGuid() == colleague.Id);
        Assert.Equal("ok", Code(await PostAsync(other, 5, tenant.Conversation, "I take over")));
        await MessageAsync(widget, "I take over");
    }

    [Fact]
    [Trait("Catalogue", "RCC-14"), Trait("Catalogue", "RCC-15")]
    public async Task To_a_team_it_is_offered_in_turn_and_comes_back_when_nobody_takes_it()
    {
        var tenant = await Tenant.MakeAsync(server);
        var colleague = await tenant.AddAgentAsync();
        var conversation = $"{tenant.Path}/conversations/{tenant.Conversation}";
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{conversation}/transfer", new { team_id = tenant.Team, note = "Somebody?" })).Ok();
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{conversation}/transfer", new { team_id = tenant.Team })).Refused(HttpStatusCode.Conflict, "conflict");
        (await colleague.Api.SendAsync(HttpMethod.Post, $"{conversation}/offer/decline")).Ok();

        var handling = await StateAsync(desk, "handling", tenant.Conversation, state => state.TryGetProperty("transfer", out var transfer) && transfer.TryGetProperty("outcome", out _));
        Assert.Equal("declined", handling.GetProperty("transfer").GetProperty("outcome").GetString());
        Assert.Equal("ok", Code(await PostAsync(desk, 1, tenant.Conversation, "I am still here")));
        (await colleague.Api.GetAsync(conversation)).Refused(HttpStatusCode.NotFound, "notFound");
    }

    [Fact]
    [Trait("Catalogue", "RCC-15")]
    public async Task Unanswered_it_comes_back_by_itself()
    {
        await using var impatient = await RunningServer.WithAsync("--Rcc:Conversations:TransferAnswerWithin=00:00:01");
        var tenant = await Tenant.MakeAsync(impatient);
        var colleague = await tenant.AddAgentAsync();
        await using var desk = await HubSocket.SynchronizeAsync(impatient.Address, tenant.Agent.Credential);
        await desk.CallAsync("ControlConversation", new { number = 1, conversationId = tenant.Conversation, operation = "transfer", agentId = colleague.Id });
        var handling = await StateAsync(desk, "handling", tenant.Conversation, state => state.TryGetProperty("transfer", out var transfer) && transfer.TryGetProperty("outcome", out _));
        Assert.Equal("noAnswer", handling.GetProperty("transfer").GetProperty("outcome").GetString());
    }

    [Fact]
    [Trait("Catalogue", "RCC-14"), Trait("Catalogue", "RCC-15")]
    public async Task Transferred_to_a_queue_in_vain_it_comes_back_to_all_devices_of_who_had_it()
    {
        var tenant = await Tenant.MakeAsync(server);
        var queue = (await tenant.Master.Api.PostAsync($"{tenant.Path}/queues", new { name = "Experts", team_ids = new[] { tenant.Team }, skills = new[] { "nobody has it" }, transfer_seconds = 1 })).Id();
        (await tenant.Agent.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/profile/availability", new { availability = "busy" })).Ok();
        var second = await tenant.SignInAgentAsync();
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await using var other = await HubSocket.SynchronizeAsync(server.Address, second.Credential);
        Assert.Equal("ok", Code(await desk.CallAsync("ControlConversation", new { number = 1, conversationId = tenant.Conversation, operation = "transfer", queueId = queue })));
        foreach (var device in new[] { desk, other })
        {
            await device.NextItemAsync(i => i.GetProperty("kind").GetString() == "left" && i.GetProperty("id").GetString() == tenant.Conversation.ToString());
            var handling = await StateAsync(device, "handling", tenant.Conversation, state => state.TryGetProperty("transfer", out var transfer) && transfer.TryGetProperty("outcome", out _));
            Assert.Equal(("noAnswer", tenant.Id), (handling.GetProperty("transfer").GetProperty("outcome").GetString(), handling.GetProperty("queueId").GetGuid()));
        }

        Assert.Equal("ok", Code(await PostAsync(other, 1, tenant.Conversation, "I am still here")));

        // Called off, it is back at once, although the agent does not see it meanwhile.
        (await tenant.Master.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/queues/{queue}", new { name = "Experts", team_ids = new[] { tenant.Team }, skills = new[] { "nobody has it" }, transfer_seconds = 600 })).Ok();
        var conversation = $"{tenant.Path}/conversations/{tenant.Conversation}";
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{conversation}/transfer", new { queue_id = queue })).Ok();
        (await tenant.Agent.Api.GetAsync(conversation)).Refused(HttpStatusCode.NotFound, "notFound");
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{conversation}/transfer/cancel", new { })).Ok();
        Assert.Equal("cancelled", (await tenant.Agent.Api.GetAsync($"{conversation}/handling")).Ok().Json.GetProperty("transfer").GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task A_mention_shows_on_every_device_of_the_agent_is_read_on_all_and_no_byte_of_it_reaches_the_customer()
    {
        var tenant = await Tenant.MakeAsync(server);
        var colleague = await tenant.AddAgentAsync();
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await using var other = await HubSocket.SynchronizeAsync(server.Address, colleague.Credential);
        await using var again = await HubSocket.SynchronizeAsync(server.Address, colleague.Credential);
        await using var widget = await HubSocket.SynchronizeAsync(server.Address, tenant.Customer.Credential);

        var note = new { number = 1, conversationId = tenant.Conversation, lane = "notes", content = "@Colleague is this covered?", mentions = new[] { colleague.Id } };
        Assert.Equal("ok", Code(await desk.CallAsync("PostMessage", note)));
        var id = $"{tenant.Conversation}/{colleague.Id}";
        foreach (var hub in new[] { other, again })
        {
            var mention = await StateAsync(hub, "mention", id, _ => true);
            Assert.Equal((tenant.Agent.Id, 1L), (mention.GetProperty("byId").GetGuid(), mention.GetProperty("notesSeq").GetInt64()));
        }

        Assert.Equal([tenant.Conversation], await MentionedAsync(tenant, colleague.Api));
        Assert.Empty(await MentionedAsync(tenant, tenant.Agent.Api));
        await other.CallAsync("MarkRead", new { number = 1, conversationId = tenant.Conversation, lane = "notes", seq = 1 });
        Assert.Equal(1, (await StateAsync(again, "read", id, _ => true)).GetProperty("notesSeq").GetInt64());

        // It receives and reads what the customer writes, and types; nothing of it is the customer's business.
        await PostAsync(widget, 1, tenant.Conversation, "Well?");
        await MessageAsync(other, "Well?");
        await other.CallAsync("Confirm", new { held = new[] { new { conversationId = tenant.Conversation, seq = 2 } } });
        Assert.Equal("ok", Code(await other.CallAsync("MarkRead", new { number = 2, conversationId = tenant.Conversation, seq = 2 })));
        await again.NextItemAsync(i => Is(i, "read", id) && i.GetProperty("state").GetProperty("seq").GetInt64() == 2);
        await other.CallAsync("SetTyping", new { conversationId = tenant.Conversation, active = true });
        await TypingAsync(desk, colleague.Id);
        await desk.CallAsync("Confirm", new { held = new[] { new { conversationId = tenant.Conversation, seq = 2 } } });
        await widget.NextItemAsync(i => Is(i, "receipt", $"{tenant.Conversation}/{tenant.Agent.Id}") && i.GetProperty("state").GetProperty("delivered").GetInt64() == 2);

        await PostAsync(desk, 2, tenant.Conversation, "I have asked");
        await MessageAsync(widget, "I have asked");
        Assert.DoesNotContain(colleague.Id.ToString(), widget.Wire, StringComparison.Ordinal);
        Assert.DoesNotContain("mention", widget.Wire, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("covered", widget.Wire, StringComparison.Ordinal);
        Assert.DoesNotContain("\"notes\"", widget.Wire, StringComparison.Ordinal);
        (await tenant.Customer.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations/{tenant.Conversation}/messages", new { content = "@", @private = true, mentions = new[] { colleague.Id } }))
            .Refused(HttpStatusCode.Forbidden, "forbidden");

        // A device that starts from nothing is told as well.
        await using var fresh = await HubSocket.SynchronizeAsync(server.Address, colleague.Credential);
        await StateAsync(fresh, "mention", id, _ => true);

        // With its first message to the customer it is one of those who serve.
        Assert.Equal("ok", Code(await PostAsync(other, 3, tenant.Conversation, "It is covered")));
        await MessageAsync(widget, "It is covered");
        Assert.Equal(["server", "collaborator"], (await tenant.Master.Api.GetAsync($"{tenant.Path}/conversations/{tenant.Conversation}/handling")).Ok().Json.GetProperty("participants").EnumerateArray().Select(one => one.GetProperty("part").GetString()));
    }

    [Fact]
    public async Task A_note_being_typed_shows_to_colleagues_and_not_a_byte_of_it_to_the_customer()
    {
        var tenant = await Tenant.MakeAsync(server);
        var colleague = await tenant.AddAgentAsync();
        await tenant.Agent.Api.PostAsync($"{tenant.Path}/conversations/{tenant.Conversation}/participants", new { agent_id = colleague.Id });
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await using var other = await HubSocket.SynchronizeAsync(server.Address, colleague.Credential);
        await using var widget = await HubSocket.SynchronizeAsync(server.Address, tenant.Customer.Credential);

        Assert.Equal("ok", Code(await desk.CallAsync("SetTyping", new { conversationId = tenant.Conversation, lane = "notes", active = true })));
        Assert.True((await TypingAsync(other, tenant.Agent.Id)).GetProperty("active").GetBoolean());
        await desk.CallAsync("SetTyping", new { conversationId = tenant.Conversation, lane = "notes", active = false });
        Assert.False((await TypingAsync(other, tenant.Agent.Id)).GetProperty("active").GetBoolean());
        await PostAsync(desk, 1, tenant.Conversation, "Here it is");
        await MessageAsync(widget, "Here it is");
        Assert.DoesNotContain("typing", widget.Wire, StringComparison.Ordinal);

        await desk.CallAsync("SetTyping", new { conversationId = tenant.Conversation, active = true });
        Assert.True((await TypingAsync(widget, tenant.Agent.Id)).GetProperty("active").GetBoolean());
        Assert.Equal("forbidden", Code(await widget.CallAsync("SetTyping", new { conversationId = tenant.Conversation, lane = "notes", active = true })));
        Assert.Equal("malformed", Code(await desk.CallAsync("SetTyping", new { conversationId = tenant.Conversation, lane = 7, active = true })));
    }

    [Fact]
    public async Task A_whisper_reaches_the_agent_and_neither_its_colleague_nor_the_customer()
    {
        var tenant = await Tenant.MakeAsync(server);
        var colleague = await tenant.AddAgentAsync();
        var conversation = $"{tenant.Path}/conversations/{tenant.Conversation}";
        await tenant.Agent.Api.PostAsync($"{conversation}/participants", new { agent_id = colleague.Id });
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await using var other = await HubSocket.SynchronizeAsync(server.Address, colleague.Credential);
        await using var boss = await HubSocket.SynchronizeAsync(server.Address, tenant.Master.Credential);
        await using var widget = await HubSocket.SynchronizeAsync(server.Address, tenant.Customer.Credential);
        var revision = (await widget.NextItemAsync(i => Is(i, "conversation", tenant.Conversation.ToString()))).GetProperty("revision").GetInt32();
        await widget.CallAsync("Confirm", new { held = new[] { new { conversationId = tenant.Conversation, seq = 1 } } });

        Assert.Equal("ok", Code(await ControlAsync(boss, 1, tenant.Conversation, "monitor")));
        await PostAsync(widget, 1, tenant.Conversation, "It is broken");
        await MessageAsync(boss, "It is broken");
        await boss.CallAsync("Confirm", new { held = new[] { new { conversationId = tenant.Conversation, seq = 2 } } });
        await boss.CallAsync("MarkRead", new { number = 2, conversationId = tenant.Conversation, seq = 2 });
        Assert.Equal("ok", Code(await boss.CallAsync("ControlConversation", new { number = 3, conversationId = tenant.Conversation, operation = "whisper", text = "Refund it" })));
        var heard = await StateAsync(desk, "whispers", $"{tenant.Conversation}/{tenant.Agent.Id}", _ => true);
        Assert.Equal("Refund it", heard.GetProperty("whispers")[0].GetProperty("text").GetString());

        await PostAsync(desk, 1, tenant.Conversation, "You get your money back");
        await MessageAsync(widget, "You get your money back");
        await MessageAsync(other, "You get your money back");
        Assert.DoesNotContain("Refund", other.Wire, StringComparison.Ordinal);
        Assert.DoesNotContain("whispers", other.Wire, StringComparison.Ordinal);
        foreach (var hidden in new[] { "Refund", "whisper", "monitor", tenant.Master.Id.ToString(), colleague.Id.ToString() })
            Assert.DoesNotContain(hidden, widget.Wire, StringComparison.OrdinalIgnoreCase);

        // Who came and went shows in no frame, in no revision, and in no receipt that is told again, live and in what a device catches up with.
        Assert.Equal("ok", Code(await boss.CallAsync("ControlConversation", new { number = 4, conversationId = tenant.Conversation, operation = "removeParticipant", agentId = tenant.Master.Id })));
        Assert.Equal("ok", Code(await ControlAsync(boss, 5, tenant.Conversation, "monitor")));
        await boss.NextItemAsync(i => Is(i, "receipt", $"{tenant.Conversation}/{tenant.Customer.Id}"));
        await PostAsync(desk, 2, tenant.Conversation, "Bye");
        await MessageAsync(widget, "Bye");
        Assert.Equal(1, Occurrences(widget.Wire, "\"kind\":\"conversation\""));
        await using (var fresh = await HubSocket.SynchronizeAsync(server.Address, tenant.Customer.Credential))
            Assert.Equal(revision, (await fresh.NextItemAsync(i => Is(i, "conversation", tenant.Conversation.ToString()))).GetProperty("revision").GetInt32());

        // Barging in it is heard by everybody; taking over it has the conversation.
        Assert.Equal("ok", Code(await ControlAsync(boss, 6, tenant.Conversation, "barge")));
        Assert.Equal("ok", Code(await PostAsync(boss, 7, tenant.Conversation, "This is the manager")));
        await MessageAsync(widget, "This is the manager");
        Assert.Equal("ok", Code(await ControlAsync(boss, 8, tenant.Conversation, "takeOver")));
        await StateAsync(widget, "conversation", tenant.Conversation, state => state.GetProperty("assigneeId").GetGuid() == tenant.Master.Id);
        Assert.Equal("server", (await tenant.Master.Api.GetAsync($"{conversation}/handling")).Ok().Json.GetProperty("participants").EnumerateArray().Single(p => p.GetProperty("agent_id").GetGuid() == tenant.Master.Id).GetProperty("part").GetString());
        (await tenant.Customer.Api.GetAsync($"{conversation}/handling")).Refused(HttpStatusCode.Forbidden, "forbidden");
    }

    [Fact]
    public async Task What_is_put_off_comes_back_by_itself_and_nothing_is_resolved_without_its_disposition()
    {
        var tenant = await Tenant.MakeAsync(server);
        var conversation = $"{tenant.Path}/conversations/{tenant.Conversation}";
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await tenant.Agent.Api.PostAsync($"{conversation}/snooze", new { until = DateTimeOffset.UtcNow.AddSeconds(1) });
        await StateAsync(desk, "handling", tenant.Conversation, state => state.TryGetProperty("snooze", out _));
        await StateAsync(desk, "handling", tenant.Conversation, state => !state.TryGetProperty("snooze", out _));

        foreach (var path in new[] { $"inboxes/{tenant.Inbox}", $"queues/{tenant.Id}" })
        {
            (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/{path}/dispositions", new { names = new[] { "Sold", path }, required = true })).Ok();
            (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/{path}/dispositions", new { names = new[] { "Sold", "SOLD" } })).Refused(HttpStatusCode.BadRequest, "malformed");
            Assert.True((await tenant.Agent.Api.GetAsync($"{tenant.Path}/{path}/dispositions")).Ok().Json.GetProperty("required").GetBoolean());
        }

        var list = await StateAsync(desk, "dispositions", tenant.Id.ToString(), _ => true);
        Assert.Equal(["Sold", $"queues/{tenant.Id}"], list.GetProperty("names").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal("dispositionRequired", Code(await desk.CallAsync("ResolveConversation", new { number = 1, conversationId = tenant.Conversation })));
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{conversation}/toggle_status", new { status = "resolved" })).Refused(HttpStatusCode.UnprocessableEntity, "dispositionRequired");
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{conversation}/toggle_status", new { status = "resolved", disposition = "Stolen" })).Refused(HttpStatusCode.BadRequest, "malformed");
        Assert.Equal("ok", Code(await desk.CallAsync("ControlConversation", new { number = 2, conversationId = tenant.Conversation, operation = "resolve", disposition = $"inboxes/{tenant.Inbox}" })));
        Assert.Equal($"inboxes/{tenant.Inbox}", (await tenant.Master.Api.GetAsync($"{conversation}/handling")).Ok().Text("disposition"));
    }

    [Fact]
    public async Task What_is_put_off_is_listed_until_time_or_its_customer_brings_it_back_and_is_open_all_the_while()
    {
        var tenant = await Tenant.MakeAsync(server);
        var conversation = $"{tenant.Path}/conversations/{tenant.Conversation}";
        var waiting = (await (await tenant.BeginAsync()).Api.PostAsync($"{tenant.Path}/conversations", new { })).Id();
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        Assert.Empty(await ListAsync(tenant.Agent, "snoozed"));

        await tenant.Agent.Api.PostAsync($"{conversation}/snooze", new { });
        foreach (var person in new[] { tenant.Agent, tenant.Master, tenant.Application }) Assert.Equal([tenant.Conversation], await ListAsync(person, "snoozed"));
        Assert.Equal([tenant.Conversation], await ListAsync(tenant.Agent, "open"));
        Assert.Equal([waiting, tenant.Conversation], await ListAsync(tenant.Master, "open"));
        Assert.Empty(await ListAsync(tenant.Master, "resolved"));
        Assert.Equal([tenant.Conversation], await ListAsync(tenant.Customer, "open"));
        (await tenant.Customer.Api.GetAsync($"{tenant.Path}/conversations?status=snoozed")).Refused(HttpStatusCode.Forbidden, "forbidden");
        await tenant.Customer.Api.PostAsync($"{conversation}/messages", new { content = "Still there?" });
        Assert.Empty(await ListAsync(tenant.Master, "snoozed"));

        await tenant.Agent.Api.PostAsync($"{conversation}/snooze", new { until = DateTimeOffset.UtcNow.AddSeconds(1) });
        Assert.Equal([tenant.Conversation], await ListAsync(tenant.Agent, "snoozed"));
        await StateAsync(desk, "handling", tenant.Conversation, state => state.TryGetProperty("snooze", out var snooze) && snooze.TryGetProperty("until", out _));
        await StateAsync(desk, "handling", tenant.Conversation, state => !state.TryGetProperty("snooze", out _));
        Assert.Empty(await ListAsync(tenant.Agent, "snoozed"));
        Assert.Equal([tenant.Conversation], await ListAsync(tenant.Agent, "open"));

        async Task<IEnumerable<Guid>> ListAsync(Person person, string status) =>
            (await person.Api.GetAsync($"{tenant.Path}/conversations?status={status}")).Ok().Json.GetProperty("data").EnumerateArray().Select(one => one.GetProperty("id").GetGuid()).ToList();
    }

    [Fact]
    public async Task A_macro_is_carried_out_whole_or_says_which_step_was_refused()
    {
        var tenant = await Tenant.MakeAsync(server);
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        var conversation = $"{tenant.Path}/conversations/{tenant.Conversation}";
        object[] actions = [new { operation = "post", content = "We ship it today" }, new { operation = "setPriority", priority = "low" }, new { operation = "tag", labels = new[] { Tenant.Label } }, new { operation = "resolve", disposition = "Shipped" }];
        var macro = (await tenant.Agent.Api.PostAsync($"{tenant.Path}/macros", new { name = "Ship", actions })).Id();
        await StateAsync(desk, "macro", macro.ToString(), state => state.GetProperty("steps").GetArrayLength() == 4);
        (await tenant.Master.Api.GetAsync($"{tenant.Path}/macros/{macro}")).Refused(HttpStatusCode.NotFound, "notFound");

        var refused = await desk.CallAsync("ControlConversation", new { number = 1, conversationId = tenant.Conversation, operation = "executeMacro", macroId = macro });
        Assert.Equal("malformed", Code(refused));
        Assert.StartsWith("Step 4 (resolve):", refused.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(["Hello"], await ContentsAsync(desk, tenant.Conversation, "public"));

        (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/inboxes/{tenant.Inbox}/dispositions", new { names = new[] { "Shipped" } })).Ok();
        Assert.Equal("ok", Code(await desk.CallAsync("ControlConversation", new { number = 2, conversationId = tenant.Conversation, operation = "executeMacro", macroId = macro })));
        Assert.Equal(["Hello", "We ship it today"], await ContentsAsync(desk, tenant.Conversation, "public"));
        var handling = (await tenant.Master.Api.GetAsync($"{conversation}/handling")).Ok();
        Assert.Equal([Tenant.Label], handling.Json.GetProperty("labels").EnumerateArray().Select(label => label.GetString()));
        Assert.Equal(("low", "Shipped"), (handling.Text("priority"), handling.Text("disposition")));

        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/macros", new { name = "Bad", actions = new[] { new { operation = "consult" } } })).Refused(HttpStatusCode.BadRequest, "unknownOperation");
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/macros", new { name = "Bad", actions = Array.Empty<object>() })).Refused(HttpStatusCode.BadRequest, "malformed");
        (await tenant.Agent.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/macros/{macro}")).Ok();
        await desk.NextItemAsync(i => i.GetProperty("kind").GetString() == "left" && i.GetProperty("id").GetString() == macro.ToString());
    }

    [Fact]
    public async Task A_canned_response_of_a_team_is_its_agents_and_is_changed_by_who_runs_it()
    {
        var tenant = await Tenant.MakeAsync(server);
        var responses = $"{tenant.Path}/canned_responses";
        var response = (await tenant.Master.Api.PostAsync(responses, new { short_code = "bye", content = "Goodbye!", visibility = "team", team_id = tenant.Team })).Id();
        Assert.Equal("Goodbye!", (await tenant.Agent.Api.GetAsync($"{responses}/{response}")).Ok().Text("content"));
        (await tenant.Agent.Api.SendAsync(HttpMethod.Put, $"{responses}/{response}", new { short_code = "bye", content = "Later!" })).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await tenant.Master.Api.SendAsync(HttpMethod.Put, $"{responses}/{response}", new { short_code = "bye", content = "See you!" })).Ok();
        var own = (await tenant.Agent.Api.PostAsync(responses, new { short_code = "mine", content = "My own" })).Id();
        Assert.Equal([tenant.CannedResponse, response, own], await IdsAsync(tenant.Agent.Api, responses));
        Assert.Equal([tenant.CannedResponse, response], await IdsAsync(tenant.Master.Api, responses));
        (await tenant.Master.Api.SendAsync(HttpMethod.Delete, $"{responses}/{own}")).Refused(HttpStatusCode.NotFound, "notFound");
        (await tenant.Master.Api.SendAsync(HttpMethod.Get, $"{tenant.Path}/macros/{response}")).Refused(HttpStatusCode.NotFound, "notFound");
    }

    [Fact]
    public async Task Of_many_conversations_each_has_its_own_outcome_and_a_repetition_the_first_one()
    {
        var tenant = await Tenant.MakeAsync(server);
        var conversations = new List<Guid> { tenant.Conversation };
        for (var made = 0; made < 3; made++) conversations.Add((await (await tenant.BeginAsync()).Api.PostAsync($"{tenant.Path}/conversations", new { })).Id());
        var missing = Guid.CreateVersion7();
        var act = new { conversation_ids = conversations.Append(missing), action = new { operation = "assign", agent_id = tenant.Agent.Id } };

        var first = (await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/bulk_actions", act, ("Idempotency-Key", "bulk-1"))).Ok();
        Assert.Equal(
            [(conversations[0], "ok"), (conversations[1], "ok"), (conversations[2], "ok"), (conversations[3], "ok"), (missing, "notFound")],
            first.Json.GetProperty("data").EnumerateArray().Select(one => (one.GetProperty("conversation_id").GetGuid(), one.GetProperty("code").GetString())));

        var resolve = new { conversation_ids = conversations.Take(3), action = new { operation = "resolve" } };
        var done = await tenant.Agent.Api.PostAsync($"{tenant.Path}/bulk_actions", resolve);
        Assert.All(done.Json.GetProperty("data").EnumerateArray(), one => Assert.Equal("ok", one.GetProperty("code").GetString()));

        // Repeated it is answered as the first time, and not done again: they stay resolved.
        var again = (await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/bulk_actions", act, ("Idempotency-Key", "bulk-1"))).Ok();
        Assert.Equal("ok", again.Json.GetProperty("data")[0].GetProperty("code").GetString());
        Assert.Equal("resolved", (await tenant.Master.Api.GetAsync($"{tenant.Path}/conversations/{conversations[0]}")).Text("status"));

        var hurried = await tenant.Master.Api.PostAsync($"{tenant.Path}/bulk_actions", new { conversation_ids = conversations.Skip(3), macro_id = tenant.Macro });
        Assert.Equal("ok", hurried.Json.GetProperty("data")[0].GetProperty("code").GetString());
        (await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/bulk_actions", new { conversation_ids = conversations, action = new { operation = "post", content = "Spam" } })).Refused(HttpStatusCode.BadRequest, "unknownOperation");
        (await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/bulk_actions", new { conversation_ids = Enumerable.Range(0, 101).Select(_ => Guid.CreateVersion7()), macro_id = tenant.Macro }))
            .Refused(HttpStatusCode.RequestEntityTooLarge, "tooLarge");
    }

    [Fact]
    public async Task Who_else_has_a_conversation_open_its_agents_see_at_once_and_the_customer_never()
    {
        var tenant = await Tenant.MakeAsync(server);
        var colleague = await tenant.AddAgentAsync();
        await tenant.Agent.Api.PostAsync($"{tenant.Path}/conversations/{tenant.Conversation}/participants", new { agent_id = colleague.Id });
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await using var widget = await HubSocket.SynchronizeAsync(server.Address, tenant.Customer.Credential);
        await desk.CallAsync("SetOpenConversation", new { number = 1, conversationId = tenant.Conversation });

        // Who comes later asks, and is answered.
        await using var other = await HubSocket.SynchronizeAsync(server.Address, colleague.Credential);
        await other.CallAsync("SetOpenConversation", new { number = 1, conversationId = tenant.Conversation });
        Assert.True((await FactAsync(desk, colleague.Id, "viewing")).GetProperty("active").GetBoolean());
        Assert.True((await FactAsync(other, tenant.Agent.Id, "viewing")).GetProperty("active").GetBoolean());

        await other.CallAsync("SetOpenConversation", new { number = 2 });
        Assert.False((await FactAsync(desk, colleague.Id, "viewing")).GetProperty("active").GetBoolean());
        await PostAsync(desk, 2, tenant.Conversation, "Hello");
        await MessageAsync(widget, "Hello");
        Assert.DoesNotContain("viewing", widget.Wire, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Catalogue", "RCC-21")]
    public async Task What_is_not_contracted_is_not_done()
    {
        var tenant = await Tenant.MakeAsync(server);
        (await server.Api(server.Operator).SendAsync(HttpMethod.Put, $"/platform/api/v1/accounts/{tenant.Id}/plan", new { name = "small", services = Array.Empty<string>() })).Ok();
        await using var fresh = await server.StartAnotherAsync();
        await using var desk = await HubSocket.SynchronizeAsync(fresh.Address, tenant.Agent.Credential);
        Assert.Equal("notEntitled", Code(await desk.CallAsync("ControlConversation", new { number = 1, conversationId = tenant.Conversation, operation = "transfer", queueId = tenant.Id })));
        Assert.Equal("ok", Code(await ControlAsync(desk, 2, tenant.Conversation, "hold")));
        await using var boss = await HubSocket.SynchronizeAsync(fresh.Address, tenant.Master.Credential);
        Assert.Equal("notEntitled", Code(await ControlAsync(boss, 1, tenant.Conversation, "monitor")));
    }

    [Fact]
    [Trait("Catalogue", "RCC-18")]
    public async Task A_transfer_names_one_target_and_an_operation_that_is_none_is_unknown()
    {
        var tenant = await Tenants.FirstAsync(server);
        var conversation = $"{tenant.Path}/conversations/{tenant.Conversation}";
        (await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{conversation}/transfer", new { })).Refused(HttpStatusCode.BadRequest, "malformed");
        (await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{conversation}/transfer", new { agent_id = tenant.Agent.Id, team_id = tenant.Team })).Refused(HttpStatusCode.BadRequest, "malformed");
        (await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{conversation}/transfer", new { queue_id = Guid.NewGuid() })).Refused(HttpStatusCode.NotFound, "notFound");
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Master.Credential);
        Assert.Equal("unknownOperation", Code(await ControlAsync(desk, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), tenant.Conversation, "teleport")));
    }

    internal static Task<JsonElement> ControlAsync(HubSocket hub, long number, Guid conversation, string operation) =>
        hub.CallAsync("ControlConversation", new { number, conversationId = conversation, operation });

    internal static Task<JsonElement> PostAsync(HubSocket hub, long number, Guid conversation, string content) =>
        hub.CallAsync("PostMessage", new { number, conversationId = conversation, content });

    static int Occurrences(string text, string part) => text.Split(part).Length - 1;

    internal static string? Code(JsonElement outcome) => outcome.GetProperty("code").GetString();

    internal static bool Is(JsonElement item, string kind, string id) => item.GetProperty("kind").GetString() == kind && item.GetProperty("id").GetString() == id;

    internal static Task<JsonElement> StateAsync(HubSocket hub, string kind, Guid conversation, Func<JsonElement, bool> fits) =>
        StateAsync(hub, kind, kind == "handling" ? $"{conversation}/{conversation}" : conversation.ToString(), fits);

    internal static async Task<JsonElement> StateAsync(HubSocket hub, string kind, string id, Func<JsonElement, bool> fits) =>
        (await hub.NextItemAsync(i => Is(i, kind, id) && fits(i.GetProperty("state")))).GetProperty("state");

    internal static async Task MessageAsync(HubSocket hub, string content) =>
        await hub.NextItemAsync(i => i.GetProperty("kind").GetString() == "message" && i.GetProperty("message").GetProperty("content").GetString() == content);

    static Task<JsonElement> TypingAsync(HubSocket hub, Guid person) => FactAsync(hub, person, "typing");

    static async Task<JsonElement> FactAsync(HubSocket hub, Guid person, string kind)
    {
        while (true)
        {
            if (!(await hub.NextPushAsync()).TryGetProperty("ephemeral", out var facts)) continue;
            foreach (var fact in facts.EnumerateArray())
            {
                if (fact.GetProperty("personId").GetGuid() == person && fact.GetProperty("kind").GetString() == kind) return fact;
            }
        }
    }

    static Task<IEnumerable<Guid>> MentionedAsync(Tenant tenant, Api api) => IdsAsync(api, $"{tenant.Path}/conversations?mentioned=true");

    static async Task<IEnumerable<Guid>> IdsAsync(Api api, string path) =>
        (await api.GetAsync(path)).Ok().Json.GetProperty("data").EnumerateArray().Select(c => c.GetProperty("id").GetGuid());

    internal static async Task<IEnumerable<string?>> ContentsAsync(HubSocket hub, Guid conversation, string lane) =>
        (await hub.CallAsync("LoadMessages", new { conversationId = conversation, lane })).GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("content").GetString());
}
