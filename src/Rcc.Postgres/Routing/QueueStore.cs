using System.Text.Json;
using Npgsql;
using Rcc.Contracts;
using Rcc.Contracts.Routing;
using Rcc.Core;
using Rcc.Core.Routing;

namespace Rcc.Postgres.Routing;

/// <summary>Reads of queues.</summary>
public sealed class QueueStore(Database database) : IQueueStore
{
    const string Columns =
        """
        SELECT i.id, i.revision, i.state
        FROM queue q
        JOIN item i ON i.tenant = $1 AND i.kind = 23 AND i.id = q.id AND i.sub = '00000000-0000-0000-0000-000000000000'
        """;

    public Task<QueueSnapshot?> LoadAsync(TenantId tenant, Guid queue, CancellationToken cancellationToken) =>
        database.FindAsync(Columns + " WHERE q.tenant = $1 AND q.id = $2", Read, [Database.Of(tenant), Database.Of(queue)], cancellationToken);

    public async Task<IReadOnlyList<QueueSnapshot>> ListAsync(TenantId tenant, Guid? after, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        Columns + " WHERE q.tenant = $1 AND q.id > $2 ORDER BY q.id LIMIT $3", Read, [Database.Of(tenant), Database.Of(after.GetValueOrDefault()), Database.Of((long)limit)], cancellationToken);

    public async Task<int> CountAsync(TenantId tenant, CancellationToken cancellationToken) => (await database.ListAsync(
        "SELECT count(*)::integer FROM queue q WHERE q.tenant = $1 AND q.name IS NOT NULL", row => row.GetInt32(0), [Database.Of(tenant)], cancellationToken))[0];

    public async Task<string?> FindWayInAsync(TenantId tenant, Guid queue, CancellationToken cancellationToken) => (await database.ListAsync(
        """
        (SELECT 'inbox ' || b.name FROM inbox b WHERE b.tenant = $1 AND (b.queue = $2 OR b.departments @> jsonb_build_array(jsonb_build_object('queueId', $2))) LIMIT 1)
        UNION ALL
        (SELECT 'queue ' || q.name FROM queue q WHERE q.tenant = $1 AND q.overflow = $2 LIMIT 1)
        """,
        row => row.GetString(0), [Database.Of(tenant), Database.Of(queue)], cancellationToken)).FirstOrDefault();

    public async Task<string?> FindNamingAsync(TenantId tenant, Guid group, CancellationToken cancellationToken) => (await database.ListAsync(
        "SELECT q.name FROM queue q WHERE q.tenant = $1 AND $2 = ANY (q.group_ids) LIMIT 1", row => row.GetString(0), [Database.Of(tenant), Database.Of(group)], cancellationToken)).FirstOrDefault();

    public Task<PlaceInQueue?> FindPlaceAsync(TenantId tenant, Guid conversation, DateTimeOffset servedSince, int limit, CancellationToken cancellationToken) => database.FindAsync(
        """
        SELECT c.contact,
            CASE WHEN c.waiting_since IS NOT NULL THEN 1 + (
                SELECT count(*) FROM conversation x
                WHERE x.tenant = $1 AND x.queue = c.queue AND x.waiting_since IS NOT NULL
                    AND (x.priority > c.priority OR x.priority = c.priority AND (x.session_since, x.display_id) < (c.session_since, c.display_id))) END,
            (SELECT i.state FROM item i WHERE i.tenant = $1 AND i.kind = 23 AND i.id = c.queue AND i.sub = '00000000-0000-0000-0000-000000000000'),
            ARRAY(SELECT w.until FROM queue_wait w WHERE w.tenant = $1 AND w.queue = c.queue AND w.served AND w.until > $3 ORDER BY w.until DESC LIMIT $4)
        FROM conversation c
        WHERE c.tenant = $1 AND c.id = $2
        """,
        row => new PlaceInQueue(
            row.GetGuid(0), row.IsDBNull(1) ? null : (int)row.GetInt64(1), row.IsDBNull(2) ? null : ReadState(row.GetFieldValue<byte[]>(2)), row.GetFieldValue<DateTimeOffset[]>(3)),
        [Database.Of(tenant), Database.Of(conversation), Database.Of(servedSince.ToUniversalTime()), Database.Of((long)limit)], cancellationToken);

    public async Task<IReadOnlyList<QueueLine>> ListLinesAsync(TenantId tenant, DateTimeOffset servedSince, int sample, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        """
        WITH RECURSIVE lines AS (
            (SELECT c.queue FROM conversation c WHERE c.tenant = $1 AND c.waiting_since IS NOT NULL ORDER BY c.queue LIMIT 1)
            UNION ALL
            SELECT n.queue FROM lines l CROSS JOIN LATERAL (
                SELECT c.queue FROM conversation c WHERE c.tenant = $1 AND c.waiting_since IS NOT NULL AND c.queue > l.queue ORDER BY c.queue LIMIT 1) n
        )
        SELECT (SELECT i.state FROM item i WHERE i.tenant = $1 AND i.kind = 23 AND i.id = l.queue AND i.sub = '00000000-0000-0000-0000-000000000000'),
            ARRAY(SELECT w.until FROM queue_wait w WHERE w.tenant = $1 AND w.queue = l.queue AND w.served AND w.until > $2 ORDER BY w.until DESC LIMIT $3),
            first.ids, first.contacts
        FROM lines l
        CROSS JOIN LATERAL (
            SELECT coalesce(array_agg(x.id ORDER BY x.place), '{}') AS ids, coalesce(array_agg(x.contact ORDER BY x.place), '{}') AS contacts
            FROM (
                SELECT c.id, c.contact, row_number() OVER (ORDER BY c.priority DESC, c.session_since, c.display_id) AS place
                FROM conversation c
                WHERE c.tenant = $1 AND c.queue = l.queue AND c.waiting_since IS NOT NULL
                ORDER BY c.priority DESC, c.session_since, c.display_id LIMIT $4) x) first
        """,
        row => new QueueLine(
            row.IsDBNull(0) ? null : ReadState(row.GetFieldValue<byte[]>(0)),
            row.GetFieldValue<DateTimeOffset[]>(1),
            [.. row.GetFieldValue<Guid[]>(2).Zip(row.GetFieldValue<Guid[]>(3))]),
        [Database.Of(tenant), Database.Of(servedSince.ToUniversalTime()), Database.Of((long)sample), Database.Of((long)limit)], cancellationToken);

    public async Task<IReadOnlyList<Guid>> FilterWaitingAsync(TenantId tenant, IReadOnlyList<Guid> conversations, CancellationToken cancellationToken) => await database.ListAsync(
        "SELECT c.id FROM unnest($2) AS asked(id) JOIN conversation c ON c.tenant = $1 AND c.id = asked.id WHERE c.waiting_since IS NOT NULL",
        row => row.GetGuid(0), [Database.Of(tenant), Database.Of(conversations.ToArray())], cancellationToken);

    internal static QueueState ReadState(byte[] state) =>
        JsonSerializer.Deserialize(state, ContractJson.Default.QueueState) ?? throw new InvalidOperationException("A queue is stored without settings.");

    static QueueSnapshot Read(NpgsqlDataReader row) => new(row.GetGuid(0), row.GetInt32(1), ReadState(row.GetFieldValue<byte[]>(2)));
}
