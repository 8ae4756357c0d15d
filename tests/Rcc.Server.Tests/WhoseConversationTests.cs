using System.Net;

namespace Rcc.Server.Tests;

/// <summary>Master agents and supervisors find and control what is theirs, and nothing of another team of the same account.</summary>
[Trait("Catalogue", "RCC-36")]
public sealed class WhoseConversationTests(RunningServer server)
{
    [Fact]
    public async Task A_sub_agent_who_supervises_a_team_lists_and_monitors_what_it_has_and_is_refused_another_team()
    {
        var tenant = await Tenant.MakeAsync(server);
        var other = await AddTeamAsync(tenant);
        var supervisor = await tenant.AddAgentAsync();
        (await supervisor.Api.GetAsync($"{tenant.Path}/conversations?team_id={tenant.Team}")).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await tenant.Master.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/teams/{tenant.Team}", new { supervisor_ids = new[] { supervisor.Id } })).Ok();

        Assert.Equal([tenant.Conversation], await ListAsync(supervisor, tenant, $"?team_id={tenant.Team}"));
        Assert.Empty(await ListAsync(supervisor, tenant, ""));
        var conversation = $"{tenant.Path}/conversations/{tenant.Conversation}";
        (await supervisor.Api.GetAsync($"{conversation}/messages")).Refused(HttpStatusCode.NotFound, "notFound");
        (await supervisor.Api.SendAsync(HttpMethod.Post, $"{conversation}/supervision/monitor")).Ok();
        (await supervisor.Api.GetAsync($"{conversation}/messages")).Ok();

        (await supervisor.Api.GetAsync($"{tenant.Path}/conversations?team_id={other.Team}")).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await supervisor.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations/{other.Conversation}/supervision/monitor")).Refused(HttpStatusCode.NotFound, "notFound");
        (await supervisor.Api.GetAsync($"{tenant.Path}/conversations?team_id={Guid.NewGuid()}")).Refused(HttpStatusCode.NotFound, "notFound");
        Assert.Equal([other.Conversation], await ListAsync(tenant.Administrator, tenant, $"?team_id={other.Team}"));
    }

    [Fact]
    public async Task A_master_agent_finds_and_controls_nothing_of_another_team()
    {
        var tenant = await Tenant.MakeAsync(server);
        var other = await AddTeamAsync(tenant);
        Assert.Equal([tenant.Conversation], await ListAsync(tenant.Master, tenant, ""));
        Assert.Equal([other.Conversation], await ListAsync(other.Master, tenant, ""));
        Assert.Equal([other.Conversation, tenant.Conversation], await ListAsync(tenant.Administrator, tenant, ""));

        var foreign = $"{tenant.Path}/conversations/{tenant.Conversation}";
        foreach (var path in new[] { "", "/messages", "/handling" })
        {
            (await other.Master.Api.GetAsync(foreign + path)).Refused(HttpStatusCode.NotFound, "notFound");
            (await tenant.Master.Api.GetAsync(foreign + path)).Ok();
        }

        foreach (var (path, body) in new (string, object?)[]
        {
            ("/messages", new { content = "Hello", @private = true }), ("/toggle_status", new { status = "resolved" }), ("/assignments", new { assignee_id = other.Master.Id }), ("/hold", null),
            ("/supervision/monitor", null), ("/supervision/barge", null), ("/supervision/take_over", null),
        })
        {
            (await other.Master.Api.SendAsync(HttpMethod.Post, foreign + path, body)).Refused(HttpStatusCode.NotFound, "notFound");
        }

        var many = (await other.Master.Api.SendAsync(
            HttpMethod.Post, $"{tenant.Path}/bulk_actions", new { conversation_ids = new[] { tenant.Conversation, other.Conversation }, action = new { operation = "setPriority", priority = "high" } })).Ok();
        Assert.Contains("notFound", many.Body, StringComparison.Ordinal);

        // What it gives away is its own; to whom, as well.
        var own = $"{tenant.Path}/conversations/{other.Conversation}/assignments";
        (await other.Master.Api.SendAsync(HttpMethod.Post, own, new { assignee_id = tenant.Agent.Id })).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await other.Master.Api.SendAsync(HttpMethod.Post, own, new { assignee_id = other.Master.Id })).Ok();
        (await tenant.Master.Api.GetAsync($"{tenant.Path}/conversations/{other.Conversation}")).Refused(HttpStatusCode.NotFound, "notFound");
    }

    static async Task<IEnumerable<Guid>> ListAsync(Person person, Tenant tenant, string query) =>
        (await person.Api.GetAsync($"{tenant.Path}/conversations{query}")).Ok().Json.GetProperty("data").EnumerateArray().Select(one => one.GetProperty("id").GetGuid()).ToList();

    /// <summary>Another master agent with a team, whose agent has a conversation.</summary>
    async Task<(Person Master, Guid Team, Guid Conversation)> AddTeamAsync(Tenant tenant)
    {
        var email = $"{Guid.NewGuid():N}@{tenant.Slug}.example";
        await tenant.Administrator.Api.PostAsync($"{tenant.Path}/agents", new { name = "Second", email, password = Tenant.Password, role = "master_agent" });
        var session = await server.Api().PostAsync("/api/v1/auth/sign_in", new { account = tenant.Slug, email, password = Tenant.Password, device_name = "Test" });
        var master = new Person(session.Id("person_id"), session.Id("device_id"), session.Text("access_token"), server.Api(session.Text("access_token")));
        var team = (await master.Api.PostAsync($"{tenant.Path}/teams", new { name = "Second" })).Id();
        var agent = (await master.Api.PostAsync(
            $"{tenant.Path}/agents", new { name = "Agent", email = $"{Guid.NewGuid():N}@{tenant.Slug}.example", password = Tenant.Password, team_id = team })).Id();
        var customer = await tenant.BeginAsync();
        var conversation = (await customer.Api.PostAsync($"{tenant.Path}/conversations", new { })).Id();
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations/{conversation}/assignments", new { assignee_id = agent })).Ok();
        return (master, team, conversation);
    }
}
