using System.Net;
using Microsoft.AspNetCore.Authorization;

namespace Rcc.Server.Tests;

/// <summary>
/// Every route, tried by everybody: with no credential, with another role's, with another tenant's credential and ids. The list of routes is the program's own, so that a new one cannot be forgotten.
/// </summary>
[Trait("Catalogue", "INV-24")]
public sealed class RouteTests(RunningServer server)
{
    static readonly Who[] Callers = [Who.Administrator, Who.MasterAgent, Who.Agent, Who.Customer, Who.Application, Who.Operator];

    public static TheoryData<string> All => [.. RouteAccess.Entries.Keys];

    public static TheoryData<string> Guarded => [.. RouteAccess.Entries.Where(e => !e.Value.May.HasFlag(Who.Anyone)).Select(e => e.Key)];

    public static TheoryData<string> OfAccounts => [.. RouteAccess.Entries.Keys.Where(k => k.Contains(" /api/v1/accounts/", StringComparison.Ordinal))];

    public static TheoryData<string> NamingObjects => [.. RouteAccess.Entries.Where(e => e.Value.NamesObject).Select(e => e.Key)];

    [Fact]
    public void Every_route_has_its_entry_and_every_entry_its_route()
    {
        var routes = server.Routes.SelectMany(RouteAccess.NamesOf).ToHashSet(StringComparer.Ordinal);
        Assert.Empty(routes.Except(RouteAccess.Entries.Keys, StringComparer.Ordinal));
        Assert.Empty(RouteAccess.Entries.Keys.Except(routes, StringComparer.Ordinal));
    }

    [Fact]
    public void Every_route_says_who_may_use_it() =>
        Assert.All(server.Routes, r => Assert.True(r.Metadata.GetMetadata<IAllowAnonymous>() is not null || r.Metadata.GetMetadata<IAuthorizeData>() is not null, r.RoutePattern.RawText));

    [Theory]
    [MemberData(nameof(Guarded))]
    public async Task Without_a_credential_a_guarded_route_is_refused(string route)
    {
        var tenant = await Tenants.FirstAsync(server);
        var method = RouteAccess.MethodOf(route);
        var path = RouteAccess.PathOf(route, tenant, tenant);
        var body = RouteAccess.Entries[route].Body?.Invoke(tenant);
        (await server.Api().SendAsync(method, path, body)).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        (await server.Api("rccd_" + new string('A', 43)).SendAsync(method, path, body)).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        (await server.Api("garbage").SendAsync(method, path, body)).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Each_role_gets_in_where_it_may_and_nowhere_else(string route)
    {
        var entry = RouteAccess.Entries[route];
        var isHub = route.Contains("/hubs/", StringComparison.Ordinal);
        foreach (var who in Callers)
        {
            var may = entry.May.HasFlag(who) || entry.May.HasFlag(Who.Anyone);
            // Who takes part in the shared conversation depends on which route was tried before.
            var tenant = (entry.Ends && may) || entry.AsksWhoTakesPart ? await Tenant.MakeAsync(server) : await Tenants.FirstAsync(server);
            var api = entry.Ends && who == Who.Operator ? server.Api(await server.SignInOperatorAsync()) : CredentialOf(tenant, who);
            var answer = await api.SendAsync(RouteAccess.MethodOf(route), RouteAccess.PathOf(route, tenant, tenant), entry.Body?.Invoke(tenant));
            var outcome = $"{who} at {route}: {answer.Status} {answer.Body}";
            if (!may)
            {
                Assert.True(answer.Status is HttpStatusCode.Forbidden or HttpStatusCode.NotFound, outcome);
            }
            else if (isHub || route.EndsWith("/setup", StringComparison.Ordinal) || route.Contains("/auth/oidc/", StringComparison.Ordinal))
            {
                // No WebSocket, no code, no provider: refused for the shape, and not for who it is.
                Assert.True(answer.Status is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.InternalServerError), outcome);
            }
            else if (entry.NeedsOccasion)
            {
                Assert.True(answer.Status is HttpStatusCode.Conflict || (int)answer.Status is >= 200 and < 300, outcome);
            }
            else
            {
                Assert.True((int)answer.Status is >= 200 and < 300, outcome);
            }
        }
    }

    [Theory]
    [MemberData(nameof(OfAccounts))]
    public async Task Another_tenants_account_does_not_exist(string route)
    {
        var (tenant, other) = (await Tenants.FirstAsync(server), await Tenants.SecondAsync(server));
        var entry = RouteAccess.Entries[route];
        var nowhere = $"/api/v1/accounts/{Guid.NewGuid()}{RouteAccess.PathOf(route, tenant, tenant)[$"/api/v1/accounts/{tenant.Id}".Length..]}";
        foreach (var who in Callers.Where(w => w != Who.Operator))
        {
            var api = CredentialOf(other, who);
            var foreign = await api.SendAsync(RouteAccess.MethodOf(route), RouteAccess.PathOf(route, tenant, tenant), entry.Body?.Invoke(tenant));
            var unknown = await api.SendAsync(RouteAccess.MethodOf(route), nowhere, entry.Body?.Invoke(tenant));
            foreign.Refused(HttpStatusCode.NotFound, "notFound");
            Assert.Equal(unknown.Body, foreign.Body);
        }
    }

    [Theory]
    [MemberData(nameof(NamingObjects))]
    public async Task Another_tenants_objects_do_not_exist_in_ones_own_account(string route)
    {
        var (tenant, other) = (await Tenants.FirstAsync(server), await Tenants.SecondAsync(server));
        var entry = RouteAccess.Entries[route];
        var path = RouteAccess.PathOf(route, other, tenant);
        var unknown = path.Split('/').Select(part => Guid.TryParse(part, out var id) && id != other.Id ? Guid.NewGuid().ToString() : part);
        foreach (var who in Callers.Where(w => entry.May.HasFlag(w)))
        {
            var api = CredentialOf(other, who);
            var foreign = await api.SendAsync(RouteAccess.MethodOf(route), path, entry.Body?.Invoke(other));
            Assert.True(foreign.Status is HttpStatusCode.NotFound or HttpStatusCode.Forbidden, $"{who}: {foreign.Status} {foreign.Body}");
            Assert.Equal((await api.SendAsync(RouteAccess.MethodOf(route), string.Join('/', unknown), entry.Body?.Invoke(other))).Body, foreign.Body);
        }
    }

    [Fact]
    public async Task Lists_hold_nothing_of_another_tenant()
    {
        var (tenant, other) = (await Tenants.FirstAsync(server), await Tenants.SecondAsync(server));
        string[] secrets = [tenant.Agent.Id.ToString(), tenant.Team.ToString(), tenant.Inbox.ToString(), tenant.Queue.ToString(), tenant.Customer.Id.ToString(), tenant.Conversation.ToString(), tenant.Application.Id.ToString()];
        foreach (var route in RouteAccess.Entries.Keys.Where(k => k.StartsWith("GET /api/v1/accounts/", StringComparison.Ordinal) && !RouteAccess.Entries[k].NamesObject))
        {
            var listed = await other.Master.Api.GetAsync(RouteAccess.PathOf(route, other, other));
            Assert.All(secrets, id => Assert.DoesNotContain(id, listed.Body, StringComparison.Ordinal));
        }
    }

    Api CredentialOf(Tenant tenant, Who who) => who == Who.Operator ? server.Api(server.Operator) : tenant.Of(who).Api;
}
