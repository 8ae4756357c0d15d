using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Rcc.Server.Tenants;
using Rcc.Server.Tests.Processes;

namespace Rcc.Server.Tests.Failures;

/// <summary>While PostgreSQL stands still, everything that needs it is answered with "try again": every route, every method of the hub, new connections, signing in and setting up.</summary>
[Collection(nameof(Failures))]
public sealed class StoreAwayTests
{
    /// <summary>What needs no store; a sign-in by a provider needs a query, and is refused for the want of it before.</summary>
    static readonly HashSet<string> Untouched = new(StringComparer.Ordinal) { "GET /setup", "GET /openapi/{documentName}.json", "ANY /health/live", "GET /api/v1/auth/oidc/start", "GET /api/v1/auth/oidc/callback" };

    /// <summary>Answered from memory while the node may still serve: a confirmation is written later, typing is written nowhere.</summary>
    static readonly HashSet<string> FromMemory = new(StringComparer.Ordinal) { "Confirm", "SetTyping" };

    [Fact]
    public async Task Whatever_needs_the_store_is_answered_with_unavailable_and_goes_on_with_it()
    {
        await using var server = await RunningServer.WithAsync("--Rcc:Store:ConnectTimeout=00:00:01", "--Rcc:Store:LockTimeout=00:00:01", "--Rcc:Store:StatementTimeout=00:00:02");
        var tenant = await Tenant.MakeAsync(server);
        var other = await Tenant.MakeAsync(server);
        await using var agent = await HubTests.ReadLiveAsync(server, tenant.Agent);
        await using var customer = await HubTests.ReadLiveAsync(server, tenant.Customer);

        // The first of its tenant on this server.
        await using var newcomer = await HubSocket.ConnectAsync(server.Address, other.Agent.Credential);
        var ticket = (await other.Agent.Api.PostAsync("/api/v1/auth/ticket", new { })).Text("ticket");
        var code = server.Server.Services.GetRequiredService<SetUp>().Open();
        var postgres = new PostgresProcess(server.Server.DataFolder);
        await using (var connection = new NpgsqlConnection(postgres.ConnectionString))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            var stopped = await postgres.StopAllButAsync(connection);
            try
            {
                var wrong = new ConcurrentQueue<string>();
                await Task.WhenAll(
                [
                    .. RouteAccess.Entries.Keys.Where(route => !Untouched.Contains(route)).Select(route => TryRouteAsync(server, tenant, route, code, wrong)),
                    .. TryMethods(agent, tenant, Who.Agent, FromMemory, wrong),
                    .. TryMethods(customer, tenant, Who.Customer, FromMemory, wrong),
                    TryMethodAsync(newcomer, "Synchronize", new { }, [], wrong),
                    TryConnectAsync(server, tenant.Agent.Credential, null, wrong),
                    TryConnectAsync(server, null, ticket, wrong),
                ]);

                // By now the node knows that it cannot vouch for anything.
                await Task.WhenAll([.. TryMethods(agent, tenant, Who.Agent, [], wrong), .. TryMethods(customer, tenant, Who.Customer, [], wrong)]);
                await TryMethodAsync(agent, "Synchronize", new { }, [], wrong);
                Assert.Empty(wrong);
            }
            finally
            {
                await Signals.SendAsync("CONT", stopped);
            }
        }

        await Until.TrueAsync(async () => (await server.Api().GetAsync("/health/ready")).Status == HttpStatusCode.OK, () => "the server is ready again");
        await using var again = await HubSocket.SynchronizeAsync(server.Address, other.Agent.Credential);
        (await tenant.Agent.Api.GetAsync($"{tenant.Path}/conversations/{tenant.Conversation}/messages")).Ok();
    }

    static async Task TryRouteAsync(RunningServer server, Tenant tenant, string route, string code, ConcurrentQueue<string> wrong)
    {
        var entry = RouteAccess.Entries[route];
        var method = RouteAccess.MethodOf(route);
        var path = RouteAccess.PathOf(route, tenant, tenant);
        if (string.Equals(route, "POST /setup", StringComparison.Ordinal))
        {
            using var form = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal) { ["code"] = code, ["name"] = "second", ["password"] = "a good password" });
            var page = await server.Api().SendRawAsync(method, path, form);
            if (page.Status != HttpStatusCode.ServiceUnavailable) wrong.Enqueue($"{route}: {page.Status} {page.Body}");
            return;
        }

        var api = entry.May switch
        {
            Who.Anyone => server.Api(),
            Who.Operator => server.Api(server.Operator),
            var may => tenant.Of(new[] { Who.Agent, Who.MasterAgent, Who.Application, Who.Administrator }.First(who => may.HasFlag(who))).Api,
        };
        var answer = await api.SendAsync(method, path, entry.Body?.Invoke(tenant));
        var isProblem = string.Equals(answer.Code, "unavailable", StringComparison.Ordinal) && answer.Headers.ContainsKey("Retry-After");
        if (answer.Status != HttpStatusCode.ServiceUnavailable || (!isProblem && !route.EndsWith("/health/ready", StringComparison.Ordinal))) wrong.Enqueue($"{route}: {answer.Status} {answer.Body}");
    }

    static async Task TryConnectAsync(RunningServer server, string? credential, string? ticket, ConcurrentQueue<string> wrong)
    {
        var status = await HubSocket.RefusedWithAsync(server.Address, credential, ticket);
        if (status != (int)HttpStatusCode.ServiceUnavailable) wrong.Enqueue($"connecting: {status}");
    }

    static IEnumerable<Task> TryMethods(HubSocket hub, Tenant tenant, Who who, HashSet<string> mayBeOk, ConcurrentQueue<string> wrong) =>
        HubTests.MethodsOf(tenant, who).Select(method => TryMethodAsync(hub, method.Name, method.Argument, mayBeOk, wrong));

    static async Task TryMethodAsync(HubSocket hub, string method, object argument, HashSet<string> mayBeOk, ConcurrentQueue<string> wrong)
    {
        var answer = await hub.CallAsync(method, argument);
        var code = HubTests.CodeOf(answer);
        if (code is not "unavailable" && !(code is "ok" && mayBeOk.Contains(method))) wrong.Enqueue($"{method}: {answer}");
    }
}
