using System.Net;
using System.Text.Json;

namespace Rcc.Server.Tests;

/// <summary>Queues and offers through the front door.</summary>
public sealed class RoutingTests(RunningServer server)
{
    [Fact]
    public async Task A_queue_is_made_changed_and_removed_and_devices_see_it()
    {
        var tenant = await Tenant.MakeAsync(server);
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        var queue = (await tenant.Master.Api.PostAsync($"{tenant.Path}/queues", new
        {
            name = "French", priority = 3, policy = "longest_idle", team_ids = new[] { tenant.Team }, agent_ids = new[] { tenant.Agent.Id }, skills = new[] { "french" }, offer_seconds = 20,
        })).Id();

        var item = await desk.NextItemAsync(one => one.GetProperty("kind").GetString() == "queue" && one.GetProperty("id").GetString() == queue.ToString());
        Assert.Equal(("French", "longestIdle", 20), (item.GetProperty("state").GetProperty("name").GetString(), item.GetProperty("state").GetProperty("policy").GetString(), item.GetProperty("state").GetProperty("offerSeconds").GetInt32()));
        var found = (await tenant.Agent.Api.GetAsync($"{tenant.Path}/queues/{queue}")).Ok();
        Assert.Equal(tenant.Master.Id, found.Id("master_agent_id"));
        var settings = found.Json.GetProperty("settings");
        Assert.Equal(("longest_idle", 3, tenant.Team), (settings.GetProperty("policy").GetString(), settings.GetProperty("priority").GetInt32(), settings.GetProperty("team_ids")[0].GetGuid()));

        (await tenant.Master.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/queues/{queue}", new
        {
            name = "French", team_ids = new[] { tenant.Team },
            business_hours = new { time_zone = "Europe/Paris", open = new[] { new { day = "monday", from = "09:00:00", to = "17:30:00" } }, holidays = new[] { new { from = "2026-12-25", name = "Christmas" } } },
            offline_message = "Fermé.", overflow_queue_id = tenant.Id, max_wait_seconds = 900, max_length = 10,
        })).Ok();
        settings = (await tenant.Agent.Api.GetAsync($"{tenant.Path}/queues/{queue}")).Json.GetProperty("settings");
        Assert.Equal(
            ("Europe/Paris", "monday", "17:30:00", "2026-12-25"),
            (settings.GetProperty("business_hours").GetProperty("time_zone").GetString(), settings.GetProperty("business_hours").GetProperty("open")[0].GetProperty("day").GetString(),
                settings.GetProperty("business_hours").GetProperty("open")[0].GetProperty("to").GetString(), settings.GetProperty("business_hours").GetProperty("holidays")[0].GetProperty("from").GetString()));
        (await tenant.Master.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/queues/{queue}", new { name = "French", team_ids = new[] { tenant.Team }, business_hours = new { time_zone = "Paris", open = Array.Empty<object>() } })).Refused(HttpStatusCode.BadRequest, "malformed");

        // What is left out is as if it had never been set.
        (await tenant.Master.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/queues/{queue}", new { name = "French", agent_ids = new[] { tenant.Agent.Id } })).Ok();
        settings = (await tenant.Agent.Api.GetAsync($"{tenant.Path}/queues/{queue}")).Json.GetProperty("settings");
        Assert.Equal(("least_busy", JsonValueKind.Null, 0), (settings.GetProperty("policy").GetString(), settings.GetProperty("offer_seconds").ValueKind, settings.GetProperty("team_ids").GetArrayLength()));

        // Who serves it may take from it, until it lets nobody.
        Assert.Equal("members", settings.GetProperty("self_assign").GetString());
        (await tenant.Master.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/queues/{queue}", new { name = "French", agent_ids = new[] { tenant.Agent.Id }, self_assign = "nobody", transfer_seconds = 90 })).Ok();
        settings = (await tenant.Agent.Api.GetAsync($"{tenant.Path}/queues/{queue}")).Json.GetProperty("settings");
        Assert.Equal(("nobody", 90), (settings.GetProperty("self_assign").GetString(), settings.GetProperty("transfer_seconds").GetInt32()));
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations/{tenant.Conversation}/transfer", new { queue_id = queue })).Ok();
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations/{tenant.Conversation}/assignments", new { assignee_id = tenant.Agent.Id })).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations/{tenant.Conversation}/assignments", new { assignee_id = tenant.Agent.Id })).Ok();

        (await tenant.Master.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/queues/{queue}", null)).Ok();
        await desk.NextItemAsync(one => one.GetProperty("kind").GetString() == "left" && one.GetProperty("of").GetString() == "queue");
        (await tenant.Agent.Api.GetAsync($"{tenant.Path}/queues/{queue}")).Refused(HttpStatusCode.NotFound, "notFound");
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/queues/{tenant.Id}", null)).Refused(HttpStatusCode.Conflict, "conflict");
    }

    [Fact]
    [Trait("Catalogue", "RCC-9")]
    public async Task Of_what_waits_an_agent_is_listed_what_it_may_take_and_nothing_else()
    {
        var tenant = await Tenant.MakeAsync(server);
        var colleague = await tenant.AddAgentAsync();
        (await tenant.Agent.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/profile/availability", new { availability = "busy" })).Ok();
        (await colleague.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/profile/availability", new { availability = "busy" })).Ok();
        var queue = (await tenant.Master.Api.PostAsync($"{tenant.Path}/queues", new { name = "French", agent_ids = new[] { colleague.Id } })).Id();
        var waiting = (await (await tenant.BeginAsync()).Api.PostAsync($"{tenant.Path}/conversations", new { })).Id();
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations/{tenant.Conversation}/transfer", new { queue_id = queue })).Ok();

        Assert.Equal([waiting], await UnassignedAsync(tenant.Agent));
        Assert.Equal([waiting, tenant.Conversation], await UnassignedAsync(colleague));
        Assert.Equal([waiting, tenant.Conversation], await UnassignedAsync(tenant.Master));
        (await tenant.Master.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/queues/{queue}", new { name = "French", agent_ids = new[] { colleague.Id }, self_assign = "nobody" })).Ok();
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/queues/{tenant.Id}", new { name = "Default", self_assign = "nobody" })).Ok();
        Assert.Empty(await UnassignedAsync(colleague));

        async Task<IEnumerable<Guid>> UnassignedAsync(Person person) =>
            (await person.Api.GetAsync($"{tenant.Path}/conversations?unassigned=true")).Ok().Json.GetProperty("data").EnumerateArray().Select(one => one.GetProperty("id").GetGuid());
    }

    [Fact]
    public async Task A_customer_and_its_agents_see_its_place_and_nobody_else_does()
    {
        var tenant = await Tenant.MakeAsync(server);
        var people = new[] { await tenant.BeginAsync(), await tenant.BeginAsync(), await tenant.BeginAsync() };
        var conversations = new List<Guid>();
        foreach (var person in people) conversations.Add((await person.Api.PostAsync($"{tenant.Path}/conversations", new { })).Id());

        var place = (await people[2].Api.GetAsync($"{tenant.Path}/conversations/{conversations[2]}/queue_position")).Ok().Json;
        Assert.Equal((3, JsonValueKind.Null, JsonValueKind.Null), (place.GetProperty("position").GetInt32(), place.GetProperty("estimated_seconds").ValueKind, place.GetProperty("opens_at").ValueKind));
        (await people[1].Api.GetAsync($"{tenant.Path}/conversations/{conversations[2]}/queue_position")).Refused(HttpStatusCode.NotFound, "notFound");

        // Three were served: there is a pace now.
        for (var i = 0; i < 2; i++) (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations/{conversations[i]}/assignments", new { assignee_id = tenant.Agent.Id })).Ok();
        await using var widget = await HubSocket.SynchronizeAsync(server.Address, people[2].Credential);
        var seen = await widget.CallAsync("LoadQueuePosition", new { conversationId = conversations[2] });
        Assert.Equal(1, seen.GetProperty("position").GetInt32());
        Assert.InRange(seen.GetProperty("estimatedSeconds").GetInt32(), 1, 60);
        place = (await tenant.Agent.Api.GetAsync($"{tenant.Path}/conversations/{conversations[2]}/queue_position")).Ok().Json;
        Assert.Equal(1, place.GetProperty("position").GetInt32());

        (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/queues/{tenant.Id}", new { name = "Default", business_hours = new { time_zone = "UTC", open = Array.Empty<object>() } })).Ok();
        seen = await widget.CallAsync("LoadQueuePosition", new { conversationId = conversations[2] });
        Assert.False(seen.TryGetProperty("estimatedSeconds", out _));
    }

    [Fact]
    public async Task Waiting_customers_are_told_where_they_stand_on_their_devices_and_nothing_of_it_is_kept()
    {
        var tenant = await Tenant.MakeAsync(server);
        var people = new[] { await tenant.BeginAsync(), await tenant.BeginAsync() };
        await using var first = await HubSocket.SynchronizeAsync(server.Address, people[0].Credential);
        await using var second = await HubSocket.SynchronizeAsync(server.Address, people[1].Credential);
        var conversations = new List<Guid>();
        foreach (var person in people) conversations.Add((await person.Api.PostAsync($"{tenant.Path}/conversations", new { })).Id());
        Assert.Equal(1, (await PlaceAsync(first, conversations[0])).GetProperty("position").GetInt32());
        var told = await PlaceAsync(second, conversations[1]);
        Assert.Equal((2, tenant.Id, true), (told.GetProperty("position").GetInt32(), told.GetProperty("personId").GetGuid(), told.GetProperty("expiresInMs").GetInt32() > 0));

        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations/{conversations[0]}/assignments", new { assignee_id = tenant.Agent.Id })).Ok();
        Assert.False((await PlaceAsync(first, conversations[0], isActive: false)).TryGetProperty("position", out _));
        while ((await PlaceAsync(second, conversations[1])).GetProperty("position").GetInt32() != 1)
        {
        }

        // A device that comes later is told as well; of the other's place neither learns.
        await using var late = await HubSocket.SynchronizeAsync(server.Address, people[1].Credential);
        Assert.Equal(1, (await PlaceAsync(late, conversations[1])).GetProperty("position").GetInt32());
        Assert.DoesNotContain(conversations[1].ToString(), first.Wire, StringComparison.Ordinal);
        Assert.DoesNotContain(conversations[0].ToString(), second.Wire, StringComparison.Ordinal);

        static async Task<JsonElement> PlaceAsync(HubSocket widget, Guid conversation, bool isActive = true)
        {
            while (true)
            {
                if (!(await widget.NextPushAsync()).TryGetProperty("ephemeral", out var facts)) continue;
                foreach (var fact in facts.EnumerateArray().Where(fact => fact.GetProperty("kind").GetString() == "position" && fact.GetProperty("active").GetBoolean() == isActive))
                {
                    Assert.Equal(conversation, fact.GetProperty("conversationId").GetGuid());
                    return fact;
                }
            }
        }
    }

    [Fact]
    [Trait("Catalogue", "RCC-36")]
    public async Task A_master_agent_names_only_its_own_teams_and_agents_and_leaves_the_queues_of_others_alone()
    {
        var tenant = await Tenant.MakeAsync(server);
        var email = $"second@{tenant.Slug}.example";
        (await tenant.Administrator.Api.PostAsync($"{tenant.Path}/agents", new { name = "Second", email, password = Tenant.Password, role = "master_agent" })).Ok();
        var session = await server.Api().PostAsync("/api/v1/auth/sign_in", new { account = tenant.Slug, email, password = Tenant.Password, device_name = "Test" });
        var second = server.Api(session.Text("access_token"));

        (await second.SendAsync(HttpMethod.Post, $"{tenant.Path}/queues", new { name = "Mine", team_ids = new[] { tenant.Team } })).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await second.SendAsync(HttpMethod.Post, $"{tenant.Path}/queues", new { name = "Mine", agent_ids = new[] { tenant.Agent.Id } })).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await second.SendAsync(HttpMethod.Put, $"{tenant.Path}/queues/{tenant.Queue}", new { name = "Mine" })).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await second.SendAsync(HttpMethod.Delete, $"{tenant.Path}/queues/{tenant.Queue}", null)).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await second.SendAsync(HttpMethod.Post, $"{tenant.Path}/queues", new { name = "Mine" })).Refused(HttpStatusCode.Forbidden, "forbidden");
        var own = (await second.PostAsync($"{tenant.Path}/teams", new { name = "Mine" })).Id();
        (await second.SendAsync(HttpMethod.Post, $"{tenant.Path}/queues", new { name = "Mine", team_ids = new[] { own } })).Ok();
    }

    [Fact]
    [Trait("Catalogue", "RCC-8")]
    [Trait("Catalogue", "RCC-9")]
    public async Task Of_a_hundred_accepts_at_once_one_wins_and_all_devices_fall_silent_together()
    {
        const int devices = 10;
        var tenant = await Tenant.MakeAsync(server);
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/queues/{tenant.Id}", new { name = "Default", offer_seconds = 300 })).Ok();
        var desks = new List<HubSocket>();
        try
        {
            var ids = new List<Guid>();
            for (var i = 0; i < devices; i++)
            {
                var person = await tenant.SignInAgentAsync();
                ids.Add(person.DeviceId);
                desks.Add(await HubSocket.SynchronizeAsync(server.Address, person.Credential));
            }

            (await tenant.Agent.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/profile/availability", new { availability = "online" })).Ok();
            var customer = await tenant.BeginAsync();
            var conversation = (await customer.Api.PostAsync($"{tenant.Path}/conversations", new { })).Id();
            var key = $"{conversation}/{tenant.Agent.Id}";
            var offers = await Task.WhenAll(desks.Select(desk => desk.NextItemAsync(item => Is(item, "offer", key))));
            Assert.All(offers, offer => Assert.False(offer.GetProperty("state").TryGetProperty("outcome", out _)));

            var answers = await Task.WhenAll(desks.SelectMany(desk => Enumerable.Range(1, 10).Select(async number =>
                (Desk: desk, Answer: await desk.CallAsync("ControlConversation", new { number, conversationId = conversation, operation = "acceptOffer" })))));
            var winner = Assert.Single(answers, answer => CodeOf(answer.Answer) == "ok").Desk;
            Assert.All(answers.Where(answer => CodeOf(answer.Answer) != "ok"), answer =>
            {
                // Who lost learns at once how it stands.
                Assert.Equal("conflict", CodeOf(answer.Answer));
                var stands = answer.Answer.GetProperty("conversation");
                Assert.Equal(("open", tenant.Agent.Id, conversation), (stands.GetProperty("status").GetString(), stands.GetProperty("assigneeId").GetGuid(), answer.Answer.GetProperty("conversationId").GetGuid()));
                Assert.True(answer.Answer.GetProperty("revision").GetInt32() > 1);
            });

            foreach (var desk in desks)
            {
                var batch = await NextBatchAsync(desk, item => Is(item, "offer", key));
                var ended = batch.First(item => Is(item, "offer", key)).GetProperty("state");
                Assert.Equal(("accepted", ids[desks.IndexOf(winner)]), (ended.GetProperty("outcome").GetString(), ended.GetProperty("deviceId").GetGuid()));

                // In the same instant the offer is gone, the conversation is there, and it does not wait any more.
                Assert.Contains(batch, item => IsLeft(item, "offer", key));
                Assert.Contains(batch, item => IsLeft(item, "waiting", conversation.ToString()));
                Assert.Contains(batch, item => Is(item, "conversation", conversation.ToString()) && item.GetProperty("state").GetProperty("assigneeId").GetGuid() == tenant.Agent.Id);
            }
        }
        finally
        {
            foreach (var desk in desks) await desk.DisposeAsync();
        }
    }

    [Fact]
    public async Task Every_desk_is_warned_of_a_target_that_is_about_to_be_missed_and_told_when_it_is()
    {
        var tenant = await Tenant.MakeAsync(server);
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/queues/{tenant.Id}", new { name = "Default", first_response_seconds = 2, resolution_seconds = 3600 })).Ok();
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        var customer = await tenant.BeginAsync();
        var conversation = (await customer.Api.PostAsync($"{tenant.Path}/conversations", new { })).Id();

        var status = new List<string>();
        foreach (var _ in Enumerable.Range(0, 3))
        {
            var waiting = await desk.NextItemAsync(item => Is(item, "waiting", conversation.ToString()));
            status.Add(waiting.GetProperty("state").GetProperty("firstResponse").GetProperty("status").GetString()!);
        }

        Assert.Equal(["running", "warned", "breached"], status);
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations/{conversation}/assignments", new { assignee_id = tenant.Agent.Id })).Ok();
        var handling = await desk.NextItemAsync(item => Is(item, "handling", $"{conversation}/{conversation}"));
        var targets = handling.GetProperty("state").GetProperty("targets");
        Assert.Equal(("breached", "running"), (targets.GetProperty("firstResponse").GetProperty("status").GetString(), targets.GetProperty("resolution").GetProperty("status").GetString()));

        // On hold the clock stands, and runs again afterwards.
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations/{conversation}/hold", new { })).Ok();
        await desk.NextItemAsync(item => Is(item, "handling", $"{conversation}/{conversation}") && item.GetProperty("state").GetProperty("targets").GetProperty("resolution").TryGetProperty("leftSeconds", out _));
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations/{conversation}/resume", new { })).Ok();
        await desk.NextItemAsync(item => Is(item, "handling", $"{conversation}/{conversation}") && item.GetProperty("state").GetProperty("targets").GetProperty("resolution").TryGetProperty("dueAt", out _));

        // Put off likewise, until the customer writes.
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations/{conversation}/snooze", new { })).Ok();
        await desk.NextItemAsync(item => Is(item, "handling", $"{conversation}/{conversation}") && item.GetProperty("state").GetProperty("targets").GetProperty("resolution").TryGetProperty("leftSeconds", out _));
        (await customer.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations/{conversation}/messages", new { content = "Still there?" })).Ok();
        await desk.NextItemAsync(item => Is(item, "handling", $"{conversation}/{conversation}") && item.GetProperty("state").GetProperty("targets").GetProperty("resolution").TryGetProperty("dueAt", out _));
    }

    static async Task<List<JsonElement>> NextBatchAsync(HubSocket desk, Func<JsonElement, bool> holds)
    {
        while (true)
        {
            var items = (await desk.NextPushAsync()).GetProperty("items").EnumerateArray().ToList();
            if (items.Any(holds)) return items;
        }
    }

    static bool Is(JsonElement item, string kind, string id) => item.GetProperty("kind").GetString() == kind && item.TryGetProperty("id", out var its) && its.GetString() == id;

    static bool IsLeft(JsonElement item, string of, string id) => Is(item, "left", id) && item.GetProperty("of").GetString() == of;

    static string CodeOf(JsonElement answer) => answer.GetProperty("code").GetString()!;
}
