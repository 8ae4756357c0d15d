using Rcc.Client.Access;

namespace Rcc.Server.Tests.Processes;

/// <summary>A tenant made through the front door: a master agent, agents, and an inbox that customers come in by.</summary>
internal sealed class Company
{
    internal const string Password = "correct horse battery";

    static int companies;

    Company(Guid id, string slug, Api platform)
    {
        Id = id;
        Slug = slug;
        Platform = platform;
    }

    public Guid Id { get; }

    public string Slug { get; }

    /// <summary>The platform operator.</summary>
    public Api Platform { get; }

    public required Api Master { get; init; }

    public required Guid MasterId { get; init; }

    public required string Inbox { get; init; }

    /// <summary>The agents, in the order of their numbers.</summary>
    public required IReadOnlyList<Guid> Agents { get; init; }

    public string Path => $"/api/v1/accounts/{Id}";

    public static async Task<Company> MakeAsync(ServerProcess server, Api platform, int agents)
    {
        var slug = $"company-{Interlocked.Increment(ref companies)}";
        var id = (await platform.PostAsync(
            "/platform/api/v1/accounts",
            new { name = slug, slug, master_agent = new { name = "Master", email = $"master@{slug}.example", password = Password } })).Id();
        var path = $"/api/v1/accounts/{id}";
        var session = await server.Api().PostAsync("/api/v1/auth/sign_in", new { account = slug, email = $"master@{slug}.example", password = Password, device_name = "Master" });
        var master = server.Api(session.Text("access_token"));
        var team = (await master.PostAsync($"{path}/teams", new { name = "Team" })).Id();
        // Each password is hashed, which is meant to take its time.
        var made = new Guid[agents];
        await Parallel.ForEachAsync(Enumerable.Range(0, agents), TestContext.Current.CancellationToken, async (number, _) =>
            made[number] = (await master.PostAsync($"{path}/agents", new { name = $"Agent {number}", email = Email(slug, number), password = Password, team_id = team })).Id());

        var inbox = (await master.PostAsync($"{path}/inboxes", new { name = "Inbox" })).Text("identifier");
        return new(id, slug, platform) { Master = master, MasterId = session.Id("person_id"), Inbox = inbox, Agents = made };
    }

    /// <summary>A new device of an agent.</summary>
    public Task<SignedInDevice> SignInAsync(ServerProcess server, int agent) => SignInAsync(server, Email(Slug, agent));

    /// <summary>A new device of the master agent.</summary>
    public Task<SignedInDevice> SignInMasterAsync(ServerProcess server) => SignInAsync(server, $"master@{Slug}.example");

    async Task<SignedInDevice> SignInAsync(ServerProcess server, string email) =>
        Expect(await new SignIn(server.Http).AgentAsync(new(Slug, email, Password, "Device")));

    /// <summary>A new customer.</summary>
    public async Task<SignedInDevice> BeginAsync(ServerProcess server, string? name = null) => Expect(await new SignIn(server.Http).ContactAsync(Inbox, new(Name: name)));

    public Task AssignAsync(Guid conversation, Guid? agent) => Master.PostAsync($"{Path}/conversations/{conversation}/assignments", new { assignee_id = agent });

    internal static string Email(string slug, int agent) => $"agent{agent}@{slug}.example";

    static SignedInDevice Expect(SignInAnswer answer)
    {
        Assert.True(answer.Outcome.IsOk, $"{answer.Outcome.Code}: {answer.Outcome.Detail}");
        return answer.Device!;
    }
}
