using Microsoft.Extensions.DependencyInjection;
using Rcc.Core;
using Rcc.Core.Tenants;

namespace Rcc.Server.Tests;

/// <summary>
/// Every route that changes something leaves an act in the action record, by whoever did it, unless its entry says that it is the day's work. The list of routes is the program's own
/// (<see cref="RouteTests.Every_route_has_its_entry_and_every_entry_its_route"/>), so that a new one which records nothing fails here.
/// </summary>
[Trait("Catalogue", "RCC-35")]
public sealed class RecordedRouteTests(RunningServer server)
{
    public static TheoryData<string> Administrative => [.. Changing.Where(route => !IsEveryday(route) && !RouteAccess.Entries[route].NeedsOccasion)];

    public static TheoryData<string> Everyday => [.. Changing.Where(route => IsEveryday(route) && !RouteAccess.Entries[route].NeedsOccasion)];

    static IEnumerable<string> Changing => RouteAccess.Entries.Keys.Where(route =>
        !route.StartsWith("GET ", StringComparison.Ordinal) && !route.StartsWith("ANY ", StringComparison.Ordinal) && !RouteAccess.Entries[route].May.HasFlag(Who.Anyone));

    static bool IsEveryday(string route) =>
        RouteAccess.Entries[route].Everyday || route.Contains("/conversations", StringComparison.Ordinal)
        || (route.Contains("/contacts", StringComparison.Ordinal) && !route.EndsWith("merge", StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Administrative))]
    public async Task Whoever_uses_an_administrative_route_is_in_the_record(string route)
    {
        var entry = RouteAccess.Entries[route];
        foreach (var who in new[] { Who.Administrator, Who.MasterAgent, Who.Agent, Who.Application, Who.Operator }.Where(w => entry.May.HasFlag(w)))
        {
            var tenant = await Tenant.MakeAsync(server);
            if (entry.After is { } before)
            {
                (await UseAsync(tenant, who, before)).Ok();
            }

            var known = (await ActsAsync(tenant)).Select(act => act.Id).ToHashSet();

            var answer = await UseAsync(tenant, who, route);

            Assert.True(answer.IsSuccess, $"{who} at {route}: {answer.Status} {answer.Body}");
            var acts = (await ActsAsync(tenant, MadeBy(route, answer))).Where(act => !known.Contains(act.Id)).ToList();
            Assert.True(acts.Count > 0, $"{route} leaves nothing in the action record. If it is no administrative act, its entry in RouteAccess must say Everyday.");
            Assert.All(acts, act => Assert.Equal(who == Who.Operator ? null : tenant.Of(who).DeviceId, act.Actor!.DeviceId));
        }
    }

    [Theory]
    [MemberData(nameof(Everyday))]
    public async Task The_days_work_is_not_in_the_record(string route)
    {
        var tenant = await Tenant.MakeAsync(server);
        var known = (await ActsAsync(tenant)).Count;
        var who = new[] { Who.Customer, Who.Agent, Who.MasterAgent, Who.Application, Who.Operator }.First(w => RouteAccess.Entries[route].May.HasFlag(w));

        Assert.True((await UseAsync(tenant, who, route)).IsSuccess);

        Assert.Equal(known, (await ActsAsync(tenant)).Count);
    }

    /// <summary>The account whose record it is: that of the tenant, or the one that was made.</summary>
    static Guid? MadeBy(string route, ApiAnswer answer) => route.Contains("/platform/api/v1/operators", StringComparison.Ordinal) ? Guid.Empty : route is "POST /platform/api/v1/accounts" or "POST /platform/api/v1/accounts/import" ? answer.Id() : null;

    async Task<ApiAnswer> UseAsync(Tenant tenant, Who who, string route)
    {
        // An operator's session that ends must not be the one all tests have.
        var api = who != Who.Operator
            ? tenant.Of(who).Api
            : server.Api(RouteAccess.Entries[route].Ends ? await server.SignInOperatorAsync() : server.Operator);
        return await api.SendAsync(RouteAccess.MethodOf(route), RouteAccess.PathOf(route, tenant, tenant), RouteAccess.Entries[route].Body?.Invoke(tenant));
    }

    /// <summary>As the store has them: a route may end who could ask.</summary>
    Task<IReadOnlyList<RecordedAct>> ActsAsync(Tenant tenant, Guid? account = null) =>
        server.Server.Services.GetRequiredService<IActStore>().ListAsync(new TenantId(account ?? tenant.Id), new() { Limit = 1_000 }, TestContext.Current.CancellationToken);
}
