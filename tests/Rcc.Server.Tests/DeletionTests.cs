using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Rcc.Core;
using Rcc.Core.Tenants;
using Rcc.Server.Tests.Processes;

namespace Rcc.Server.Tests;

/// <summary>An account is deleted after a waiting time, and then nothing of it resolves.</summary>
[Trait("Catalogue", "RCC-32")]
public sealed class DeletionTests(RunningServer server)
{
    [Fact]
    public async Task While_its_deletion_waits_an_account_works_on_is_told_and_the_deletion_may_be_cancelled()
    {
        var tenant = await Tenant.MakeAsync(server);
        var path = $"/platform/api/v1/accounts/{tenant.Id}";
        var platform = server.Api(server.Operator);
        await using var hub = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);

        var asked = (await platform.SendAsync(HttpMethod.Delete, path)).Ok().Json.GetProperty("deletes_at").GetDateTimeOffset();

        Assert.InRange(asked - DateTimeOffset.UtcNow, TimeSpan.FromDays(29.9), TimeSpan.FromDays(30.1));
        Assert.Equal(asked, (await platform.SendAsync(HttpMethod.Delete, path)).Ok().Json.GetProperty("deletes_at").GetDateTimeOffset());
        var told = await hub.NextItemAsync(item => item.GetProperty("kind").GetString() == "account" && item.GetProperty("state").TryGetProperty("deletesAt", out _));
        Assert.Equal(asked, told.GetProperty("state").GetProperty("deletesAt").GetDateTimeOffset());
        await tenant.Customer.Api.PostAsync($"{tenant.Path}/conversations/{tenant.Conversation}/messages", new { content = "Still here" });

        (await platform.SendAsync(HttpMethod.Post, $"{path}/cancel_deletion")).Ok();

        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await tenant.Master.Api.GetAsync(tenant.Path)).Ok().Json.GetProperty("deletes_at").ValueKind);
        await hub.NextItemAsync(item => item.GetProperty("kind").GetString() == "account" && !item.GetProperty("state").TryGetProperty("deletesAt", out _));
        (await platform.SendAsync(HttpMethod.Delete, $"/platform/api/v1/accounts/{Guid.NewGuid()}")).Refused(HttpStatusCode.NotFound, "notFound");
    }

    [Fact]
    public async Task After_it_nothing_resolves_connections_are_closed_and_only_what_operators_did_is_kept()
    {
        string[] settings = ["--Rcc:Tenants:DeletionWait=00:00:00", "--Rcc:Tenants:ErasureInterval=00:00:00.05", "--Rcc:Tenants:ErasedRows=5"];
        await using var impatient = await RunningServer.WithAsync(settings);
        await using var other = await impatient.StartAnotherAsync(settings);
        var tenant = await Tenant.MakeAsync(impatient);
        var platform = impatient.Api(impatient.Operator);
        await using var agent = await HubSocket.SynchronizeAsync(other.Address, tenant.Agent.Credential);
        await using var customer = await HubSocket.SynchronizeAsync(impatient.Address, tenant.Customer.Credential);

        (await platform.SendAsync(HttpMethod.Delete, $"/platform/api/v1/accounts/{tenant.Id}")).Ok();

        await agent.Closed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await customer.Closed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        (await impatient.Api().SendAsync(HttpMethod.Post, "/api/v1/auth/invitation", new { token = tenant.Invitation })).Refused(HttpStatusCode.NotFound, "notFound");
        foreach (var person in new[] { tenant.Administrator, tenant.Master, tenant.Agent, tenant.Application, tenant.Customer })
        {
            (await person.Api.GetAsync(tenant.Path)).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        }

        Assert.Equal(401, await HubSocket.RefusedWithAsync(other.Address, tenant.Agent.Credential));
        (await impatient.Api().SendAsync(HttpMethod.Post, "/api/v1/auth/sign_in", new { account = tenant.Slug, email = tenant.AgentEmail, password = Tenant.Password, device_name = "Test" }))
            .Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        (await impatient.Api().SendAsync(HttpMethod.Post, $"/public/api/v1/inboxes/{tenant.InboxIdentifier}/contacts", new { })).Refused(HttpStatusCode.NotFound, "notFound");
        (await impatient.Api().GetAsync(new Oidc.OidcSignIn(impatient.Address, tenant.Slug).Start(returnUrl: "https://desk.example/").PathAndQuery)).Refused(HttpStatusCode.NotFound, "notFound");
        foreach (var route in RouteAccess.Entries.Keys.Where(route => route.Contains("/platform/api/v1/accounts/{account_id:guid}", StringComparison.Ordinal)))
        {
            (await platform.SendAsync(RouteAccess.MethodOf(route), RouteAccess.PathOf(route, tenant, tenant), RouteAccess.Entries[route].Body?.Invoke(tenant))).Refused(HttpStatusCode.NotFound, "notFound");
        }

        // The name is free again when the last row is gone.
        await Until.TrueAsync(async () => await ActsAsync(impatient, tenant) is ["erase", ..], () => "the last row is erased");
        Assert.Equal(["erase", "delete", "request_deletion", "create"], await ActsAsync(impatient, tenant));
        (await platform.PostAsync("/platform/api/v1/accounts", new { name = "Next", slug = tenant.Slug, master_agent = new { name = "M", email = "m@example.org", password = Tenant.Password } })).Ok();
    }

    static async Task<List<string>> ActsAsync(RunningServer server, Tenant tenant) => [.. (await server.Server.Services.GetRequiredService<IActStore>()
        .ListAsync(new TenantId(tenant.Id), new() { Limit = 100 }, TestContext.Current.CancellationToken)).Select(act => act.Action)];
}
