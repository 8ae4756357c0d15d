using Microsoft.Extensions.Options;
using Npgsql;
using Rcc.Core;
using Rcc.Core.Agents;
using Rcc.Core.Routing;

namespace Rcc.Postgres.Routing;

/// <summary>What waits, what is due, and who is free. A conversation waits that has no agent and is offered to none, or whose agent was suspended.</summary>
public sealed class RoutingStore(Database database, IOptions<AgentOptions> agentOptions) : IRoutingStore
{
    /// <summary>From tenant to tenant along the indexes of what waits and what is due: one probe for each, however much there is.</summary>
    public async Task<IReadOnlyList<TenantId>> FindTenantsWithWorkAsync(int limit, CancellationToken cancellationToken) => await database.ListAsync(
        """
        WITH RECURSIVE waiting AS (
            (SELECT c.tenant FROM conversation c WHERE c.waiting_since IS NOT NULL ORDER BY c.tenant LIMIT 1)
            UNION ALL
            SELECT n.tenant FROM waiting w CROSS JOIN LATERAL (
                SELECT c.tenant FROM conversation c WHERE c.waiting_since IS NOT NULL AND c.tenant > w.tenant ORDER BY c.tenant LIMIT 1) n
        ), timed AS (
            (SELECT c.tenant FROM conversation c WHERE c.due_at IS NOT NULL ORDER BY c.tenant LIMIT 1)
            UNION ALL
            SELECT n.tenant FROM timed w CROSS JOIN LATERAL (
                SELECT c.tenant FROM conversation c WHERE c.due_at IS NOT NULL AND c.tenant > w.tenant ORDER BY c.tenant LIMIT 1) n
        ), work AS (
            SELECT w.tenant FROM waiting w
            UNION
            SELECT a.tenant FROM agent a
            WHERE a.suspended AND EXISTS (SELECT FROM conversation c WHERE c.tenant = a.tenant AND c.assignee = a.id AND c.status = 0)
        ), found AS (
            SELECT w.tenant FROM work w WHERE EXISTS (SELECT FROM agent a WHERE a.tenant = w.tenant AND a.availability = 1 AND NOT a.suspended)
            UNION
            SELECT d.tenant FROM timed d WHERE EXISTS (SELECT FROM conversation c WHERE c.tenant = d.tenant AND c.due_at <= now())
        )
        SELECT f.tenant FROM found f JOIN tenant t ON t.id = f.tenant AND t.suspended_at IS NULL LIMIT $1
        """,
        row => new TenantId(row.GetGuid(0)), [Database.Of((long)limit)], cancellationToken);

    public async Task<IReadOnlyList<HeldConversation>> FindHeldAsync(int limit, CancellationToken cancellationToken) => await database.ListAsync(
        """
        SELECT c.tenant, c.id
        FROM agent a
        JOIN tenant t ON t.id = a.tenant AND t.suspended_at IS NULL
        JOIN conversation c ON c.tenant = a.tenant AND c.assignee = a.id AND c.status = 0
        WHERE a.suspended
        LIMIT $1
        """,
        row => new HeldConversation(new TenantId(row.GetGuid(0)), row.GetGuid(1)), [Database.Of((long)limit)], cancellationToken);

    public async Task<RoutingSnapshot> LoadAsync(TenantId tenant, int limit, CancellationToken cancellationToken)
    {
        List<Guid> waiting = [];
        List<AvailableAgent> agents = [];
        await database.ListAsync(
            """
            (SELECT true, w.id, 0::bigint, NULL::timestamptz, NULL::integer
            FROM (
                (SELECT c.id, c.waiting_since AS since
                FROM conversation c
                WHERE c.tenant = $1 AND c.waiting_since IS NOT NULL AND c.offered_to IS NULL
                ORDER BY c.waiting_since LIMIT $2)
                UNION ALL
                (SELECT c.id, c.opened_at
                FROM agent a JOIN conversation c ON c.tenant = $1 AND c.assignee = a.id AND c.status = 0 AND c.waiting_since IS NULL
                WHERE a.tenant = $1 AND a.suspended
                ORDER BY c.opened_at LIMIT $2)
            ) w
            ORDER BY w.since LIMIT $2)
            UNION ALL
            SELECT false, a.id,
                (SELECT count(*) FROM conversation c WHERE c.tenant = $1 AND c.assignee = a.id AND c.status = 0)
                    + (SELECT count(*) FROM conversation c WHERE c.tenant = $1 AND c.offered_to = a.id),
                (SELECT c.assigned_at FROM conversation c WHERE c.tenant = $1 AND c.assignee = a.id AND c.assigned_at IS NOT NULL ORDER BY c.assigned_at DESC LIMIT 1),
                coalesce(a.capacity, $3)
            FROM agent a
            WHERE a.tenant = $1 AND a.availability = 1 AND NOT a.suspended
            """,
            row =>
            {
                Add(row);
                return 0;
            },
            [Database.Of(tenant), Database.Of((long)limit), Database.Of(agentOptions.Value.DefaultCapacity)], cancellationToken);
        return new RoutingSnapshot(waiting, agents);

        void Add(NpgsqlDataReader row)
        {
            if (row.GetBoolean(0))
            {
                waiting.Add(row.GetGuid(1));
            }
            else
            {
                agents.Add(new AvailableAgent(row.GetGuid(1), (int)row.GetInt64(2), row.IsDBNull(3) ? null : row.GetFieldValue<DateTimeOffset>(3), row.GetInt32(4)));
            }
        }
    }

    public async Task<DueConversations> FindDueAsync(TenantId tenant, int limit, CancellationToken cancellationToken)
    {
        List<Guid> due = [];
        DateTimeOffset? next = null;
        await database.ListAsync(
            """
            (SELECT c.id, NULL::timestamptz FROM conversation c WHERE c.tenant = $1 AND c.due_at <= now() ORDER BY c.due_at LIMIT $2)
            UNION ALL
            (SELECT c.id, c.due_at FROM conversation c WHERE c.tenant = $1 AND c.due_at > now() ORDER BY c.due_at LIMIT 1)
            """,
            row =>
            {
                if (row.IsDBNull(1))
                {
                    due.Add(row.GetGuid(0));
                }
                else
                {
                    next = row.GetFieldValue<DateTimeOffset>(1);
                }

                return 0;
            },
            [Database.Of(tenant), Database.Of((long)limit)], cancellationToken);
        return new DueConversations(due, next);
    }
}
