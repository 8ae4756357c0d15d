using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Rcc.Server.Tests.Processes;

namespace Rcc.Server.Tests;

/// <summary>Archiving inboxes and removing teams, through the front door: nothing is left without who does it, and every device is told.</summary>
public sealed class RemovalTests(RunningServer server)
{
    [Fact]
    public async Task An_archived_inbox_takes_nothing_new_and_what_is_open_goes_on()
    {
        var tenant = await Tenant.MakeAsync(server);
        var inbox = $"{tenant.Path}/inboxes/{tenant.Inbox}";
        var known = await tenant.BeginAsync("crm-7");
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        Assert.False((await desk.NextItemAsync(IsInbox)).GetProperty("state").TryGetProperty("archived", out _));
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Post, $"{inbox}/archive")).Ok();
        Assert.True((await desk.NextItemAsync(IsInbox)).GetProperty("state").GetProperty("archived").GetBoolean());
        Assert.True((await tenant.Agent.Api.GetAsync(inbox)).Ok().Json.GetProperty("archived").GetBoolean());

        // Nobody new, and nothing new of who is there.
        (await server.Api().SendAsync(HttpMethod.Post, $"/public/api/v1/inboxes/{tenant.InboxIdentifier}/contacts", new { })).Refused(HttpStatusCode.Conflict, "archived");
        (await server.Api().SendAsync(HttpMethod.Post, $"/public/api/v1/inboxes/{tenant.InboxIdentifier}/contacts", new { identifier = "crm-8", identifier_hash = tenant.Sign("crm-8") })).Refused(HttpStatusCode.Conflict, "archived");
        (await known.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations", new { })).Refused(HttpStatusCode.Conflict, "archived");
        (await tenant.Application.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations", new { inbox_id = tenant.Inbox, contact_id = known.Id })).Refused(HttpStatusCode.Conflict, "archived");
        await using var phone = await HubSocket.SynchronizeAsync(server.Address, tenant.Customer.Credential);
        Assert.Equal("archived", HubTests.CodeOf(await phone.CallAsync("OpenConversation", new { number = 1, conversationId = Guid.CreateVersion7() })));

        // What is open goes on, also on another device of a customer who is known; history stays.
        Assert.Equal(known.Id, (await tenant.BeginAsync("crm-7")).Id);
        await tenant.Customer.Api.PostAsync($"{tenant.Path}/conversations/{tenant.Conversation}/messages", new { content = "Still there?" });
        await tenant.Agent.Api.PostAsync($"{tenant.Path}/conversations/{tenant.Conversation}/messages", new { content = "Yes." });
        await tenant.Agent.Api.PostAsync($"{tenant.Path}/conversations/{tenant.Conversation}/toggle_status", new { status = "resolved" });
        Assert.Equal(3, (await tenant.Agent.Api.GetAsync($"{tenant.Path}/conversations/{tenant.Conversation}/messages")).Ok().Json.GetProperty("data").GetArrayLength());

        // What was resolved is not reopened by its customer, from no device; an agent may, and then it goes on.
        var conversation = $"{tenant.Path}/conversations/{tenant.Conversation}";
        (await tenant.Customer.Api.SendAsync(HttpMethod.Post, $"{conversation}/messages", new { content = "One thing more" })).Refused(HttpStatusCode.Conflict, "archived");
        Assert.Equal("archived", HubTests.CodeOf(await phone.CallAsync("PostMessage", new { number = 2, conversationId = tenant.Conversation, content = "One thing more" })));
        Assert.Equal("resolved", (await tenant.Agent.Api.GetAsync(conversation)).Ok().Text("status"));
        await tenant.Agent.Api.PostAsync($"{conversation}/toggle_status", new { status = "open" });
        await tenant.Customer.Api.PostAsync($"{conversation}/messages", new { content = "One thing more" });
        await tenant.Agent.Api.PostAsync($"{conversation}/toggle_status", new { status = "resolved" });

        (await tenant.Administrator.Api.SendAsync(HttpMethod.Post, $"{inbox}/restore")).Ok();
        await known.Api.PostAsync($"{tenant.Path}/conversations", new { });
        await tenant.Customer.Api.PostAsync($"{conversation}/messages", new { content = "And another" });
        Assert.Equal("open", (await tenant.Master.Api.GetAsync(conversation)).Ok().Text("status"));
        await using var late = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        Assert.False((await late.NextItemAsync(IsInbox)).GetProperty("state").TryGetProperty("archived", out _));

        bool IsInbox(JsonElement item) => item.IsOf("inbox", tenant.Inbox);
    }

    [Fact]
    public async Task Only_an_archived_inbox_without_conversations_is_removed_and_every_device_forgets_it()
    {
        var tenant = await Tenant.MakeAsync(server);
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/inboxes/{tenant.Inbox}/archive")).Ok();
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/inboxes/{tenant.Inbox}")).Refused(HttpStatusCode.Conflict, "conflict");

        var mistake = (await tenant.Administrator.Api.PostAsync($"{tenant.Path}/inboxes", new { name = "Mistake" })).Id();
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await desk.NextItemAsync(item => item.IsOf("inbox", mistake));
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/inboxes/{mistake}")).Refused(HttpStatusCode.Conflict, "conflict");
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/inboxes/{mistake}/archive")).Ok();
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/inboxes/{mistake}")).Ok();
        await desk.NextItemAsync(item => item.IsLeft("inbox", mistake));
        (await tenant.Master.Api.GetAsync($"{tenant.Path}/inboxes/{mistake}")).Refused(HttpStatusCode.NotFound, "notFound");
        Assert.Contains("\"remove\"", (await tenant.Administrator.Api.GetAsync($"{tenant.Path}/audit_logs?object_id={mistake}")).Ok().Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task However_an_archive_and_openings_meet_none_that_was_refused_is_there_and_none_opens_after()
    {
        var tenant = await Tenant.MakeAsync(server);
        var customers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => tenant.BeginAsync()));
        var opening = customers.Select(customer => OpenUntilRefusedAsync(customer)).ToList();
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/inboxes/{tenant.Inbox}/archive")).Ok();
        var opened = (await Task.WhenAll(opening)).Sum();
        var there = (await tenant.Master.Api.GetAsync($"{tenant.Path}/conversations?inbox_id={tenant.Inbox}&limit=100")).Ok().Json.GetProperty("data").GetArrayLength();
        Assert.Equal(opened + 1, there);

        async Task<int> OpenUntilRefusedAsync(Person customer)
        {
            for (var count = 0; ; count++)
            {
                var answer = await customer.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations", new { });
                if (answer.IsSuccess) continue;
                // One that was overtaken is told to try again, or what is so now; a customer may also have as many as it may.
                if (answer.Code is "unavailable") { count--; continue; }
                Assert.Contains(answer.Code, new[] { "archived", "tooLarge" });
                return count;
            }
        }
    }

    [Fact]
    public async Task However_an_archive_and_customers_messages_meet_none_reopens_after()
    {
        var tenant = await Tenant.MakeAsync(server);
        var customers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => tenant.BeginAsync()));
        var reopened = new ConcurrentBag<DateTimeOffset>();
        var writing = customers.Select(customer => WriteUntilRefusedAsync(customer)).ToList();
        await Until.TrueAsync(() => reopened.Count >= 24, () => $"customers have reopened {reopened.Count} times");
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/inboxes/{tenant.Inbox}/archive")).Ok();
        await Task.WhenAll(writing);

        var archived = (await tenant.Administrator.Api.GetAsync($"{tenant.Path}/audit_logs?object_id={tenant.Inbox}")).Ok().Json.GetProperty("data").EnumerateArray()
            .Single(act => act.GetProperty("action").GetString() == "archive").GetProperty("at").GetDateTimeOffset();
        Assert.All(reopened, at => Assert.True(at <= archived, $"reopened at {at:O}, archived at {archived:O}"));
        Assert.Equal(1, (await tenant.Master.Api.GetAsync($"{tenant.Path}/conversations?inbox_id={tenant.Inbox}&status=open")).Ok().Json.GetProperty("data").GetArrayLength());

        async Task WriteUntilRefusedAsync(Person customer)
        {
            var conversation = $"{tenant.Path}/conversations/{(await customer.Api.PostAsync($"{tenant.Path}/conversations", new { })).Id()}";
            while (true)
            {
                await tenant.Master.Api.PostAsync($"{conversation}/toggle_status", new { status = "resolved" });
                var answer = await customer.Api.SendAsync(HttpMethod.Post, $"{conversation}/messages", new { content = "One thing more" });
                if (answer.IsSuccess)
                {
                    reopened.Add(answer.Json.GetProperty("created_at").GetDateTimeOffset());
                    continue;
                }

                Assert.Equal("archived", answer.Code);
                return;
            }
        }
    }

    [Fact]
    [Trait("Catalogue", "RCC-33")]
    public async Task A_team_in_use_is_removed_only_when_another_takes_its_place()
    {
        var tenant = await Tenant.MakeAsync(server);
        var team = $"{tenant.Path}/teams/{tenant.Team}";
        var place = (await tenant.Master.Api.PostAsync($"{tenant.Path}/teams", new { name = "Place" })).Id();
        var foreign = (await tenant.Administrator.Api.PostAsync($"{tenant.Path}/teams", new { name = "Foreign" })).Id();
        var thanks = (await tenant.Master.Api.PostAsync($"{tenant.Path}/canned_responses", new { short_code = "team", content = "Hi", visibility = "team", team_id = tenant.Team })).Id();
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await desk.NextItemAsync(item => item.IsOf("group", tenant.Team));

        (await tenant.Master.Api.SendAsync(HttpMethod.Delete, team)).Refused(HttpStatusCode.Conflict, "conflict");
        (await tenant.Master.Api.SendAsync(HttpMethod.Delete, $"{team}?move_to={tenant.Team}")).Refused(HttpStatusCode.BadRequest, "malformed");
        (await tenant.Master.Api.SendAsync(HttpMethod.Delete, $"{team}?move_to={foreign}")).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await tenant.Master.Api.SendAsync(HttpMethod.Delete, $"{team}?move_to={Guid.NewGuid()}")).Refused(HttpStatusCode.NotFound, "notFound");
        (await tenant.Agent.Api.SendAsync(HttpMethod.Delete, $"{team}?move_to={place}")).Refused(HttpStatusCode.Forbidden, "forbidden");
        Assert.Equal(tenant.Team, (await tenant.Agent.Api.GetAsync($"{tenant.Path}/profile")).Ok().Json.GetProperty("team_id").GetGuid());

        (await tenant.Master.Api.SendAsync(HttpMethod.Delete, $"{team}?move_to={place}", null, ("Idempotency-Key", "once"))).Ok();
        (await tenant.Master.Api.SendAsync(HttpMethod.Delete, $"{team}?move_to={place}", null, ("Idempotency-Key", "once"))).Ok();
        (await tenant.Master.Api.SendAsync(HttpMethod.Delete, team)).Refused(HttpStatusCode.NotFound, "notFound");
        await desk.NextItemAsync(item => item.IsLeft("group", tenant.Team));
        Assert.Equal(place, (await tenant.Agent.Api.GetAsync($"{tenant.Path}/profile")).Ok().Json.GetProperty("team_id").GetGuid());
        Assert.Equal(tenant.Agent.Id, (await tenant.Agent.Api.GetAsync($"{tenant.Path}/conversations/{tenant.Conversation}")).Ok().Json.GetProperty("assignee_id").GetGuid());
        Assert.Equal([place], (await tenant.Master.Api.GetAsync($"{tenant.Path}/queues/{tenant.Queue}")).Ok().Json.GetProperty("settings").GetProperty("team_ids").EnumerateArray().Select(id => id.GetGuid()));
        Assert.Equal(place, (await tenant.Agent.Api.GetAsync($"{tenant.Path}/canned_responses/{thanks}")).Ok().Json.GetProperty("team_id").GetGuid());
        Assert.Contains("\"remove\"", (await tenant.Administrator.Api.GetAsync($"{tenant.Path}/audit_logs?object_id={tenant.Team}")).Ok().Body, StringComparison.Ordinal);

        // Its name is free again, and an empty one goes by itself, with what it kept.
        var again = (await tenant.Master.Api.PostAsync($"{tenant.Path}/teams", new { name = "Team" })).Id();
        var own = (await tenant.Master.Api.PostAsync($"{tenant.Path}/canned_responses", new { short_code = "own", content = "Hi", visibility = "team", team_id = again })).Id();
        (await tenant.Master.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/teams/{again}")).Ok();
        await desk.NextItemAsync(item => item.IsLeft("cannedResponse", own));
    }

    [Fact]
    [Trait("Catalogue", "RCC-33")]
    public async Task However_removals_and_joins_meet_nobody_is_in_a_team_that_is_gone()
    {
        var tenant = await Tenant.MakeAsync(server);
        for (var round = 0; round < 10; round++)
        {
            var team = (await tenant.Master.Api.PostAsync($"{tenant.Path}/teams", new { name = $"Team {round}" })).Id();
            var joining = Enumerable.Range(0, 3).Select(i => tenant.Master.Api.SendAsync(
                HttpMethod.Post, $"{tenant.Path}/agents/invitations", new { email = $"{round}.{i}@join.example", team_id = team })).ToList();
            var removing = Enumerable.Range(0, 2).Select(_ => tenant.Master.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/teams/{team}")).ToList();
            var joined = await Task.WhenAll(joining);
            var removed = await Task.WhenAll(removing);
            var isGone = removed.Any(answer => answer.IsSuccess);
            Assert.Equal(isGone, (await tenant.Master.Api.GetAsync($"{tenant.Path}/teams/{team}")).Status == HttpStatusCode.NotFound);
            Assert.All(joined, answer => Assert.True(isGone ? answer.Code == "notFound" : answer.IsSuccess, $"round {round}: {answer.Status} {answer.Body}"));
        }
    }

    [Fact]
    [Trait("Catalogue", "RCC-33")]
    public async Task However_removals_and_queues_meet_no_queue_names_a_team_that_is_gone()
    {
        var tenant = await Tenant.MakeAsync(server);
        for (var round = 0; round < 20; round++)
        {
            var team = (await tenant.Master.Api.PostAsync($"{tenant.Path}/teams", new { name = $"Team {round}" })).Id();
            var queue = (await tenant.Master.Api.PostAsync($"{tenant.Path}/queues", new { name = $"Queue {round}", team_ids = new[] { tenant.Team } })).Id();

            // Now and then the removal has a start, so that either may win.
            var early = round % 2 == 0 ? RemoveAsync() : null;
            var naming = Task.WhenAll(
                tenant.Master.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/queues/{queue}", new { name = $"Queue {round}", team_ids = new[] { team } }),
                tenant.Master.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/queues", new { name = $"Other {round}", team_ids = new[] { tenant.Team, team } }));
            var removed = await (early ?? RemoveAsync());
            var answers = await naming;
            if (removed.IsSuccess)
            {
                Assert.All(answers, answer => answer.Refused(HttpStatusCode.NotFound, "notFound"));
                Assert.DoesNotContain(team.ToString(), (await tenant.Master.Api.GetAsync($"{tenant.Path}/queues?limit=100")).Ok().Body, StringComparison.Ordinal);
            }
            else
            {
                Assert.Contains("names it", removed.Refused(HttpStatusCode.Conflict, "conflict").Text("detail"), StringComparison.Ordinal);
                Assert.Contains(answers, answer => answer.IsSuccess);
            }

            Task<ApiAnswer> RemoveAsync() => tenant.Master.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/teams/{team}");
        }
    }

    [Fact]
    [Trait("Catalogue", "RCC-33")]
    public async Task Fifty_join_one_team_in_the_same_instant()
    {
        var tenant = await Tenant.MakeAsync(server);
        var team = (await tenant.Master.Api.PostAsync($"{tenant.Path}/teams", new { name = "All" })).Id();
        var agents = await Task.WhenAll(Enumerable.Range(0, 25).Select(async i => (await tenant.Master.Api.PostAsync($"{tenant.Path}/agents/invitations", new { email = $"move{i}@join.example", team_id = tenant.Team })).Id()));
        var joining = agents.Select(agent => tenant.Master.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/agents/{agent}", new { team_id = team }))
            .Concat(Enumerable.Range(0, 25).Select(i => tenant.Master.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/agents/invitations", new { email = $"new{i}@join.example", team_id = team })));
        Assert.All(await Task.WhenAll(joining), answer => answer.Ok());
        (await tenant.Master.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/teams/{team}")).Refused(HttpStatusCode.Conflict, "conflict");
    }
}
