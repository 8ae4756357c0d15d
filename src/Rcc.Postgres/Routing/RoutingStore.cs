using Npgsql;
using Rcc.Core;
using Rcc.Core.Routing;

namespace Rcc.Postgres.Routing;

/// <summary>What waits and who is free. A conversation waits that has no agent, or whose agent was suspended.</summary>
public sealed class RoutingStore(Database database) : IRoutingStore
{
    /// <summary>From tenant to tenant along the index of what waits: one probe for each, however much waits.</summary>
    public async Task<IReadOnlyList<TenantId>> FindTenantsWithWorkAsync(int limit, CancellationToken cancellationToken) => await database.ListAsync(
        """
        WITH RECURSIVE waiting AS (
            (SELECT c.tenant FROM conversation c WHERE c.waiting_since IS NOT NULL ORDER BY c.tenant LIMIT 1)
            UNION ALL
            SELECT n.tenant FROM waiting w CROSS JOIN LATERAL (
                SELECT c.tenant FROM conversation c WHERE c.waiting_since IS NOT NULL AND c.tenant > w.tenant ORDER BY c.tenant LIMIT 1) n
        ), work AS (
            SELECT w.tenant FROM waiting w
            UNION
            SELECT a.tenant FROM agent a
            WHERE a.suspended AND EXISTS (SELECT FROM conversation c WHERE c.tenant = a.tenant AND c.assignee = a.id AND c.status = 0)
        )
        SELECT w.tenant
        FROM work w
        JOIN tenant t ON t.id = w.tenant AND t.suspended_at IS NULL
        WHERE EXISTS (SELECT FROM agent a WHERE a.tenant = w.tenant AND a.availability = 1 AND NOT a.suspended)
        LIMIT $1
        """,
        row => new TenantId(row.GetGuid(0)), [Database.Of((long)limit)], cancellationToken);

    public async Task<RoutingSnapshot> LoadAsync(TenantId tenant, int limit, CancellationToken cancellationToken)
    {
        List<Guid> waiting = [];
        List<AvailableAgent> agents = [];
        await database.ListAsync(
            """
            (SELECT true, w.id, 0::bigint, NULL::timestamptz
            FROM (
                (SELECT c.id, c.waiting_since AS since
                FROM conversation c
                WHERE c.tenant = $1 AND c.waiting_since IS NOT NULL
                ORDER BY c.waiting_since LIMIT $2)
                UNION ALL
                (SELECT c.id, c.opened_at
                FROM agent a JOIN conversation c ON c.tenant = $1 AND c.assignee = a.id AND c.status = 0 AND c.waiting_since IS NULL
                WHERE a.tenant = $1 AND a.suspended
                ORDER BY c.opened_at LIMIT $2)
            ) w
            ORDER BY w.since LIMIT $2)
            UNION ALL
            SELECT false, a.id, (SELECT count(*) FROM conversation c WHERE c.tenant = $1 AND c.assignee = a.id AND c.status = 0),
                (SELECT c.assigned_at FROM conversation c WHERE c.tenant = $1 AND c.assignee = a.id AND c.assigned_at IS NOT NULL ORDER BY c.assigned_at DESC LIMIT 1)
            FROM agent a
            WHERE a.tenant = $1 AND a.availability = 1 AND NOT a.suspended
            """,
            row =>
            {
                Add(row);
                return 0;
            },
            [Database.Of(tenant), Database.Of((long)limit)], cancellationToken);
        return new RoutingSnapshot(waiting, agents);

        void Add(NpgsqlDataReader row)
        {
            if (row.GetBoolean(0))
            {
                waiting.Add(row.GetGuid(1));
            }
            else
            {
                agents.Add(new AvailableAgent(row.GetGuid(1), (int)row.GetInt64(2), row.IsDBNull(3) ? null : row.GetFieldValue<DateTimeOffset>(3)));
            }
        }
    }
}
