using System.Net;
using Rcc.Server.Tests.Processes;

namespace Rcc.Server.Tests;

/// <summary>What exceeds a tenant's share is refused, and others are served.</summary>
public sealed class ShareTests(RunningServer server)
{
    static readonly Who[] People = [Who.Administrator, Who.MasterAgent, Who.Agent, Who.Application, Who.Customer];

    /// <summary>What each connection may do only so often: it is gathered in memory and costs no request.</summary>
    static readonly string[] LimitedByConnection = ["Confirm", "SetTyping", "SetActivity"];

    [Fact]
    [Trait("Catalogue", "RCC-31")]
    public async Task A_tenant_over_its_share_is_rate_limited_before_its_credential_is_even_looked_up_and_others_are_served()
    {
        var (greedy, other) = (await Tenant.MakeAsync(server), await Tenants.FirstAsync(server));
        (await server.Api(server.Operator).SendAsync(
            HttpMethod.Put, $"/platform/api/v1/accounts/{greedy.Id}/plan", new { name = "small", share = new { requests_per_second = 1, request_burst = 3 } })).Ok();

        ApiAnswer answer;
        do
        {
            answer = await greedy.Master.Api.GetAsync(greedy.Path);
        }
        while (answer.Status == HttpStatusCode.OK);

        Assert.Contains("1 a second", answer.Refused(HttpStatusCode.TooManyRequests, "rateLimited").Text("detail"), StringComparison.Ordinal);
        Assert.Equal("1", answer.Headers["Retry-After"]);
        (await other.Master.Api.GetAsync(other.Path)).Ok();

        // The same for everybody else of the tenant, and it ends.
        while ((await greedy.Agent.Api.GetAsync(greedy.Path)).Status != HttpStatusCode.OK) await Task.Yield();
        (await server.Api(server.Operator).SendAsync(HttpMethod.Put, $"/platform/api/v1/accounts/{greedy.Id}/plan", new { name = "large" })).Ok();
    }

    [Fact]
    public async Task Over_its_share_everything_of_a_tenant_is_refused_by_every_route_and_method_and_told_when_to_come_again()
    {
        var tenant = await Tenant.MakeAsync(server);
        await using var agent = await HubTests.ReadLiveAsync(server, tenant.Agent);
        await using var customer = await HubTests.ReadLiveAsync(server, tenant.Customer);
        (await server.Api(server.Operator).SendAsync(
            HttpMethod.Put, $"/platform/api/v1/accounts/{tenant.Id}/plan", new { name = "small", share = new { requests_per_second = 1, request_burst = 1 } })).Ok();
        await UseUpAsync(tenant);

        // What is let through by chance must not end what the others need.
        foreach (var (route, entry) in RouteAccess.Entries.Where(each => !each.Value.Ends && !each.Key.Contains("/platform/", StringComparison.Ordinal) && (!each.Value.May.HasFlag(Who.Anyone) || NamesTenant(each.Key))))
        {
            foreach (var api in entry.May.HasFlag(Who.Anyone) ? [server.Api()] : People.Where(who => entry.May.HasFlag(who)).Select(who => tenant.Of(who).Api).Take(1))
            {
                var refused = await OverShareAsync(
                    tenant,
                    () => api.SendAsync(RouteAccess.MethodOf(route), RouteAccess.PathOf(route, tenant, tenant), entry.Body?.Invoke(tenant)),
                    answer => answer.Status == HttpStatusCode.TooManyRequests,
                    route);
                Assert.Equal((route, "1"), (route, refused.Headers["Retry-After"]));
            }
        }

        foreach (var (hub, who) in new[] { (agent, Who.Agent), (customer, Who.Customer) })
        {
            foreach (var (method, argument) in HubTests.MethodsOf(tenant, who).Where(each => !LimitedByConnection.Contains(each.Name)))
            {
                var refused = await OverShareAsync(tenant, () => hub.CallAsync(method, argument), answer => HubTests.CodeOf(answer) == "rateLimited", method);
                Assert.Equal((method, 1), (method, HubTests.OutcomeOf(refused).GetProperty("retryAfterSeconds").GetInt32()));
            }
        }
    }

    /// <summary>What is sent by nobody yet says whose it is, but for where a browser comes back to, and what only the tenant's provider and this server know of.</summary>
    static bool NamesTenant(string route) =>
        route.Contains("/public/", StringComparison.Ordinal) || (route.Contains("/api/v1/auth/", StringComparison.Ordinal) && !route.Contains("/oidc/", StringComparison.Ordinal));

    [Fact]
    public async Task Over_an_accounts_share_nobody_signs_in_there_by_any_means_and_a_stranger_learns_nothing_of_it()
    {
        var (tenant, other) = (await Tenant.MakeAsync(server), await Tenants.FirstAsync(server));
        (await server.Api(server.Operator).SendAsync(
            HttpMethod.Put, $"/platform/api/v1/accounts/{tenant.Id}/plan", new { name = "small", share = new { requests_per_second = 1, request_burst = 1 } })).Ok();
        await UseUpAsync(tenant);
        var start = $"/api/v1/auth/oidc/start?account={tenant.Slug}&return_url=https%3A%2F%2Fdesk.example&code_challenge={new string('A', 43)}";
        foreach (var (what, attempt) in new (string, Func<Task<ApiAnswer>>)[]
        {
            ("password", () => SignInAsync(tenant, Tenant.Password)),
            ("wrong password", () => SignInAsync(tenant, "wrong password")),
            ("provider", () => server.Api().GetAsync(start)),
            ("invitation", () => server.Api().SendAsync(HttpMethod.Post, "/api/v1/auth/invitation", new { token = tenant.Invitation })),
            ("accepted invitation", () => server.Api().SendAsync(HttpMethod.Post, "/api/v1/auth/invitation/accept", new { token = tenant.Invitation, name = "Ida", password = Tenant.Password })),
            ("customer", () => server.Api().SendAsync(HttpMethod.Post, $"/public/api/v1/inboxes/{tenant.InboxIdentifier}/contacts", new { })),
        })
        {
            var refused = await OverShareAsync(tenant, attempt, answer => answer.Status == HttpStatusCode.TooManyRequests, what);
            Assert.Equal((what, "rateLimited", "1"), (what, refused.Code, refused.Headers["Retry-After"]));
            Assert.DoesNotContain("second", refused.Text("detail"), StringComparison.Ordinal);
        }

        (await SignInAsync(other, Tenant.Password)).Ok();
        (await server.Api(server.Operator).SendAsync(HttpMethod.Put, $"/platform/api/v1/accounts/{tenant.Id}/plan", new { name = "large" })).Ok();
        await Until.TrueAsync(async () => (await SignInAsync(tenant, Tenant.Password)).IsSuccess, () => "the account's people sign in again");
    }

    [Fact]
    public async Task Who_signs_in_waits_its_accounts_turn_and_a_flood_of_one_account_is_busy_while_others_sign_in()
    {
        await using var narrow = await RunningServer.WithAsync("--Rcc:Access:TenantWaitingRequests=1");
        var (flooded, other) = (await Tenant.MakeAsync(narrow), await Tenant.MakeAsync(narrow));
        (await narrow.Api(narrow.Operator).SendAsync(
            HttpMethod.Put, $"/platform/api/v1/accounts/{flooded.Id}/plan", new { name = "one", share = new { concurrent_requests = 1 } })).Ok();
        var busy = false;
        await Until.TrueAsync(
            async () =>
            {
                var flood = Enumerable.Range(0, 30).Select(_ => SignInAsync(narrow, flooded, "wrong password")).ToList();
                (await SignInAsync(narrow, other, Tenant.Password)).Ok();
                var answers = await Task.WhenAll(flood);
                Assert.All(answers, answer => Assert.Contains(answer.Code, new[] { "unauthenticated", "busy" }));
                busy |= answers.Any(answer => answer.Code == "busy");
                return busy && answers.Any(answer => answer.Code == "unauthenticated");
            },
            () => "a flood of sign-ins is more than one under way and one waiting");
    }

    Task<ApiAnswer> SignInAsync(Tenant tenant, string password) => SignInAsync(server, tenant, password);

    static Task<ApiAnswer> SignInAsync(RunningServer at, Tenant tenant, string password) =>
        at.Api().SendAsync(HttpMethod.Post, "/api/v1/auth/sign_in", new { account = tenant.Slug, email = tenant.AgentEmail, password, device_name = "Desk" });

    [Fact]
    public async Task Who_guesses_too_often_is_told_to_wait_as_long_as_it_must()
    {
        await using var strict = await RunningServer.WithAsync("--Rcc:SignIn:AttemptsPerMinute=2", "--Rcc:SignIn:CodeAttempts=1", "--Rcc:SignIn:CodeAttemptsPerHour=30");
        ApiAnswer answer;
        do
        {
            answer = await strict.Api().SendAsync(HttpMethod.Post, "/api/v1/auth/sign_in", new { account = "acme", email = "a@example.org", password = "wrong password" });
        }
        while (answer.Status == HttpStatusCode.Unauthorized);

        Assert.Equal("60", answer.Refused(HttpStatusCode.TooManyRequests, "rateLimited").Headers["Retry-After"]);
    }

    /// <summary>Tries again while the share has grown by a request in between.</summary>
    static async Task<T> OverShareAsync<T>(Tenant tenant, Func<Task<T>> attempt, Func<T, bool> isRefused, string what)
    {
        for (var tries = 0; tries < 10; tries++)
        {
            if (await attempt() is var answer && isRefused(answer)) return answer;
            await UseUpAsync(tenant);
        }

        throw new InvalidOperationException($"{what} is let through beyond the share.");
    }

    static async Task UseUpAsync(Tenant tenant)
    {
        while ((await tenant.Master.Api.GetAsync(tenant.Path)).Status != HttpStatusCode.TooManyRequests) await Task.Yield();
    }

    [Fact]
    public async Task Many_requests_at_once_wait_their_turn_and_are_all_served()
    {
        var (busy, other) = (await Tenants.FirstAsync(server), await Tenants.SecondAsync(server));
        (await other.Master.Api.GetAsync(other.Path)).Ok();

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => busy.Application.Api.GetAsync($"{busy.Path}/conversations")));

        Assert.All(answers, answer => answer.Ok());
    }
}
