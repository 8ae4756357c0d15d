using Rcc.Core;
using Rcc.Core.Sync;

namespace Rcc.Postgres.Tests.Sync;

/// <summary>Who follows a tenant, and for how long one believes it.</summary>
public class NodeStoreTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    static readonly TimeSpan Lately = TimeSpan.FromMinutes(1);

    readonly TenantId tenant = new(Guid.CreateVersion7());
    readonly Guid node = Guid.CreateVersion7();

    INodeStore Store => fixture.Stores.Nodes;

    [Fact, Trait("Catalogue", "INV-23")]
    public async Task A_node_follows_a_tenant_until_its_last_tail_has_left()
    {
        var (first, second) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await Store.FollowAsync(node, first, tenant, default);
        await Store.FollowAsync(node, second, tenant, default);
        await Store.FollowAsync(node, second, tenant, default);
        await Store.FollowAsync(Guid.CreateVersion7(), Guid.CreateVersion7(), new(Guid.CreateVersion7()), default);
        Assert.Equal([node], await Store.FindFollowersAsync(tenant, Lately, default));
        await Store.LeaveAsync(first, default);
        Assert.Equal([node], await Store.FindFollowersAsync(tenant, Lately, default));
        await Store.LeaveAsync(second, default);
        Assert.Empty(await Store.FindFollowersAsync(tenant, Lately, default));
    }

    [Fact, Trait("Catalogue", "INV-23")]
    public async Task A_node_that_has_not_been_heard_of_lately_is_followed_no_more_until_it_beats()
    {
        await Store.FollowAsync(node, Guid.CreateVersion7(), tenant, default);
        await fixture.ScalarAsync($"UPDATE node SET seen_at = now() - interval '3 seconds' WHERE id = '{node}'");
        Assert.Empty(await Store.FindFollowersAsync(tenant, TimeSpan.FromSeconds(2), default));
        Assert.True(await Store.BeatAsync(node, default));
        Assert.Equal([node], await Store.FindFollowersAsync(tenant, Lately, default));
    }

    [Fact]
    public async Task A_node_that_is_forgotten_follows_nobody_and_is_told_so()
    {
        await Store.FollowAsync(node, Guid.CreateVersion7(), tenant, default);
        await Store.ForgetAsync(node, default);
        Assert.Empty(await Store.FindFollowersAsync(tenant, Lately, default));
        Assert.False(await Store.BeatAsync(node, default));
    }

    [Fact]
    public async Task Retention_forgets_nodes_that_were_killed_long_ago_and_no_others()
    {
        var killed = Guid.CreateVersion7();
        await Store.FollowAsync(node, Guid.CreateVersion7(), tenant, default);
        await Store.FollowAsync(killed, Guid.CreateVersion7(), tenant, default);
        await fixture.ScalarAsync($"UPDATE node SET seen_at = now() - interval '2 hours' WHERE id = '{killed}'");
        await fixture.Stores.Retention.TrimAsync(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, default);
        Assert.True(await Store.BeatAsync(node, default));
        Assert.False(await Store.BeatAsync(killed, default));
        Assert.Equal([node], await Store.FindFollowersAsync(tenant, TimeSpan.FromDays(1), default));
    }
}
