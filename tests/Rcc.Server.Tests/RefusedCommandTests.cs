using System.Net;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Rcc.Core;
using Rcc.Core.Tenants;
using Rcc.Server.Tests.Processes;

namespace Rcc.Server.Tests;

/// <summary>What is refused for want of a right or a service leaves one act in the record, whatever door refused it, and nothing else anywhere.</summary>
public sealed class RefusedCommandTests(RunningServer server)
{
    const string Refused = "refused";

    [Fact]
    [Trait("Catalogue", "RCC-17")]
    public async Task Who_may_hold_but_not_transfer_holds_and_its_transfers_are_one_refusal_in_the_record()
    {
        var tenant = await Tenant.MakeAsync(server);
        var phone = await tenant.SignInAgentAsync();
        (await tenant.Master.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/agents/{tenant.Agent.Id}", new { controls = new[] { "hold" } })).Ok();
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        Assert.Equal("ok", HubTests.CodeOf(await desk.CallAsync("ControlConversation", new { number = 1, conversationId = tenant.Conversation, operation = "hold" })));
        var before = (await tenant.Agent.Api.GetAsync($"{tenant.Path}/conversations/{tenant.Conversation}/handling")).Ok().Body;

        for (var number = 2; number < 5; number++)
        {
            Assert.Equal("forbidden", HubTests.CodeOf(await desk.CallAsync("ControlConversation", new { number, conversationId = tenant.Conversation, operation = "transfer", queueId = tenant.Queue })));
        }

        (await phone.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations/{tenant.Conversation}/transfer", new { queue_id = tenant.Queue })).Refused(HttpStatusCode.Forbidden, "forbidden");

        var act = Assert.Single(await RefusedAsync(tenant));
        Assert.Equal((tenant.Agent.Id, tenant.Agent.DeviceId), (act.Actor!.Id, act.Actor.DeviceId));
        Assert.Equal(("conversation", tenant.Conversation, "operation: transfer, code: forbidden"), (act.ObjectType, act.ObjectId, act.Detail));
        Assert.Equal(before, (await tenant.Agent.Api.GetAsync($"{tenant.Path}/conversations/{tenant.Conversation}/handling")).Ok().Body);
    }

    [Fact]
    [Trait("Catalogue", "RCC-21")]
    public async Task What_is_not_contracted_is_one_refusal_in_the_record()
    {
        var tenant = await Tenant.MakeAsync(server);
        (await server.Api(server.Operator).SendAsync(HttpMethod.Put, $"/platform/api/v1/accounts/{tenant.Id}/plan", new { name = "small", services = Array.Empty<string>() })).Ok();
        await Until.TrueAsync(
            async () => (await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/queues", new { name = $"{Guid.NewGuid()}", team_ids = new[] { tenant.Team } })).Code == "notEntitled", () => "what was contracted counts");
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        Assert.Equal("notEntitled", HubTests.CodeOf(await desk.CallAsync("ControlConversation", new { number = 1, conversationId = tenant.Conversation, operation = "transfer", queueId = tenant.Id })));
        var bulk = new { conversation_ids = new[] { tenant.Conversation }, action = new { operation = "transfer", queue_id = tenant.Id } };
        Assert.Contains("notEntitled", (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/bulk_actions", bulk)).Body, StringComparison.Ordinal);

        Assert.Equal(
            ["operation: controlConversations, code: notEntitled", "operation: createQueue, code: notEntitled", "operation: transfer, code: notEntitled"],
            (await RefusedAsync(tenant)).Select(act => act.Detail!).Order(StringComparer.Ordinal));
    }

    [Fact]
    [Trait("Catalogue", "RCC-36")]
    public async Task Every_route_that_changes_something_records_that_it_refused_a_sub_agent_once()
    {
        var tenant = await Tenant.MakeAsync(server);
        var names = server.Routes.SelectMany(route => RouteAccess.NamesOf(route).Select(name => (name, route.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName))).ToDictionary(StringComparer.Ordinal);
        SortedSet<string> expected = new(StringComparer.Ordinal);
        foreach (var (route, entry) in RouteAccess.Entries.Where(e => e.Key.Contains(" /api/v1/accounts/", StringComparison.Ordinal) && !e.Key.StartsWith("GET ", StringComparison.Ordinal) && !e.Value.May.HasFlag(Who.Agent)))
        {
            for (var i = 0; i < 2; i++)
            {
                var answer = await tenant.Agent.Api.SendAsync(RouteAccess.MethodOf(route), RouteAccess.PathOf(route, tenant, tenant), entry.Body?.Invoke(tenant));
                if (answer.Status == HttpStatusCode.Forbidden) expected.Add($"{names[route]}");
            }
        }

        var acts = await RefusedAsync(tenant);
        Assert.True(expected.Count > 30, $"Only {expected.Count} routes refuse a sub-agent.");
        Assert.Equal(expected, acts.Select(act => act.Detail!.Split([": ", ", "], StringSplitOptions.None)[1]).Order(StringComparer.Ordinal));
        Assert.All(acts, act => Assert.Equal(tenant.Agent.Id, act.Actor!.Id));
    }

    [Fact]
    public async Task Reads_messages_customers_and_other_refusals_are_not_in_the_record()
    {
        var tenant = await Tenant.MakeAsync(server);
        var conversation = $"{tenant.Path}/conversations/{tenant.Conversation}";
        var key = (await tenant.Administrator.Api.PostAsync($"{tenant.Path}/access_tokens", new { name = "Reader", scopes = new[] { "conversations:read" } })).Text("token");
        (await tenant.Agent.Api.GetAsync($"{tenant.Path}/audit_logs")).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await server.Api(key).SendAsync(HttpMethod.Post, $"{conversation}/messages", new { content = "Hello" })).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await server.Api(key).SendAsync(HttpMethod.Post, $"{conversation}/update_last_seen", new { seq = 1 })).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await tenant.Customer.Api.SendAsync(HttpMethod.Post, $"{conversation}/hold")).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations/{Guid.NewGuid()}/hold")).Refused(HttpStatusCode.NotFound, "notFound");
        (await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/teams", new { name = "" })).Refused(HttpStatusCode.BadRequest, "malformed");
        Assert.Empty(await RefusedAsync(tenant));

        // Only to show that the record is there.
        (await server.Api(key).SendAsync(HttpMethod.Post, $"{conversation}/hold")).Refused(HttpStatusCode.Forbidden, "forbidden");
        Assert.Equal("application", Assert.Single((await tenant.Administrator.Api.GetAsync($"{tenant.Path}/audit_logs?action={Refused}")).Ok().Json.GetProperty("data").EnumerateArray())
            .GetProperty("actor").GetProperty("type").GetString());
    }

    async Task<IReadOnlyList<RecordedAct>> RefusedAsync(Tenant tenant) =>
        await server.Server.Services.GetRequiredService<IActStore>().ListAsync(new TenantId(tenant.Id), new() { Action = Refused, Limit = 1_000 }, TestContext.Current.CancellationToken);
}
