using System.Security.Cryptography;
using System.Text;

namespace Rcc.Server.Tests;

/// <summary>Somebody with a credential.</summary>
internal sealed record Person(Guid Id, Guid DeviceId, string Credential, Api Api);

/// <summary>A tenant with one of everything, made through the front door.</summary>
internal sealed class Tenant
{
    public const string Password = "correct horse battery";

    /// <summary>A label of every tenant.</summary>
    public const string Label = "vip";

    /// <summary>An attribute of contacts, a text, of every tenant.</summary>
    public const string Attribute = "tier";

    static int made;

    readonly RunningServer server;

    Tenant(RunningServer server, Guid id, string slug)
    {
        this.server = server;
        Id = id;
        Slug = slug;
    }

    public Guid Id { get; }

    public string Slug { get; }

    /// <summary>A platform operator that no test needs.</summary>
    public Guid SpareOperator => server.SpareOperator;

    /// <summary>The path of the account.</summary>
    public string Path => $"/api/v1/accounts/{Id}";

    public string MasterEmail => $"master@{Slug}.example";

    public string AgentEmail => $"agent@{Slug}.example";

    public required Person Administrator { get; init; }

    /// <summary>Runs the team that the agent is in.</summary>
    public required Person Master { get; init; }

    public required Person Agent { get; init; }

    /// <summary>Somebody whom the master has invited and who has not come yet, and what it was sent.</summary>
    public required Guid InvitedAgent { get; init; }

    public required string Invitation { get; init; }

    /// <summary>An application with every scope.</summary>
    public required Person Application { get; init; }

    public required Person Customer { get; init; }

    public required Guid Team { get; init; }

    public required Guid Queue { get; init; }

    public required Guid Inbox { get; init; }

    public required string InboxIdentifier { get; init; }

    public required string IdentitySecret { get; init; }

    /// <summary>A contact that never came in.</summary>
    public required Guid OtherContact { get; init; }

    /// <summary>A contact that was merged into the customer.</summary>
    public required Guid MergedContact { get; init; }

    /// <summary>A conversation of the customer, assigned to the agent, with one message of the customer.</summary>
    public required Guid Conversation { get; init; }

    /// <summary>A canned response of the account.</summary>
    public required Guid CannedResponse { get; init; }

    /// <summary>A macro of the account.</summary>
    public required Guid Macro { get; init; }

    public static async Task<Tenant> MakeAsync(RunningServer server)
    {
        var slug = $"tenant-{Interlocked.Increment(ref made)}";
        var platform = server.Api(server.Operator);
        var id = (await platform.PostAsync("/platform/api/v1/accounts", new { name = slug, slug, master_agent = new { name = "Administrator", email = $"administrator@{slug}.example", password = Password } })).Id();
        var path = $"/api/v1/accounts/{id}";
        var administrator = await SignInAsync(server, slug, $"administrator@{slug}.example");
        (await administrator.Api.SendAsync(
            HttpMethod.Put, $"{path}/identity_provider", new { issuer = "https://login.example", client_id = "rcc", client_secret = "secret", return_urls = new[] { "https://desk.example/" } })).Ok();
        await administrator.Api.PostAsync($"{path}/agents", new { name = "Master", email = $"master@{slug}.example", password = Password, role = "master_agent" });
        var master = await SignInAsync(server, slug, $"master@{slug}.example");
        var team = (await master.Api.PostAsync($"{path}/teams", new { name = "Team" })).Id();
        await master.Api.PostAsync($"{path}/agents", new { name = "Agent", email = $"agent@{slug}.example", password = Password, team_id = team });
        var agent = await SignInAsync(server, slug, $"agent@{slug}.example");
        var queue = (await master.Api.PostAsync($"{path}/queues", new { name = "Queue", team_ids = new[] { team } })).Id();
        var invitation = await master.Api.PostAsync($"{path}/agents/invitations", new { email = $"invited@{slug}.example", team_id = team });
        var inbox = await administrator.Api.PostAsync($"{path}/inboxes", new { name = "Inbox" });
        var key = await administrator.Api.PostAsync(
            $"{path}/access_tokens",
            new { name = "Key", scopes = new[] { "conversations:read", "conversations:write", "agents:read", "agents:write", "contacts:read", "contacts:write", "contacts:erase", "settings", "inboxes", "audit_logs", "queues" } });
        var application = new Person(key.Id(), key.Id(), key.Text("token"), server.Api(key.Text("token")));
        var customer = await BeginAsync(server, inbox.Text("identifier"), new { name = "Customer" });
        var conversation = (await customer.Api.PostAsync($"{path}/conversations", new { })).Id();
        await master.Api.PostAsync($"{path}/conversations/{conversation}/assignments", new { assignee_id = agent.Id });
        await customer.Api.PostAsync($"{path}/conversations/{conversation}/messages", new { content = "Hello" });
        await master.Api.PostAsync($"{path}/labels", new { title = Label, color = "#ff0000" });
        await master.Api.PostAsync($"{path}/custom_attribute_definitions", new { attribute_key = Attribute, attribute_model = "contact", attribute_display_type = "text" });
        await master.Api.PostAsync($"{path}/custom_attribute_definitions", new { attribute_key = "order_number", attribute_model = "conversation", attribute_display_type = "number" });
        var other = (await application.Api.PostAsync($"{path}/contacts", new { name = "Other" })).Id();
        var merged = (await application.Api.PostAsync($"{path}/contacts", new { name = "Merged", addresses = new[] { new { kind = "mailto", value = "route@example.org" } } })).Id();
        await application.Api.PostAsync($"{path}/contacts/{customer.Id}/merge", new { contact_id = merged });
        var response = (await master.Api.PostAsync($"{path}/canned_responses", new { short_code = "thanks", content = "Thank you!", visibility = "account" })).Id();
        var macro = (await master.Api.PostAsync($"{path}/macros", new { name = "Hurry", actions = new[] { new { operation = "setPriority", priority = "high" } }, visibility = "account" })).Id();
        return new(server, id, slug)
        {
            CannedResponse = response,
            Macro = macro,
            Administrator = administrator,
            Master = master,
            Agent = agent,
            InvitedAgent = invitation.Id(),
            Invitation = invitation.Text("token"),
            Application = application,
            Customer = customer,
            Team = team,
            Queue = queue,
            Inbox = inbox.Id(),
            InboxIdentifier = inbox.Text("identifier"),
            IdentitySecret = inbox.Text("identity_secret"),
            Conversation = conversation,
            OtherContact = other,
            MergedContact = merged,
        };
    }

    /// <summary>Somebody of the tenant by role.</summary>
    public Person Of(Who who) => who switch
    {
        Who.Administrator => Administrator,
        Who.MasterAgent => Master,
        Who.Agent => Agent,
        Who.Customer => Customer,
        Who.Application => Application,
        _ => throw new ArgumentOutOfRangeException(nameof(who)),
    };

    /// <summary>Another device of the agent.</summary>
    public Task<Person> SignInAgentAsync() => SignInAsync(server, Slug, AgentEmail);

    /// <summary>Another agent of the team, who is online.</summary>
    public async Task<Person> AddAgentAsync()
    {
        var email = $"{Guid.NewGuid():N}@{Slug}.example";
        await Master.Api.PostAsync($"{Path}/agents", new { name = "Colleague", email, password = Password, team_id = Team });
        var agent = await SignInAsync(server, Slug, email);
        (await agent.Api.SendAsync(HttpMethod.Put, $"{Path}/profile/availability", new { availability = "online" })).Ok();
        return agent;
    }

    /// <summary>Another customer.</summary>
    public Task<Person> BeginAsync() => BeginAsync(server, InboxIdentifier, new { });

    /// <summary>A customer the account knows.</summary>
    public Task<Person> BeginAsync(string identifier) => BeginAsync(server, InboxIdentifier, new { identifier, identifier_hash = Sign(identifier) });

    /// <summary>As the account's own systems sign who their customer is.</summary>
    public string Sign(string identifier) => Sign(identifier, IdentitySecret);

    public static string Sign(string identifier, string secret) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(identifier)));

    static async Task<Person> SignInAsync(RunningServer server, string account, string email)
    {
        var session = await server.Api().PostAsync("/api/v1/auth/sign_in", new { account, email, password = Password, device_name = "Test" });
        return new(session.Id("person_id"), session.Id("device_id"), session.Text("access_token"), server.Api(session.Text("access_token")));
    }

    static async Task<Person> BeginAsync(RunningServer server, string inbox, object body)
    {
        var session = await server.Api().PostAsync($"/public/api/v1/inboxes/{inbox}/contacts", body);
        return new(session.Id("person_id"), session.Id("device_id"), session.Text("access_token"), server.Api(session.Text("access_token")));
    }
}
