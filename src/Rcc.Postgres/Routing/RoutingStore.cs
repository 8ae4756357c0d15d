using System.Text.Json;
using Microsoft.Extensions.Options;
using Npgsql;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Core;
using Rcc.Core.Agents;
using Rcc.Core.Routing;

namespace Rcc.Postgres.Routing;

/// <summary>What waits, what is due, and who is free. A conversation waits that has no agent and is offered to none, or whose agent was suspended.</summary>
public sealed class RoutingStore(Database database, IOptions<AgentOptions> agentOptions) : IRoutingStore
{
    /// <summary>Along the suspended agents and along what is offered: neither is many.</summary>
    const string Held =
        """
        SELECT c.tenant, c.id
        FROM agent a JOIN conversation c ON c.tenant = a.tenant AND c.assignee = a.id AND c.status = 0
        WHERE a.suspended
        UNION
        SELECT c.tenant, c.id
        FROM conversation c JOIN agent a ON a.tenant = c.tenant AND a.id = c.offered_to
        WHERE c.offered_to IS NOT NULL AND (a.suspended OR a.availability IN (0, 4) AND NOT c.consulted)
        """;

    /// <summary>From tenant to tenant along the indexes of what waits and what is due: one probe for each, however much there is.</summary>
    public async Task<IReadOnlyList<TenantId>> FindTenantsWithWorkAsync(TenantId? after, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        """
        WITH RECURSIVE waiting AS (
            (SELECT c.tenant FROM conversation c WHERE c.waiting_since IS NOT NULL AND c.tenant > $2 ORDER BY c.tenant LIMIT 1)
            UNION ALL
            SELECT n.tenant FROM waiting w CROSS JOIN LATERAL (
                SELECT c.tenant FROM conversation c WHERE c.waiting_since IS NOT NULL AND c.tenant > w.tenant ORDER BY c.tenant LIMIT 1) n
        ), timed AS (
            (SELECT c.tenant FROM conversation c WHERE c.due_at IS NOT NULL AND c.tenant > $2 ORDER BY c.tenant LIMIT 1)
            UNION ALL
            SELECT n.tenant FROM timed w CROSS JOIN LATERAL (
                SELECT c.tenant FROM conversation c WHERE c.due_at IS NOT NULL AND c.tenant > w.tenant ORDER BY c.tenant LIMIT 1) n
        ), work AS (
            SELECT w.tenant FROM waiting w
            UNION
            SELECT a.tenant FROM agent a
            WHERE a.suspended AND a.tenant > $2 AND EXISTS (SELECT FROM conversation c WHERE c.tenant = a.tenant AND c.assignee = a.id AND c.status = 0)
        ), found AS (
            SELECT w.tenant FROM work w WHERE EXISTS (SELECT FROM agent a WHERE a.tenant = w.tenant AND a.availability = 1 AND NOT a.suspended)
                OR EXISTS (SELECT FROM queue q WHERE q.tenant = w.tenant AND q.timed)
            UNION
            SELECT d.tenant FROM timed d WHERE EXISTS (SELECT FROM conversation c WHERE c.tenant = d.tenant AND c.due_at <= now())
        )
        SELECT f.tenant FROM found f JOIN tenant t ON t.id = f.tenant AND t.suspended_at IS NULL ORDER BY f.tenant LIMIT $1
        """,
        row => new TenantId(row.GetGuid(0)), [Database.Of((long)limit), Database.Of(after?.Value ?? Guid.Empty)], cancellationToken);

    public async Task<IReadOnlyList<TenantId>> FindTenantsWithHeldAsync(TenantId? after, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        $"SELECT DISTINCT h.tenant FROM ({Held}) h JOIN tenant t ON t.id = h.tenant AND t.suspended_at IS NULL WHERE h.tenant > $2 ORDER BY h.tenant LIMIT $1",
        row => new TenantId(row.GetGuid(0)), [Database.Of((long)limit), Database.Of(after?.Value ?? Guid.Empty)], cancellationToken);

    public async Task<IReadOnlyList<Guid>> FindHeldAsync(TenantId tenant, Guid? after, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        $"SELECT h.id FROM ({Held}) h JOIN tenant t ON t.id = h.tenant AND t.suspended_at IS NULL WHERE h.tenant = $2 AND h.id > $3 ORDER BY h.id LIMIT $1",
        row => row.GetGuid(0), [Database.Of((long)limit), Database.Of(tenant), Database.Of(after.GetValueOrDefault())], cancellationToken);

    /// <summary>From queue to queue along the index of what waits. What a suspended agent has waits as well.</summary>
    public async Task<RoutingSnapshot> LoadAsync(TenantId tenant, int limit, CancellationToken cancellationToken)
    {
        List<WaitingConversation> waiting = [];
        List<AvailableAgent> agents = [];
        List<QueueSnapshot> queues = [];
        var hasLines = false;
        await database.ListAsync(
            """
            WITH RECURSIVE lines AS (
                (SELECT c.queue FROM conversation c WHERE c.tenant = $1 AND c.waiting_since IS NOT NULL ORDER BY c.queue LIMIT 1)
                UNION ALL
                SELECT n.queue FROM lines l CROSS JOIN LATERAL (
                    SELECT c.queue FROM conversation c WHERE c.tenant = $1 AND c.waiting_since IS NOT NULL AND c.queue > l.queue ORDER BY c.queue LIMIT 1) n
            ), waiting AS (
                SELECT w.id, w.display_id, w.queue, w.priority, w.since, w.session_since
                FROM lines l CROSS JOIN LATERAL (
                    SELECT c.id, c.display_id, c.queue, c.priority, c.waiting_since AS since, c.session_since
                    FROM conversation c
                    WHERE c.tenant = $1 AND c.queue = l.queue AND c.waiting_since IS NOT NULL AND c.offered_to IS NULL
                    ORDER BY c.priority DESC, c.session_since, c.display_id LIMIT $2) w
                UNION ALL
                (SELECT c.id, c.display_id, c.queue, c.priority, c.opened_at, c.session_since
                FROM agent a JOIN conversation c ON c.tenant = $1 AND c.assignee = a.id AND c.status = 0 AND c.waiting_since IS NULL AND c.offered_to IS NULL
                WHERE a.tenant = $1 AND a.suspended
                ORDER BY c.opened_at LIMIT $2)
            )
            SELECT 0, w.id, w.display_id, w.queue, w.priority::integer, w.since, h.state, NULL::text[], w.session_since
            FROM waiting w CROSS JOIN LATERAL (SELECT i.state FROM item i WHERE i.tenant = $1 AND i.kind = 20 AND i.id = w.id AND i.sub = w.id LIMIT 1) h
            UNION ALL
            SELECT 1, a.id,
                (SELECT count(*) FROM conversation c WHERE c.tenant = $1 AND c.assignee = a.id AND c.status = 0)
                    + (SELECT count(*) FROM conversation c WHERE c.tenant = $1 AND c.offered_to = a.id),
                a.group_id, coalesce(a.capacity, $3),
                (SELECT c.assigned_at FROM conversation c WHERE c.tenant = $1 AND c.assignee = a.id AND c.assigned_at IS NOT NULL ORDER BY c.assigned_at DESC LIMIT 1),
                NULL, a.skills, NULL
            FROM agent a
            WHERE a.tenant = $1 AND a.availability = 1 AND NOT a.suspended
            UNION ALL
            SELECT 2, q.id, i.revision, NULL, NULL, NULL, i.state, NULL, NULL
            FROM queue q CROSS JOIN LATERAL (
                SELECT x.revision, x.state FROM item x WHERE x.tenant = $1 AND x.kind = 23 AND x.id = q.id AND x.sub = '00000000-0000-0000-0000-000000000000' LIMIT 1) i
            WHERE q.tenant = $1
            UNION ALL
            SELECT 3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL WHERE EXISTS (SELECT FROM lines)
            """,
            row =>
            {
                switch (row.GetInt32(0))
                {
                    case 0:
                        waiting.Add(ReadWaiting(row));
                        break;
                    case 1:
                        agents.Add(ReadAgent(row));
                        break;
                    case 3:
                        hasLines = true;
                        break;
                    default:
                        queues.Add(new(row.GetGuid(1), (int)row.GetInt64(2), QueueStore.ReadState(row.GetFieldValue<byte[]>(6))));
                        break;
                }

                return 0;
            },
            [Database.Of(tenant), Database.Of((long)limit), Database.Of(agentOptions.Value.DefaultCapacity)], cancellationToken);
        return new RoutingSnapshot(waiting, agents, queues) { HasLines = hasLines };
    }

    public async Task<DueConversations> FindDueAsync(TenantId tenant, DueConversation? after, int limit, CancellationToken cancellationToken)
    {
        List<DueConversation> due = [];
        DateTimeOffset at = default;
        DateTimeOffset? next = null;
        await database.ListAsync(
            """
            SELECT 0, NULL::uuid, now()
            UNION ALL
            (SELECT 1, c.id, c.due_at FROM conversation c
            WHERE c.tenant = $1 AND c.due_at <= now() AND c.due_at >= $3 AND (c.due_at, c.id) > ($3, $4) ORDER BY c.due_at, c.id LIMIT $2)
            UNION ALL
            (SELECT 2, NULL, c.due_at FROM conversation c WHERE c.tenant = $1 AND c.due_at > now() ORDER BY c.due_at LIMIT 1)
            """,
            row =>
            {
                var time = row.GetFieldValue<DateTimeOffset>(2);
                switch (row.GetInt32(0))
                {
                    case 0:
                        at = time;
                        break;
                    case 1:
                        due.Add(new(row.GetGuid(1), time));
                        break;
                    default:
                        next = time;
                        break;
                }

                return 0;
            },
            [Database.Of(tenant), Database.Of((long)limit), Database.Of((after?.DueAt ?? DateTimeOffset.UnixEpoch).ToUniversalTime()), Database.Of(after?.Id ?? Guid.Empty)], cancellationToken);
        return new(at, due, next);
    }

    static WaitingConversation ReadWaiting(NpgsqlDataReader row)
    {
        var handling = JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(6), ContractJson.Default.HandlingState) ?? throw new InvalidOperationException("A conversation is stored without its handling.");
        return new()
        {
            Id = row.GetGuid(1),
            DisplayId = row.GetInt64(2),
            QueueId = row.GetGuid(3),
            Priority = (Priority)row.GetInt32(4),
            Since = row.GetFieldValue<DateTimeOffset>(5),
            SessionSince = row.GetFieldValue<DateTimeOffset>(8),
            Passed = handling.Passed,
            PassedAt = handling.PassedAt,
            Overflowed = handling.OverflowedFromId is not null,
            TransferredFrom = handling.Transfer is { WaitsInQueue: true, FromId: var from } ? from : null,
            ToldOffline = handling.OfflineSince is not null,
        };
    }

    static AvailableAgent ReadAgent(NpgsqlDataReader row) =>
        new(row.GetGuid(1), (int)row.GetInt64(2), row.IsDBNull(5) ? null : row.GetFieldValue<DateTimeOffset>(5), row.GetInt32(4))
        {
            GroupId = row.IsDBNull(3) ? null : row.GetGuid(3),
            Skills = row.GetFieldValue<string[]>(7),
        };
}
