using Rcc.Core.Access;
using Rcc.Server.Tenants;

namespace Rcc.Server.Demo;

/// <summary>Makes the demo's account, people and conversations through the front door, once; a later start finds them.</summary>
internal static class DemoStart
{
    public static async Task<DemoLogins> RunAsync(RccServer server, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = server.Address };
        var api = new FrontDoorClient(http);
        var logins = await DemoLogins.ReadAsync(server.DataFolder, cancellationToken);
        var hasOperator = await server.Services.GetRequiredService<PlatformDoor>().HasOperatorAsync(cancellationToken);
        if (logins is null)
        {
            if (hasOperator) throw new DemoException($"This database was not made by --demo, or its file {server.DataFolder} was lost. Start without --demo, or with another --data.");
            logins = DemoLogins.Make();
            await logins.WriteAsync(server.DataFolder, cancellationToken);
        }

        if (!hasOperator) await BecomeOperatorAsync(server, http, logins.Operator, cancellationToken);
        if (logins.Inbox is null)
        {
            logins = logins with { Inbox = await MakeAccountAsync(api, logins, cancellationToken) };
            await logins.WriteAsync(server.DataFolder, cancellationToken);
        }

        if (!logins.Played)
        {
            await new DialoguePlay(api, logins).RunAsync(cancellationToken);
            logins = logins with { Played = true };
            await logins.WriteAsync(server.DataFolder, cancellationToken);
        }

        return logins;
    }

    static async Task BecomeOperatorAsync(RccServer server, HttpClient http, DemoOperator login, CancellationToken cancellationToken)
    {
        var code = server.Services.GetRequiredService<SetUp>().Open();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal) { ["code"] = code, ["name"] = login.Name, ["password"] = login.Password });
        using var response = await http.PostAsync(new Uri(SetUpPage.Path, UriKind.Relative), form, cancellationToken);
        if (!response.IsSuccessStatusCode) throw new DemoException($"The demo's operator could not be made: {(int)response.StatusCode}.");
    }

    /// <summary>May have been cut off by a crash: what is there already is taken as it is.</summary>
    static async Task<DemoInbox> MakeAccountAsync(FrontDoorClient api, DemoLogins logins, CancellationToken cancellationToken)
    {
        var operatorSession = await api.PostAsync<Session>("/platform/api/v1/auth/sign_in", new { logins.Operator.Name, logins.Operator.Password }, cancellationToken);
        var accounts = await api.As(operatorSession.AccessToken).GetAsync<ListOf<Account>>("/platform/api/v1/accounts?limit=100", cancellationToken);
        if (!accounts.Data.Any(a => string.Equals(a.Slug, logins.Master.Account, StringComparison.Ordinal)))
        {
            await api.As(operatorSession.AccessToken).PostAsync(
                "/platform/api/v1/accounts",
                new { Name = "Demo shop", Slug = logins.Master.Account, MasterAgent = new { logins.Master.Name, logins.Master.Email, logins.Master.Password } },
                cancellationToken);
        }

        var session = await SignInAsync(api, logins.Master, "Demo set-up", cancellationToken);
        var master = api.As(session.AccessToken);
        var account = $"/api/v1/accounts/{session.AccountId}";
        var teams = await master.GetAsync<ListOf<Named>>($"{account}/teams", cancellationToken);
        var team = teams.Data is [var first, ..] ? first.Id : (await master.PostAsync<Named>($"{account}/teams", new { Name = "Front desk" }, cancellationToken)).Id;
        var agents = await master.GetAsync<ListOf<Colleague>>($"{account}/agents", cancellationToken);
        foreach (var agent in new[] { logins.Agent, logins.Colleague })
        {
            if (!agents.Data.Any(a => string.Equals(a.Email, agent.Email, StringComparison.Ordinal)))
                await master.PostAsync($"{account}/agents", new { agent.Name, agent.Email, agent.Password, TeamId = team }, cancellationToken);
        }

        var inboxes = await master.GetAsync<ListOf<Inbox>>($"{account}/inboxes", cancellationToken);
        var inbox = inboxes.Data is [var existing, ..] ? existing : await master.PostAsync<Inbox>($"{account}/inboxes", new { Name = "Demo shop" }, cancellationToken);
        await master.PostAsync("/api/v1/auth/sign_out", new { }, cancellationToken);
        return new(inbox.Identifier, inbox.Name);
    }

    internal static Task<Session> SignInAsync(FrontDoorClient api, DemoAgent agent, string deviceName, CancellationToken cancellationToken) =>
        api.PostAsync<Session>("/api/v1/auth/sign_in", new { agent.Account, agent.Email, agent.Password, DeviceName = deviceName }, cancellationToken);

    internal sealed record Session(string AccessToken, Guid AccountId, Guid PersonId);

    internal sealed record ListOf<T>(IReadOnlyList<T> Data);

    sealed record Account(string Slug);

    sealed record Named(Guid Id);

    sealed record Colleague(string Email);

    sealed record Inbox(string Identifier, string Name);
}
