using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Routing;
using Rcc.Core.Sync;
using static Rcc.Postgres.Tests.Scene;

namespace Rcc.Postgres.Tests.Routing;

public class RoutingStoreTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    IRoutingStore Store => fixture.Stores.Routing;

    [Fact]
    public async Task What_waits_comes_longest_first_with_the_load_of_those_who_are_free()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var busy = await scene.AddAgentAsync(availability: Availability.Busy);
        var loaded = await scene.AddAgentAsync();
        var idle = await scene.AddAgentAsync();
        await scene.OpenAsync(await scene.AddCustomerAsync(), loaded);
        await scene.TurnAsync(await scene.OpenAsync(await scene.AddCustomerAsync(), loaded), ConversationStatus.Resolved);
        await scene.OpenAsync(await scene.AddCustomerAsync(), busy);
        var first = await scene.OpenAsync(await scene.AddCustomerAsync());
        var second = await scene.OpenAsync(await scene.AddCustomerAsync());
        await fixture.ScalarAsync("UPDATE conversation SET waiting_since = waiting_since - interval '1 minute' WHERE tenant = $1 AND id = $2", scene.Tenant.Value, second.Id);

        var snapshot = await Store.LoadAsync(scene.Tenant, 10, default);

        Assert.Equal([second.Id, first.Id], snapshot.Waiting);
        Assert.Equal([(loaded.Id, 1), (idle.Id, 0)], snapshot.Agents.OrderBy(a => a.Id).Select(a => (a.Id, a.OpenConversations)));
        Assert.NotNull(snapshot.Agents.Single(a => a.Id == loaded.Id).LastAssignedAt);
        Assert.Null(snapshot.Agents.Single(a => a.Id == idle.Id).LastAssignedAt);
        Assert.Equal([second.Id], (await Store.LoadAsync(scene.Tenant, 1, default)).Waiting);
    }

    [Fact]
    public async Task A_tenant_has_work_while_something_waits_and_somebody_is_available()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var agent = await scene.AddAgentAsync();
        Assert.False(await HasWorkAsync());
        var talk = await scene.OpenAsync(await scene.AddCustomerAsync());
        Assert.True(await HasWorkAsync());
        Assert.DoesNotContain(await Store.FindHeldAsync(1000, default), held => held.Tenant == scene.Tenant);
        await scene.SuspendAsync(true);
        Assert.False(await HasWorkAsync());
        await scene.SuspendAsync(false);
        await scene.AssignAsync(talk, agent);
        Assert.False(await HasWorkAsync());

        // Its agent is suspended: it waits again, but nobody is there until another comes.
        await scene.AcceptAsync(new Proposal
        {
            Rows =
            [
                new AgentRow { Id = agent.Id, Email = "a@b", Name = "A", Role = Role.Agent, PasswordHash = "h", Availability = Availability.Online, Suspended = true },
            ],
        });
        Assert.False(await HasWorkAsync());
        Assert.Contains(new HeldConversation(scene.Tenant, talk.Id), await Store.FindHeldAsync(1000, default));
        Assert.Empty(await Store.FindHeldAsync(0, default));
        await scene.AddAgentAsync();
        Assert.True(await HasWorkAsync());
        Assert.Equal([talk.Id], (await Store.LoadAsync(scene.Tenant, 10, default)).Waiting);

        async Task<bool> HasWorkAsync() => (await Store.FindTenantsWithWorkAsync(1000, default)).Contains(scene.Tenant);
    }
}
