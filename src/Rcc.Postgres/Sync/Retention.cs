using Npgsql;
using Rcc.Core;

namespace Rcc.Postgres.Sync;

/// <summary>Cuts what is no longer kept. Positions below the cut are refused by the tenant's floor, command numbers by the device's cut-off: both move before or with the rows they stand for.</summary>
public sealed class Retention(Database database)
{
    /// <summary>Cuts everything that is older than the options say, for all tenants.</summary>
    public async Task<Trimmed> TrimAsync(CancellationToken cancellationToken)
    {
        var now = DateTimeOffset.UtcNow;
        return await TrimAsync(now - database.Options.EntriesKept, now - database.Options.AnswersKept, cancellationToken);
    }

    internal async Task<Trimmed> TrimAsync(DateTimeOffset entriesBefore, DateTimeOffset answersBefore, CancellationToken cancellationToken)
    {
        await RaiseFloorsAsync(entriesBefore, cancellationToken);
        var entries = 0L;
        foreach (var sql in Cuts)
        {
            entries += await RepeatAsync(parameters => database.CutAsync(sql, parameters, cancellationToken), [Database.Of(entriesBefore.ToUniversalTime())]);
        }

        var answers = 0L;
        foreach (var tenant in await ListTenantsAsync("SELECT DISTINCT c.tenant FROM command c WHERE c.at < $1", answersBefore, cancellationToken))
        {
            answers += await RepeatAsync(
                async parameters => await database.CutAsync(CutAnswers, parameters, cancellationToken),
                [Database.Of(tenant), Database.Of(answersBefore.ToUniversalTime())]);
        }

        await RepeatAsync(parameters => database.CutAsync(CutWaits, parameters, cancellationToken), [Database.Of(entriesBefore.ToUniversalTime())]);
        await RepeatAsync(parameters => database.CutAsync(CutActs, parameters, cancellationToken), []);
        await database.CutAsync("DELETE FROM ticket WHERE expires_at < now()", [], cancellationToken);
        await database.CutAsync("DELETE FROM sign_in_code WHERE expires_at < now()", [], cancellationToken);
        await database.CutAsync("DELETE FROM operator_session WHERE expires_at < now()", [], cancellationToken);

        // Killed, and started again under another id.
        await database.CutAsync("DELETE FROM node WHERE seen_at < now() - interval '1 hour'", [], cancellationToken);
        return new Trimmed(entries, answers);
    }

    /// <summary>Entries by the brin index first, then by the floor: what is above its tenant's floor stays, whatever the clock did. $1: the oldest time kept, $2: rows.</summary>
    static readonly string[] Cuts =
    [
        "DELETE FROM entry WHERE ctid = ANY (ARRAY(SELECT e.ctid FROM entry e JOIN tenant t ON t.id = e.tenant AND e.modseq <= t.floor WHERE e.at < $1 LIMIT $2))",
        """
        DELETE FROM log_batch WHERE ctid = ANY (ARRAY(
            SELECT b.ctid FROM tenant t JOIN log_batch b ON b.tenant = t.id AND b.newest < t.floor WHERE b.at < $1 LIMIT $2))
        """,
        """
        DELETE FROM membership_change WHERE ctid = ANY (ARRAY(
            SELECT c.ctid FROM tenant t JOIN membership_change c ON c.tenant = t.id AND c.modseq <= t.floor AND c.modseq <> 0 LIMIT $2))
        """,
        """
        DELETE FROM membership WHERE ctid = ANY (ARRAY(
            SELECT m.ctid FROM tenant t JOIN membership m ON m.tenant = t.id AND m.until <= t.floor AND m.state = 2 LIMIT $2))
        """,
    ];

    const string CutWaits = "DELETE FROM queue_wait WHERE ctid = ANY (ARRAY(SELECT w.ctid FROM queue_wait w WHERE w.until < $1 LIMIT $2))";

    /// <summary>As each tenant has decided. What operators did is theirs, and stays. $1: rows.</summary>
    const string CutActs =
        """
        DELETE FROM act WHERE ctid = ANY (ARRAY(
            SELECT a.ctid FROM tenant t JOIN act a ON a.tenant = t.id AND a.operator IS NULL AND a.at < now() - make_interval(days => (t.policies ->> 'auditRetentionDays')::integer)
            WHERE t.policies ? 'auditRetentionDays' LIMIT $1))
        """;

    /// <summary>The tenant's row first, as every transaction that changes tenant data. Negative numbers have no order, so they leave no cut-off.</summary>
    const string CutAnswers =
        """
        WITH locked AS MATERIALIZED (
            SELECT t.id FROM tenant t WHERE t.id = $1 FOR NO KEY UPDATE
        ), old AS MATERIALIZED (
            SELECT c.device, c.number FROM locked l JOIN command c ON c.tenant = l.id AND c.at < $2 ORDER BY c.at LIMIT $3
        ), moved AS (
            UPDATE device d SET cutoff = n.number
            FROM (SELECT o.device, max(o.number) AS number FROM old o GROUP BY o.device) n
            WHERE d.tenant = $1 AND d.id = n.device AND d.cutoff < n.number
        )
        DELETE FROM command c USING old o WHERE c.tenant = $1 AND c.device = o.device AND c.number = o.number
        """;

    async Task RaiseFloorsAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        const string OldestBatch = "SELECT t.id FROM tenant t WHERE (SELECT b.at FROM log_batch b WHERE b.tenant = t.id ORDER BY b.newest LIMIT 1) < $1";
        foreach (var tenant in await ListTenantsAsync(OldestBatch, before, cancellationToken))
        {
            // The batches lie in order, so the first that is young enough ends the search.
            await database.CutAsync(
                """
                UPDATE tenant t SET floor = n.floor
                FROM (
                    SELECT coalesce(
                        (SELECT b.newest FROM log_batch b WHERE b.tenant = $1 AND b.newest < (
                            SELECT y.newest FROM log_batch y WHERE y.tenant = $1 AND y.at >= $2 ORDER BY y.newest LIMIT 1) ORDER BY b.newest DESC LIMIT 1),
                        CASE WHEN NOT EXISTS (SELECT FROM log_batch y WHERE y.tenant = $1 AND y.at >= $2)
                            THEN (SELECT b.newest FROM log_batch b WHERE b.tenant = $1 ORDER BY b.newest DESC LIMIT 1) END) AS floor) n
                WHERE t.id = $1 AND n.floor > t.floor
                """,
                [Database.Of(tenant), Database.Of(before.ToUniversalTime())], cancellationToken);
        }
    }

    Task<List<TenantId>> ListTenantsAsync(string sql, DateTimeOffset before, CancellationToken cancellationToken) =>
        database.ListAsync(sql, row => new TenantId(row.GetGuid(0)), [Database.Of(before.ToUniversalTime())], cancellationToken);

    /// <summary>Small statements, so that nobody waits long for their locks.</summary>
    async Task<long> RepeatAsync(Func<NpgsqlParameter[], Task<int>> cut, NpgsqlParameter[] parameters)
    {
        for (var total = 0L; ;)
        {
            var rows = await cut([.. parameters.Select(parameter => parameter.Clone()), Database.Of((long)database.Options.TrimRows)]);
            total += rows;
            if (rows < database.Options.TrimRows)
            {
                return total;
            }
        }
    }
}

/// <summary>How much was cut.</summary>
public readonly record struct Trimmed(long Entries, long Answers);
