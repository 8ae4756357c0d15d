using System.Collections.Concurrent;
using System.Net;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Rcc.Contracts.Conversations;
using Rcc.Server.Tests.Processes;

namespace Rcc.Server.Tests;

/// <summary>
/// Every route and every operation of the hub, without the service it belongs to and without any. Which service that is, the path says, and a route that stands for an operation has the operation's name: so a new
/// door to a service cannot be left open.
/// </summary>
[Trait("Catalogue", "RCC-21")]
public sealed class EntitlementTests(RunningServer server)
{
    const string Account = "/api/v1/accounts/{account_id:guid}";
    const string Conversation = Account + "/conversations/{conversation_id:guid}";

    /// <summary>What of a path belongs to a service.</summary>
    static readonly (string Part, string Service)[] Parts =
    [
        ("/transfer", "transfers"), ("/supervision/", "supervision"), ("/oidc/", "oidc"), ("/identity_provider", "oidc"), ("/second_factor", "totp"),
        ("/context_lookup", "context_lookup"), ("/profile_lookup", "context_lookup"), ("/context/lookup", "context_lookup"), ("/queues", "queues"), ("/audit_logs/export", "export"),
    ];

    /// <summary>Who reads and who takes away needs no service; these use one all the same.</summary>
    static readonly HashSet<string> Used = new(StringComparer.Ordinal) { $"GET {Account}/audit_logs/export", "GET /api/v1/auth/oidc/start" };

    /// <summary>What began while the service was contracted is gone on with and ended without it; the second step of a sign-in by a provider is tried with a provider.</summary>
    static readonly HashSet<string> Free = new(StringComparer.Ordinal)
    {
        $"POST {Conversation}/transfer/complete", $"POST {Conversation}/transfer/cancel", $"POST {Account}/profile/second_factor/recovery_codes", $"POST {Account}/profile/second_factor/disable",
        $"PUT {Account}/queues/{{queue_id:guid}}/dispositions", "POST /api/v1/auth/oidc/token",
    };

    /// <summary>All operations of the hub, the service each needs, and what it takes besides.</summary>
    static readonly Dictionary<string, (string? Service, Func<Tenant, object?> Member)> Operations = new(StringComparer.Ordinal)
    {
        [ControlOperations.AcceptOffer] = (null, _ => null),
        [ControlOperations.DeclineOffer] = (null, _ => null),
        [ControlOperations.Hold] = (null, _ => null),
        [ControlOperations.Resume] = (null, _ => null),
        [ControlOperations.Transfer] = ("transfers", t => new { queueId = t.Id }),
        [ControlOperations.Consult] = ("transfers", t => new { agentId = t.Master.Id }),
        [ControlOperations.CompleteTransfer] = (null, _ => null),
        [ControlOperations.CancelTransfer] = (null, _ => null),
        [ControlOperations.AddParticipant] = (null, t => new { agentId = t.Master.Id }),
        [ControlOperations.RemoveParticipant] = (null, t => new { agentId = t.Master.Id }),
        [ControlOperations.Monitor] = ("supervision", _ => null),
        [ControlOperations.Whisper] = ("supervision", _ => new { text = "Psst" }),
        [ControlOperations.Barge] = ("supervision", _ => null),
        [ControlOperations.TakeOver] = ("supervision", _ => null),
        [ControlOperations.Tag] = (null, _ => new { labels = new[] { Tenant.Label } }),
        [ControlOperations.Snooze] = (null, _ => null),
        [ControlOperations.Unsnooze] = (null, _ => null),
        [ControlOperations.SetPriority] = (null, _ => new { priority = "high" }),
        [ControlOperations.Resolve] = (null, _ => null),
        [ControlOperations.Reopen] = (null, _ => null),
        [ControlOperations.Assign] = (null, t => new { agentId = t.Agent.Id }),
        [ControlOperations.ExecuteMacro] = (null, t => new { macroId = t.Macro }),
    };

    static long number;

    public static TheoryData<string> Services => [.. Enum.GetNames<ContractedService>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    public static TheoryData<string> Unserved => [.. RouteAccess.Entries.Where(entry => ServiceOf(entry.Key) is null && !entry.Value.May.HasFlag(Who.Operator) && entry.Key.Contains("/api/v1/", StringComparison.Ordinal)).Select(entry => entry.Key)];

    [Fact]
    public void Every_operation_is_known_here_and_its_route_needs_what_it_needs()
    {
        var operations = typeof(ControlOperations).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!)
            .Except([ControlOperations.Post], StringComparer.Ordinal);
        Assert.Equal(operations.Order(StringComparer.Ordinal), Operations.Keys.Order(StringComparer.Ordinal));
        var named = server.Routes.Where(route => route.Metadata.GetMetadata<IEndpointNameMetadata>() is { } name && Operations.ContainsKey(name.EndpointName)).ToList();
        Assert.True(named.Count >= 15, "Too few routes are named after their operation.");
        Assert.All(named, route => Assert.Equal(Operations[route.Metadata.GetRequiredMetadata<IEndpointNameMetadata>().EndpointName].Service, ServiceOf(RouteAccess.NamesOf(route).Single())));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public async Task Without_a_service_none_of_its_doors_opens_on_any_way_and_with_it_again_they_do(string service)
    {
        var tenant = await Tenant.MakeAsync(server);
        var routes = RouteAccess.Entries.Keys.Where(route => ServiceOf(route) == service).ToList();
        Assert.NotEmpty(routes);
        var macro = (await tenant.Master.Api.PostAsync($"{tenant.Path}/macros", new { name = "Elsewhere", actions = new[] { new { operation = "transfer", queue_id = tenant.Id } }, visibility = "account" })).Id();
        await ContractAsync(tenant, Services.Where(row => row.Data != service).Select(row => row.Data));
        await SoonAsync(async () => await TryAsync(tenant, routes[0]) is ["notEntitled", ..]);

        foreach (var route in routes)
        {
            Assert.All(await TryAsync(tenant, route), code => Assert.Equal((route, "notEntitled"), (route, code)));
        }

        await using var hub = await HubTests.ReadLiveAsync(server, tenant.Master);
        foreach (var operation in Operations.Keys.Where(operation => Operations[operation].Service == service))
        {
            Assert.Equal((operation, "notEntitled"), (operation, await ControlAsync(hub, tenant, operation)));
        }

        if (service == "transfers")
        {
            Assert.Equal("notEntitled", HubTests.CodeOf(await hub.CallAsync("ControlConversation", new { number = Number(), conversationId = tenant.Conversation, operation = "executeMacro", macroId = macro })));
            (await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations/{tenant.Conversation}/macros/{macro}")).Refused(HttpStatusCode.Forbidden, "notEntitled");
            foreach (var body in new object[]
            {
                new { conversation_ids = new[] { tenant.Conversation }, macro_id = macro },
                new { conversation_ids = new[] { tenant.Conversation }, action = new { operation = "transfer", queue_id = tenant.Id } },
            })
            {
                Assert.Contains("notEntitled", (await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/bulk_actions", body)).Body, StringComparison.Ordinal);
            }
        }

        await ContractAsync(tenant, null);
        await SoonAsync(async () => !(await TryAsync(tenant, routes[0])).Contains("notEntitled"));
        foreach (var operation in Operations.Keys.Where(operation => Operations[operation].Service == service))
        {
            Assert.NotEqual("notEntitled", await ControlAsync(hub, tenant, operation));
        }
    }

    [Fact]
    public async Task What_asks_for_more_than_is_contracted_inside_a_body_is_refused_as_well()
    {
        var tenant = await Tenant.MakeAsync(server);
        await ContractAsync(tenant, []);
        await SoonAsync(async () => (await tenant.Administrator.Api.SendAsync(HttpMethod.Patch, tenant.Path, new { policies = new { second_factor_required = true } })).Code == "notEntitled");
        (await tenant.Master.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/agents/{tenant.Agent.Id}", new { second_factor_required = true })).Refused(HttpStatusCode.Forbidden, "notEntitled");
        (await tenant.Master.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/agents/{tenant.Agent.Id}", new { second_factor_required = false })).Ok();
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/inboxes/{tenant.Inbox}", new { queue_id = tenant.Queue })).Refused(HttpStatusCode.Forbidden, "notEntitled");
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/inboxes/{tenant.Inbox}", new { queue_id = tenant.Id })).Ok();
    }

    [Fact]
    public async Task Without_any_service_the_whole_hub_works_but_for_what_belongs_to_one()
    {
        var tenant = await Tenant.MakeAsync(server);
        await WriteAsync(tenant.Master, tenant);
        await ContractAsync(tenant, []);
        await SoonAsync(async () => (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/profile/second_factor", new { password = Tenant.Password })).Code == "notEntitled");
        foreach (var (who, person) in new[] { (Who.MasterAgent, tenant.Master), (Who.Agent, tenant.Agent), (Who.Customer, tenant.Customer) })
        {
            await using var hub = await HubTests.ReadLiveAsync(server, person);
            foreach (var (method, argument) in HubTests.MethodsOf(tenant, who))
            {
                Assert.NotEqual((method, "notEntitled"), (method, HubTests.CodeOf(await hub.CallAsync(method, argument))));
            }

            foreach (var operation in who == Who.Customer ? [] : Operations.Keys.ToList())
            {
                Assert.Equal((operation, Operations[operation].Service is not null), (operation, await ControlAsync(hub, tenant, operation) == "notEntitled"));
            }
        }
    }

    [Fact]
    public async Task Who_takes_no_part_writes_along_only_where_supervision_is_contracted_and_who_does_goes_on()
    {
        var tenant = await Tenant.MakeAsync(server);
        var macro = (await tenant.Administrator.Api.PostAsync(
            $"{tenant.Path}/macros", new { name = "Greet", actions = new[] { new { operation = "post", content = "Hello" } }, visibility = "account" })).Id();
        await WriteAsync(tenant.Master, tenant);
        await ContractAsync(tenant, []);
        await SoonAsync(async () => (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/profile/second_factor", new { password = Tenant.Password })).Code == "notEntitled");
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Post, MessagesOf(tenant), new { content = "Hello" })).Refused(HttpStatusCode.Forbidden, "notEntitled");
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Post, MessagesOf(tenant), new { content = "Hello", @private = true })).Refused(HttpStatusCode.Forbidden, "notEntitled");
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations/{tenant.Conversation}/macros/{macro}")).Refused(HttpStatusCode.Forbidden, "notEntitled");
        await WriteAsync(tenant.Master, tenant);
        await WriteAsync(tenant.Agent, tenant);
        await WriteAsync(tenant.Application, tenant);
    }

    [Fact]
    public async Task Without_any_service_every_other_route_works()
    {
        var refused = new ConcurrentQueue<string>();
        var tenant = await Tenant.MakeAsync(server);
        await WriteAsync(tenant.Master, tenant);
        await WriteAsync(tenant.Administrator, tenant);
        await ContractAsync(tenant, []);
        await SoonAsync(async () => (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/profile/second_factor", new { password = Tenant.Password })).Code == "notEntitled");

        // What ends what it needs comes last, and who may do it is somebody it does not end.
        foreach (var route in Unserved.Select(row => row.Data).OrderBy(route => RouteAccess.Entries[route].Ends).ThenBy(route => route.Contains("/auth/", StringComparison.Ordinal)))
        {
            foreach (var code in await TryAsync(tenant, route))
            {
                if (code == "notEntitled") refused.Enqueue(route);
            }
        }

        Assert.Empty(refused);
    }

    static string MessagesOf(Tenant tenant) => $"{tenant.Path}/conversations/{tenant.Conversation}/messages";

    static async Task WriteAsync(Person person, Tenant tenant) => (await person.Api.SendAsync(HttpMethod.Post, MessagesOf(tenant), new { content = "Hello" })).Ok();

    /// <summary>The service that a route needs; null: none.</summary>
    static string? ServiceOf(string route) =>
        Free.Contains(route) || route.Contains("/platform/", StringComparison.Ordinal) || (!Used.Contains(route) && (route.StartsWith("GET ", StringComparison.Ordinal) || route.StartsWith("DELETE ", StringComparison.Ordinal)))
            ? null
            : Parts.FirstOrDefault(part => route.Contains(part.Part, StringComparison.Ordinal)).Service;

    /// <summary>What everybody gets who may use a route.</summary>
    async Task<List<string?>> TryAsync(Tenant tenant, string route)
    {
        var entry = RouteAccess.Entries[route];
        var path = RouteAccess.PathOf(route, tenant, tenant);
        if (route.EndsWith("/oidc/start", StringComparison.Ordinal)) path += $"?account={tenant.Slug}&return_url=https://desk.example/&code_challenge={new string('A', 43)}";
        var body = entry.Body?.Invoke(tenant);
        if (entry.May.HasFlag(Who.Anyone)) return [(await server.Api().SendAsync(RouteAccess.MethodOf(route), path, body)).Code];
        List<string?> codes = [];
        foreach (var who in new[] { Who.Administrator, Who.MasterAgent, Who.Agent, Who.Application, Who.Customer }.Where(who => entry.May.HasFlag(who)))
        {
            codes.Add((await tenant.Of(who).Api.SendAsync(RouteAccess.MethodOf(route), path, body)).Code);
        }

        return codes;
    }

    async Task ContractAsync(Tenant tenant, IEnumerable<string>? services) => (await server.Api(server.Operator).SendAsync(
        HttpMethod.Put, $"/platform/api/v1/accounts/{tenant.Id}/plan", new { name = "chosen", services = services?.ToArray() })).Ok();

    static async Task<string?> ControlAsync(HubSocket hub, Tenant tenant, string operation)
    {
        var arguments = JsonSerializer.SerializeToNode(Operations[operation].Member(tenant) ?? new { })!.AsObject();
        (arguments["number"], arguments["conversationId"], arguments["operation"]) = (Number(), tenant.Conversation, operation);
        return HubTests.CodeOf(await hub.CallAsync("ControlConversation", arguments));
    }

    /// <summary>Within a second it counts everywhere; a busy machine is no defect.</summary>
    static Task SoonAsync(Func<Task<bool>> condition) => Until.TrueAsync(condition, () => "what was contracted counts");

    static long Number() => (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1024) + Interlocked.Increment(ref number);
}
