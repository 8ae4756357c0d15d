using Rcc.Core;
using Rcc.Core.Sync;

namespace Rcc.Postgres.Sync;

/// <summary>Who is alive, by the clock of the database alone: nodes' clocks need not agree.</summary>
public sealed class NodeStore(Database database) : INodeStore
{
    public async Task<bool> BeatAsync(Guid node, CancellationToken cancellationToken) =>
        await database.ExecuteAsync("UPDATE node SET seen_at = greatest(seen_at, now()) WHERE id = $1", [Database.Of(node)], cancellationToken) == 1;

    public Task FollowAsync(Guid node, Guid tail, TenantId tenant, CancellationToken cancellationToken) => database.ExecuteAsync(
        """
        WITH alive AS (
            INSERT INTO node AS n (id, seen_at) VALUES ($1, now()) ON CONFLICT (id) DO UPDATE SET seen_at = greatest(n.seen_at, now())
        )
        INSERT INTO node_tail (id, node, tenant) VALUES ($2, $1, $3) ON CONFLICT DO NOTHING
        """,
        [Database.Of(node), Database.Of(tail), Database.Of(tenant)], cancellationToken);

    public Task LeaveAsync(Guid tail, CancellationToken cancellationToken) =>
        database.ExecuteAsync("DELETE FROM node_tail WHERE id = $1", [Database.Of(tail)], cancellationToken);

    public Task ForgetAsync(Guid node, CancellationToken cancellationToken) =>
        database.ExecuteAsync("DELETE FROM node WHERE id = $1", [Database.Of(node)], cancellationToken);

    public async Task<IReadOnlyList<Guid>> FindFollowersAsync(TenantId tenant, TimeSpan within, CancellationToken cancellationToken) => await database.ListAsync(
        "SELECT DISTINCT t.node FROM node_tail t JOIN node n ON n.id = t.node WHERE t.tenant = $1 AND n.seen_at >= now() - $2",
        row => row.GetGuid(0), [Database.Of(tenant), Database.Of(within)], cancellationToken);
}
