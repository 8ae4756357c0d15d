using System.Net;

namespace Rcc.Server.Tests;

/// <summary>Who works in an account: what managers say of their agents.</summary>
public sealed class PeopleTests(RunningServer server)
{
    [Fact]
    public async Task A_manager_says_what_an_agent_is_good_at_and_how_much_it_takes()
    {
        var tenant = await Tenant.MakeAsync(server);
        var agent = $"{tenant.Path}/agents/{tenant.Agent.Id}";
        (await tenant.Master.Api.SendAsync(HttpMethod.Patch, agent, new { skills = new[] { "French", "Billing" }, capacity = 3 })).Ok();
        var listed = (await tenant.Agent.Api.GetAsync($"{tenant.Path}/profile")).Ok().Json;
        Assert.Equal(["French", "Billing"], listed.GetProperty("skills").EnumerateArray().Select(s => s.GetString()));
        Assert.Equal(3, listed.GetProperty("capacity").GetInt32());

        (await tenant.Agent.Api.SendAsync(HttpMethod.Patch, agent, new { capacity = 9 })).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await tenant.Master.Api.SendAsync(HttpMethod.Patch, agent, new { use_default_capacity = true })).Ok();
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await tenant.Agent.Api.GetAsync(agent)).Ok().Json.GetProperty("capacity").ValueKind);
    }

    [Fact]
    [Trait("Catalogue", "RCC-17")]
    public async Task A_connection_ends_when_what_its_agent_may_do_changes_even_one_that_has_not_synchronised_yet()
    {
        var tenant = await Tenant.MakeAsync(server);
        await using var live = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await using var late = await HubSocket.ConnectAsync(server.Address, tenant.Agent.Credential);
        await using var other = await HubSocket.SynchronizeAsync(server.Address, tenant.Master.Credential);
        (await tenant.Master.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/agents/{tenant.Agent.Id}", new { controls = new[] { "hold", "add_participants" } })).Ok();
        await live.Closed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        var synchronizing = late.CallAsync("Synchronize", new { });
        await late.Closed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await Task.WhenAny(synchronizing);

        Assert.True(synchronizing.IsFaulted || (await synchronizing).GetProperty("outcome").GetProperty("code").GetString() == "unavailable");

        await using var back = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        var profile = (await tenant.Agent.Api.GetAsync($"{tenant.Path}/profile")).Ok().Json;
        Assert.Equal(["hold", "add_participants"], profile.GetProperty("controls").EnumerateArray().Select(c => c.GetString()));
        Assert.False(other.Closed.IsCompleted);
        (await tenant.Master.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/agents/{tenant.Agent.Id}", new { controls = new[] { "fly" } })).Refused(HttpStatusCode.BadRequest, "malformed");
    }

    [Fact]
    public async Task An_administrator_makes_master_agents_and_administrators_and_gives_a_team_to_another_master_agent()
    {
        var tenant = await Tenant.MakeAsync(server);
        var agents = $"{tenant.Path}/agents";
        var master = (await tenant.Administrator.Api.PostAsync(agents, NewAgent("master_agent"))).Id();
        (await tenant.Administrator.Api.PostAsync(agents, NewAgent("administrator"))).Ok();
        (await tenant.Application.Api.SendAsync(HttpMethod.Post, agents, NewAgent("master_agent"))).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await tenant.Application.Api.PostAsync($"{agents}/invitations", new { email = $"{Guid.NewGuid():N}@example.org", role = "master_agent" })).Ok();
        (await tenant.Application.Api.SendAsync(HttpMethod.Post, agents, NewAgent("administrator"))).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await tenant.Master.Api.SendAsync(HttpMethod.Post, agents, NewAgent("master_agent"))).Refused(HttpStatusCode.Forbidden, "forbidden");

        var team = $"{tenant.Path}/teams/{tenant.Team}";
        (await tenant.Master.Api.SendAsync(HttpMethod.Patch, team, new { supervisor_ids = new[] { tenant.Agent.Id } })).Ok();
        (await tenant.Master.Api.SendAsync(HttpMethod.Patch, team, new { master_agent_id = master })).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Patch, team, new { master_agent_id = master })).Ok();
        var changed = (await tenant.Agent.Api.GetAsync(team)).Ok().Json;
        Assert.Equal(master, changed.GetProperty("master_agent_id").GetGuid());
        Assert.Equal([tenant.Agent.Id], changed.GetProperty("supervisor_ids").EnumerateArray().Select(s => s.GetGuid()));
        (await tenant.Master.Api.SendAsync(HttpMethod.Patch, team, new { name = "Mine" })).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/agents/{tenant.Agent.Id}/suspend")).Refused(HttpStatusCode.Forbidden, "forbidden");

        static object NewAgent(string role) => new { name = "New", email = $"{Guid.NewGuid():N}@example.org", password = Tenant.Password, role };
    }

    [Fact]
    [Trait("Catalogue", "RCC-34")]
    public async Task Who_is_invited_by_link_sets_name_and_password_once_and_signs_in()
    {
        var tenant = await Tenant.MakeAsync(server);
        var anybody = server.Api();
        var email = $"ida@{tenant.Slug}.example";
        var sent = await tenant.Master.Api.PostAsync($"{tenant.Path}/agents/invitations", new { email, team_id = tenant.Team });
        var agent = (await tenant.Agent.Api.GetAsync($"{tenant.Path}/agents/{sent.Id()}")).Ok();
        Assert.True(agent.Json.GetProperty("invited").GetBoolean());
        (await SignInAsync("")).Refused(HttpStatusCode.Unauthorized, "unauthenticated");

        var found = await anybody.PostAsync("/api/v1/auth/invitation", new { token = sent.Text("token") });
        Assert.Equal((tenant.Slug, email), (found.Text("account"), found.Text("email")));
        var again = await tenant.Master.Api.PostAsync($"{tenant.Path}/agents/{sent.Id()}/invitation", new { });
        (await AcceptAsync(sent.Text("token"))).Refused(HttpStatusCode.NotFound, "notFound");
        (await AcceptAsync("garbage")).Refused(HttpStatusCode.NotFound, "notFound");
        (await AcceptAsync(again.Text("token"))).Ok();
        (await AcceptAsync(again.Text("token"))).Refused(HttpStatusCode.NotFound, "notFound");
        Assert.Equal("Ida", (await SignInAsync(Tenant.Password)).Ok().Text("name"));
        (await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/agents/{sent.Id()}/invitation")).Refused(HttpStatusCode.Conflict, "conflict");

        Task<ApiAnswer> AcceptAsync(string token) => anybody.SendAsync(HttpMethod.Post, "/api/v1/auth/invitation/accept", new { token, name = "Ida", password = Tenant.Password });

        Task<ApiAnswer> SignInAsync(string password) => anybody.SendAsync(HttpMethod.Post, "/api/v1/auth/sign_in", new { account = tenant.Slug, email, password });
    }

    [Fact]
    [Trait("Catalogue", "RCC-39")]
    public async Task A_removed_agent_is_out_at_once_its_conversation_waits_its_name_stays_and_its_address_is_free()
    {
        var tenant = await Tenant.MakeAsync(server);
        await using var hub = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        (await tenant.Agent.Api.PostAsync($"{tenant.Path}/conversations/{tenant.Conversation}/messages", new { content = "Good morning" })).Ok();
        (await tenant.Master.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/agents/{tenant.Agent.Id}")).Ok();
        await hub.Closed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        (await tenant.Agent.Api.GetAsync($"{tenant.Path}/profile")).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        (await server.Api().SendAsync(HttpMethod.Post, "/api/v1/auth/sign_in", new { account = tenant.Slug, email = tenant.AgentEmail, password = Tenant.Password }))
            .Refused(HttpStatusCode.Unauthorized, "unauthenticated");

        var conversation = (await tenant.Master.Api.GetAsync($"{tenant.Path}/conversations/{tenant.Conversation}")).Ok().Json;
        Assert.Equal(System.Text.Json.JsonValueKind.Null, conversation.GetProperty("assignee_id").ValueKind);
        var gone = (await tenant.Master.Api.GetAsync($"{tenant.Path}/agents/{tenant.Agent.Id}")).Ok().Json;
        Assert.True(gone.GetProperty("removed").GetBoolean());
        Assert.Equal("Agent", gone.GetProperty("name").GetString());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, gone.GetProperty("email").ValueKind);
        Assert.DoesNotContain(tenant.Agent.Id.ToString(), (await tenant.Master.Api.GetAsync($"{tenant.Path}/agents")).Ok().Body, StringComparison.Ordinal);
        (await tenant.Master.Api.PostAsync($"{tenant.Path}/agents", new { name = "Next", email = tenant.AgentEmail, password = Tenant.Password })).Ok();
    }

    [Fact]
    [Trait("Catalogue", "RCC-45")]
    [Trait("Catalogue", "RCC-48")]
    public async Task Availability_that_is_left_to_the_devices_follows_the_most_available_one_and_colleagues_see_it_live()
    {
        await using var quick = await RunningServer.WithAsync("--Rcc:Agents:AwayAfter=00:00:01", "--Rcc:Agents:AvailabilityInterval=00:00:00.1", "--Rcc:Devices:ActivityInterval=00:00:00.2");
        var tenant = await Tenant.MakeAsync(quick);
        await using var colleague = await HubSocket.SynchronizeAsync(quick.Address, tenant.Master.Credential);
        await using var desk = await HubSocket.SynchronizeAsync(quick.Address, tenant.Agent.Credential);
        await using var phone = await HubSocket.SynchronizeAsync(quick.Address, (await tenant.SignInAgentAsync()).Credential);
        Assert.Equal("ok", Code(await desk.CallAsync("SetAvailability", new { number = 1 })));
        var online = await UntilAsync(colleague, "online");
        Assert.True(online.GetProperty("availabilityInferred").GetBoolean());

        Assert.Equal("ok", Code(await desk.CallAsync("SetActivity", new { active = false })));
        Assert.Equal("ok", Code(await phone.CallAsync("SetActivity", new { active = false })));
        await UntilAsync(colleague, "away");
        Assert.Equal("ok", Code(await phone.CallAsync("SetActivity", new { active = true })));
        await UntilAsync(colleague, "online");
        await phone.DisposeAsync();
        await UntilAsync(colleague, "away");

        var until = DateTimeOffset.UtcNow.AddSeconds(2);
        Assert.Equal("ok", Code(await desk.CallAsync("SetAvailability", new { number = 2, availability = "busy", until })));
        Assert.Equal("ok", Code(await desk.CallAsync("SetActivity", new { active = true })));
        Assert.False((await UntilAsync(colleague, "busy")).TryGetProperty("availabilityInferred", out _));
        await UntilAsync(colleague, "online");

        async Task<System.Text.Json.JsonElement> UntilAsync(HubSocket hub, string availability)
        {
            while (true)
            {
                foreach (var item in (await hub.NextPushAsync()).GetProperty("items").EnumerateArray())
                {
                    if (item.GetProperty("kind").GetString() == "agent" && item.GetProperty("id").GetGuid() == tenant.Agent.Id
                        && item.GetProperty("state") is var state && state.GetProperty("availability").GetString() == availability)
                        return state;
                }
            }
        }

        static string Code(System.Text.Json.JsonElement outcome) => outcome.GetProperty("code").GetString()!;
    }

    [Fact]
    [Trait("Catalogue", "RCC-48")]
    public async Task An_account_has_its_own_words_for_availability()
    {
        var tenant = await Tenant.MakeAsync(server);
        var labels = new { data = new[] { new { name = "Lunch", availability = "away" }, new { name = "Second line", availability = "transfer_only" } } };
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/availability_labels", labels)).Ok();
        Assert.Equal(2, (await tenant.Agent.Api.GetAsync($"{tenant.Path}/availability_labels")).Ok().Json.GetProperty("data").GetArrayLength());
        (await SetAsync(new { label = "Siesta" })).Refused(HttpStatusCode.NotFound, "notFound");
        (await SetAsync(new { label = "Lunch", availability = "online" })).Refused(HttpStatusCode.BadRequest, "malformed");
        (await SetAsync(new { until = DateTimeOffset.UtcNow.AddHours(1) })).Refused(HttpStatusCode.BadRequest, "malformed");
        (await SetAsync(new { availability = "busy", until = DateTimeOffset.UtcNow.AddHours(-1) })).Refused(HttpStatusCode.BadRequest, "malformed");
        (await SetAsync(new { label = "second line", note = "Only what I know" })).Ok();
        var seen = (await tenant.Master.Api.GetAsync($"{tenant.Path}/agents/{tenant.Agent.Id}")).Ok().Json;
        Assert.Equal(("transfer_only", "Second line", "Only what I know"), (seen.GetProperty("availability_status").GetString(), seen.GetProperty("availability_label").GetString(), seen.GetProperty("availability_note").GetString()));

        var twice = new { data = new[] { new { name = "Lunch", availability = "away" }, new { name = "lunch", availability = "busy" } } };
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/availability_labels", twice)).Refused(HttpStatusCode.BadRequest, "malformed");

        Task<ApiAnswer> SetAsync(object body) => tenant.Agent.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/profile/availability", body);
    }

    [Fact]
    public async Task Skills_and_capacity_over_their_limits_name_the_limit()
    {
        var tenant = await Tenants.FirstAsync(server);
        await RefusedAsync(new { skills = Enumerable.Range(0, 51).Select(n => $"Skill {n}").ToArray() }, HttpStatusCode.RequestEntityTooLarge, "tooLarge", "MaxSkills is 50");
        await RefusedAsync(new { skills = new[] { new string('x', 51) } }, HttpStatusCode.RequestEntityTooLarge, "tooLarge", "the limit is 50");
        await RefusedAsync(new { skills = new[] { "French", "french" } }, HttpStatusCode.BadRequest, "malformed", "twice");
        await RefusedAsync(new { skills = new[] { " " } }, HttpStatusCode.BadRequest, "malformed", "empty");
        await RefusedAsync(new { capacity = 1_001 }, HttpStatusCode.RequestEntityTooLarge, "tooLarge", "MaxCapacity");
        await RefusedAsync(new { capacity = -1 }, HttpStatusCode.RequestEntityTooLarge, "tooLarge", "0 … 1000");
        await RefusedAsync(new { capacity = 1, use_default_capacity = true }, HttpStatusCode.BadRequest, "malformed", "not both");

        async Task RefusedAsync(object change, HttpStatusCode status, string code, string part)
        {
            var refused = (await tenant.Master.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/agents/{tenant.Agent.Id}", change)).Refused(status, code);
            Assert.Contains(part, refused.Text("detail"), StringComparison.Ordinal);
        }
    }
}
