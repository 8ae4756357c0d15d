using Npgsql;

namespace Rcc.Bench.Targets;

/// <summary>
/// Messages put where the product keeps them, by SQL: a million through the front door would take the time of many measurements. The product must be stopped meanwhile.
/// </summary>
static class FilledHistory
{
    /// <summary>A run of messages of alternating authors, numbered as the append function would.</summary>
    const string Fill =
        """
        WITH base AS (
            SELECT coalesce(max(newest), 0) AS newest FROM log_batch WHERE tenant = $1
        ), numbered AS (
            INSERT INTO log_batch (tenant, newest, at) SELECT $1, newest + $3 * cardinality($2), now() FROM base
        )
        INSERT INTO message (tenant, conversation, lane, seq, modseq, message_id, person, role, at, content_type, content)
        SELECT $1, c.id, 0, l.seq + n, b.newest + (n - 1) * cardinality($2) + c.place, uuidv7(), p.person, p.role, now(), 'text/plain', convert_to(rpad('Message ' || n, 120, '.'), 'UTF8')
        FROM base b
        CROSS JOIN unnest($2) WITH ORDINALITY AS c(id, place)
        CROSS JOIN LATERAL (SELECT coalesce(max(m.seq), 0) AS seq FROM message m WHERE m.tenant = $1 AND m.conversation = c.id AND m.lane = 0) l
        CROSS JOIN generate_series(1, $3) n
        CROSS JOIN LATERAL (
            SELECT CASE WHEN n % 2 = 1 THEN v.contact ELSE v.assignee END AS person, CASE WHEN n % 2 = 1 THEN 0 ELSE 1 END::smallint AS role
            FROM conversation v WHERE v.tenant = $1 AND v.id = c.id) p
        """;

    /// <summary>Adds as many messages to each of the conversations, one conversation after the other in turn.</summary>
    public static async Task AddAsync(string connectionString, Guid tenant, IEnumerable<Guid> conversations, int messagesEach, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var fill = source.CreateCommand(Fill);
        fill.CommandTimeout = 0;
        fill.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant });
        fill.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. conversations] });
        fill.Parameters.Add(new NpgsqlParameter<int> { TypedValue = messagesEach });
        await fill.ExecuteNonQueryAsync(cancellationToken);

        // As autovacuum would have it by the time a real history is that long.
        await using var analyse = source.CreateCommand("VACUUM ANALYZE message");
        analyse.CommandTimeout = 0;
        await analyse.ExecuteNonQueryAsync(cancellationToken);
    }
}
