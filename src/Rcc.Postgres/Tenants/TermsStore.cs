using System.Text.Json;
using Npgsql;
using Rcc.Core;
using Rcc.Core.Tenants;

namespace Rcc.Postgres.Tenants;

/// <summary>Reads of what was agreed with tenants, and of what they use.</summary>
public sealed class TermsStore(Database database) : ITermsStore
{
    public async Task<IReadOnlyList<AgreedTerms>> ReadAsync(IReadOnlyCollection<TenantId> tenants, CancellationToken cancellationToken) => await database.ListAsync(
        """
        SELECT t.id, coalesce(i.revision, 0), t.terms::text,
            coalesce((SELECT u.messages FROM usage u WHERE u.tenant = t.id AND u.month = date_trunc('month', now() AT TIME ZONE 'UTC')::date), 0),
            CASE WHEN t.terms #> '{quotas,storageBytes}' IS NULL THEN 0 ELSE coalesce((SELECT sum(u.bytes) FROM usage u WHERE u.tenant = t.id), 0)::bigint END
        FROM unnest($1) AS k(id)
        JOIN tenant t ON t.id = k.id AND t.ended_at IS NULL
        LEFT JOIN item i ON i.tenant = t.id AND i.kind = 9 AND i.id = t.id AND i.sub = '00000000-0000-0000-0000-000000000000'
        """,
        row => new AgreedTerms(new TenantId(row.GetGuid(0)), row.GetInt32(1), JsonSerializer.Deserialize(row.GetString(2), TenantJson.Default.Terms)!, row.GetInt64(3), row.GetInt64(4)),
        [Database.Of(tenants.Select(tenant => tenant.Value).ToArray())],
        cancellationToken);

    public Task<TenantUsage?> ReadUsageAsync(TenantId tenant, CancellationToken cancellationToken) => database.FindAsync(
        """
        SELECT
            (SELECT count(*) FROM agent x WHERE x.tenant = t.id AND NOT x.removed),
            (SELECT count(*) FROM agent_group x WHERE x.tenant = t.id),
            (SELECT count(*) FROM inbox x WHERE x.tenant = t.id),
            (SELECT count(*) FROM device x WHERE x.tenant = t.id AND x.role = 4 AND x.signed_out_at IS NULL AND (x.expires_at > now()) IS NOT FALSE),
            coalesce((SELECT x.contacts FROM contact_count x WHERE x.tenant = t.id), 0),
            (SELECT count(*) FROM conversation x WHERE x.tenant = t.id),
            coalesce((SELECT u.messages FROM usage u WHERE u.tenant = t.id AND u.month = date_trunc('month', now() AT TIME ZONE 'UTC')::date), 0),
            coalesce((SELECT sum(u.messages) FROM usage u WHERE u.tenant = t.id), 0)::bigint,
            coalesce((SELECT sum(u.bytes) FROM usage u WHERE u.tenant = t.id), 0)::bigint
        FROM tenant t WHERE t.id = $1 AND t.ended_at IS NULL
        """,
        Read, [Database.Of(tenant)], cancellationToken);

    public async Task CountAsync(CancellationToken cancellationToken)
    {
        const string Moved =
            """
            SELECT t.id FROM tenant t
            WHERE t.ended_at IS NULL AND (SELECT b.newest FROM log_batch b WHERE b.tenant = t.id ORDER BY b.newest DESC LIMIT 1)
                > coalesce((SELECT u.modseq FROM usage_position u WHERE u.tenant = t.id), 0)
            """;
        foreach (var tenant in await database.ListAsync(Moved, row => row.GetGuid(0), [], cancellationToken))
        {
            await database.ExecuteAsync("SELECT count_usage($1)", [Database.Of(tenant)], cancellationToken);
        }
    }

    static TenantUsage Read(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), row.GetInt64(7), row.GetInt64(8));
}
