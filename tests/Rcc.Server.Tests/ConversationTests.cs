using System.Net;

namespace Rcc.Server.Tests;

/// <summary>The main job through the front door: written by one, at once on every device of the other, and kept.</summary>
public sealed class ConversationTests(RunningServer server)
{
    [Fact]
    [Trait("Catalogue", "RCC-1")]
    public async Task What_a_customer_writes_appears_on_every_device_of_the_agent_and_the_answer_at_the_customer()
    {
        var tenant = await Tenant.MakeAsync(server);
        var phone = await tenant.SignInAgentAsync();
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await using var pocket = await HubSocket.SynchronizeAsync(server.Address, phone.Credential);
        await using var widget = await HubSocket.SynchronizeAsync(server.Address, tenant.Customer.Credential);

        var asked = await widget.CallAsync("PostMessage", new { number = 1, conversationId = tenant.Conversation, content = "Ist da jemand? 👋" });
        Assert.Equal(2, asked.GetProperty("seq").GetInt64());
        foreach (var hub in new[] { desk, pocket, widget }) await MessageAsync(hub, "Ist da jemand? 👋");

        await desk.CallAsync("PostMessage", new { number = 1, conversationId = tenant.Conversation, content = "Ja!" });
        foreach (var hub in new[] { widget, pocket, desk }) await MessageAsync(hub, "Ja!");
    }

    [Fact]
    [Trait("Catalogue", "INV-15")]
    public async Task What_is_written_at_one_server_appears_at_another_on_the_same_database()
    {
        var tenant = await Tenant.MakeAsync(server);
        await using var another = await server.StartAnotherAsync();
        await using var here = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await using var there = await HubSocket.SynchronizeAsync(another.Address, tenant.Customer.Credential);
        await there.CallAsync("PostMessage", new { number = 1, conversationId = tenant.Conversation, content = "From there" });
        await MessageAsync(here, "From there");
        await here.CallAsync("PostMessage", new { number = 1, conversationId = tenant.Conversation, content = "From here" });
        await MessageAsync(there, "From here");
    }

    [Fact]
    [Trait("Catalogue", "INV-7")]
    public async Task After_a_restore_every_token_starts_from_nothing()
    {
        var tenant = await Tenant.MakeAsync(server);
        string? token;
        await using (var before = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential)) token = (await before.NextPushAsync()).GetProperty("to").GetString();

        await using var restored = await server.StartRestoredAsync();
        await using var after = await HubSocket.ConnectAsync(restored.Address, tenant.Agent.Credential);
        await after.CallAsync("Synchronize", new { token });
        var resync = (await after.NextPushAsync()).GetProperty("resync");
        Assert.Equal("epoch", resync.GetProperty("reason").GetString());
        Assert.True(resync.GetProperty("discard").GetBoolean());
    }

    [Fact]
    [Trait("Catalogue", "IM-130")]
    public async Task A_repeated_idempotency_key_gets_the_first_answer_and_posts_once()
    {
        var tenant = await Tenant.MakeAsync(server);
        var messages = $"{tenant.Path}/conversations/{tenant.Conversation}/messages";
        var first = (await tenant.Agent.Api.SendAsync(HttpMethod.Post, messages, new { content = "Once" }, ("Idempotency-Key", "key-1"))).Ok();
        var second = (await tenant.Agent.Api.SendAsync(HttpMethod.Post, messages, new { content = "Once" }, ("Idempotency-Key", "key-1"))).Ok();
        Assert.Equal(first.Body, second.Body);
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, messages, new { content = "Other" }, ("Idempotency-Key", "key-1"))).Refused(HttpStatusCode.UnprocessableEntity, "numberReused");
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, messages, new { content = "Bad" }, ("Idempotency-Key", "not visible"))).Refused(HttpStatusCode.BadRequest, "malformed");

        var echoed = await tenant.Agent.Api.PostAsync(messages, new { content = "Echo", echo_id = "echo-1" });
        Assert.Equal("echo-1", echoed.Text("echo_id"));
        Assert.Equal(echoed.Body, (await tenant.Agent.Api.PostAsync(messages, new { content = "Echo", echo_id = "echo-1" })).Body);
        Assert.Equal(["Hello", "Once", "Echo"], await ContentsAsync(tenant.Agent.Api, messages));
    }

    [Fact]
    public async Task Another_persons_idempotency_key_is_its_own()
    {
        var tenant = await Tenant.MakeAsync(server);
        var messages = $"{tenant.Path}/conversations/{tenant.Conversation}/messages";
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, messages, new { content = "Agent's" }, ("Idempotency-Key", "same"))).Ok();
        (await tenant.Customer.Api.SendAsync(HttpMethod.Post, messages, new { content = "Customer's" }, ("Idempotency-Key", "same"))).Ok();
        Assert.Equal(["Hello", "Agent's", "Customer's"], await ContentsAsync(tenant.Agent.Api, messages));
    }

    [Fact]
    public async Task Messages_are_paged_backwards_and_none_is_missed_or_told_twice()
    {
        var tenant = await Tenant.MakeAsync(server);
        var messages = $"{tenant.Path}/conversations/{tenant.Conversation}/messages";
        for (var number = 2; number <= 8; number++) await tenant.Agent.Api.PostAsync(messages, new { content = $"{number}" });
        var pages = await PagesAsync(tenant.Customer.Api, $"{messages}?limit=3");
        Assert.Equal([6, 7, 8, 3, 4, 5, 1, 2], pages.SelectMany(p => p.GetProperty("data").EnumerateArray()).Select(m => m.GetProperty("seq").GetInt64()));
    }

    [Fact]
    public async Task Lists_are_paged_by_cursor_and_none_is_missed_or_told_twice()
    {
        var tenant = await Tenant.MakeAsync(server);
        var conversations = new List<Guid> { tenant.Conversation };
        for (var made = 0; made < 6; made++) conversations.Add((await (await tenant.BeginAsync()).Api.PostAsync($"{tenant.Path}/conversations", new { })).Id());
        await ListsAllAsync(tenant.Master.Api, $"{tenant.Path}/conversations", conversations.AsEnumerable().Reverse());

        var contacts = (await PagesAsync(tenant.Master.Api, $"{tenant.Path}/contacts?limit=3")).SelectMany(p => p.GetProperty("data").EnumerateArray()).Select(c => c.GetProperty("id").GetGuid()).ToList();
        Assert.Equal(8, contacts.Count);
        Assert.Equal(8, contacts.Distinct().Count());
        Assert.Contains(tenant.Customer.Id, contacts);
        Assert.Contains(tenant.OtherContact, contacts);
    }

    [Theory]
    [InlineData("conversations?cursor=AAAA")]
    [InlineData("conversations?cursor=%00")]
    [InlineData("agents?cursor=MTIz")]
    [InlineData("agents?cursor=!!!")]
    [InlineData("contacts?limit=0")]
    [InlineData("contacts?limit=ten")]
    [InlineData("conversations?status=lost")]
    [InlineData("conversations?assignee_id=me")]
    public async Task A_list_refuses_what_it_cannot_read(string query)
    {
        var tenant = await Tenants.FirstAsync(server);
        Assert.NotEmpty((await tenant.Master.Api.GetAsync($"{tenant.Path}/{query}")).Refused(HttpStatusCode.BadRequest, "malformed").Text("detail"));
    }

    [Fact]
    public async Task A_page_over_its_limit_names_it()
    {
        var tenant = await Tenants.FirstAsync(server);
        Assert.Contains("100", (await tenant.Master.Api.GetAsync($"{tenant.Path}/contacts?limit=101")).Refused(HttpStatusCode.RequestEntityTooLarge, "tooLarge").Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_resolved_conversation_is_reopened_by_its_customer_only_by_writing()
    {
        var tenant = await Tenant.MakeAsync(server);
        var conversation = $"{tenant.Path}/conversations/{tenant.Conversation}";
        await tenant.Agent.Api.PostAsync($"{conversation}/toggle_status", new { status = "resolved" });
        Assert.Equal("resolved", (await tenant.Agent.Api.GetAsync(conversation)).Text("status"));
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{conversation}/messages", new { content = "Too late" })).Refused(HttpStatusCode.Conflict, "closed");
        await tenant.Customer.Api.PostAsync($"{conversation}/messages", new { content = "One more thing" });
        Assert.Equal("open", (await tenant.Customer.Api.GetAsync(conversation)).Text("status"));
    }

    [Fact]
    public async Task A_conversation_that_waits_goes_to_the_agent_who_becomes_available()
    {
        var tenant = await Tenant.MakeAsync(server);
        var customer = await tenant.BeginAsync();
        var waiting = (await customer.Api.PostAsync($"{tenant.Path}/conversations", new { })).Id();
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        (await tenant.Agent.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/profile/availability", new { availability = "online" })).Ok();
        var item = await desk.NextItemAsync(i => i.GetProperty("kind").GetString() == "conversation" && i.GetProperty("id").GetString() == waiting.ToString());
        Assert.Equal(tenant.Agent.Id, item.GetProperty("state").GetProperty("assigneeId").GetGuid());
    }

    [Fact]
    [Trait("Catalogue", "RCC-8")]
    public async Task Who_may_take_what_waits_reads_it_to_choose_and_does_nothing_else_with_it()
    {
        var tenant = await Tenant.MakeAsync(server);
        var colleague = await tenant.AddAgentAsync();
        (await tenant.Master.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/queues/{tenant.Queue}", new { name = "Sales", agent_ids = new[] { tenant.Agent.Id } })).Ok();
        foreach (var agent in new[] { tenant.Agent, colleague }) (await agent.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/profile/availability", new { availability = "busy" })).Ok();

        // The queue every account has is everybody's.
        var waiting = await OpenAsync(tenant.Id);
        foreach (var agent in new[] { tenant.Agent, colleague }) await ReadsAsync(agent);

        waiting = await OpenAsync(tenant.Queue);
        await ReadsAsync(tenant.Agent);
        await ReadsNothingAsync(colleague);
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{waiting}/messages", new { content = "Mine" })).Refused(HttpStatusCode.NotFound, "notFound");
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{waiting}/toggle_status", new { status = "resolved" })).Refused(HttpStatusCode.NotFound, "notFound");

        (await tenant.Master.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/agents/{tenant.Agent.Id}", new { controls = new[] { "resolve" } })).Ok();
        await ReadsNothingAsync(tenant.Agent);
        (await tenant.Master.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/agents/{tenant.Agent.Id}", new { controls = new[] { "assign" } })).Ok();
        (await tenant.Master.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/queues/{tenant.Queue}", new { name = "Sales", agent_ids = new[] { tenant.Agent.Id }, self_assign = "nobody" })).Ok();
        await ReadsNothingAsync(tenant.Agent);
        (await tenant.Master.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/queues/{tenant.Queue}", new { name = "Sales", team_ids = new[] { tenant.Team }, self_assign = "anyone" })).Ok();
        await ReadsAsync(tenant.Agent);
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{waiting}/assignments", new { assignee_id = tenant.Agent.Id })).Ok();
        await ReadsAsync(tenant.Agent);
        await ReadsNothingAsync(colleague);

        async Task<string> OpenAsync(Guid queue)
        {
            (await tenant.Administrator.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/inboxes/{tenant.Inbox}", new { queue_id = queue })).Ok();
            var customer = await tenant.BeginAsync();
            var opened = $"{tenant.Path}/conversations/{(await customer.Api.PostAsync($"{tenant.Path}/conversations", new { })).Id()}";
            await customer.Api.PostAsync($"{opened}/messages", new { content = "Where is my parcel?" });
            await tenant.Administrator.Api.PostAsync($"{opened}/messages", new { content = "A note", @private = true });
            return opened;
        }

        async Task ReadsAsync(Person agent)
        {
            Assert.Equal("open", (await agent.Api.GetAsync(waiting)).Ok().Text("status"));
            Assert.Equal(["Where is my parcel?"], await ContentsAsync(agent.Api, $"{waiting}/messages"));
            Assert.Equal(["A note"], await ContentsAsync(agent.Api, $"{waiting}/messages?private=true"));
        }

        async Task ReadsNothingAsync(Person agent)
        {
            foreach (var path in new[] { "", "/messages", "/messages?private=true", "/handling" }) (await agent.Api.GetAsync(waiting + path)).Refused(HttpStatusCode.NotFound, "notFound");
        }
    }

    static async Task MessageAsync(HubSocket hub, string content) => await hub.NextItemAsync(
        i => i.GetProperty("kind").GetString() == "message" && i.GetProperty("message").GetProperty("content").GetString() == content);

    static async Task<IEnumerable<string?>> ContentsAsync(Api api, string messages) =>
        (await api.GetAsync(messages)).Ok().Json.GetProperty("data").EnumerateArray().Select(m => m.GetProperty("content").GetString());

    static async Task ListsAllAsync(Api api, string path, IEnumerable<Guid> expected) => Assert.Equal(
        expected,
        (await PagesAsync(api, $"{path}?limit=3")).SelectMany(p => p.GetProperty("data").EnumerateArray()).Select(c => c.GetProperty("id").GetGuid()));

    static async Task<List<System.Text.Json.JsonElement>> PagesAsync(Api api, string path)
    {
        var pages = new List<System.Text.Json.JsonElement>();
        for (string? cursor = null; pages.Count == 0 || cursor is not null;)
        {
            pages.Add((await api.GetAsync(cursor is null ? path : $"{path}&cursor={cursor}")).Ok().Json);
            cursor = pages[^1].GetProperty("next_cursor").GetString();
        }

        return pages;
    }
}
