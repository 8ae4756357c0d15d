using System.Runtime.InteropServices;
using System.Text.Json;
using Npgsql;
using Rcc.Core;
using Rcc.Core.Tenants;

namespace Rcc.Postgres.Tenants;

/// <summary>Reads of tenants, inboxes and keys.</summary>
public sealed class TenantStore(Database database) : ITenantStore
{
    const string TenantColumns =
        """
        SELECT t.id, coalesce(i.revision, 0), t.name, t.slug, t.suspended_at IS NOT NULL, t.created_at, t.terms::text, t.branding::text, t.policies::text, t.deletes_at, t.deletes_by
        FROM tenant t
        LEFT JOIN item i ON i.tenant = t.id AND i.kind = 9 AND i.id = t.id AND i.sub = '00000000-0000-0000-0000-000000000000'
        """;

    const string KeyColumns = "SELECT d.id, d.name, d.scopes, d.signed_in_at, d.signed_out_at, d.previous_until, d.expires_at FROM device d WHERE d.tenant = $1 AND d.role = 4";

    const string InboxColumns =
        """
        SELECT b.tenant, b.id, b.identifier, b.name, b.hmac_mandatory, b.allowed_origins, b.queue, b.archived, coalesce(i.revision, 0), s.revision, s.state, b.departments
        FROM inbox b
        LEFT JOIN item i ON i.tenant = b.tenant AND i.kind = 30 AND i.id = b.id AND i.sub = '00000000-0000-0000-0000-000000000000'
        LEFT JOIN item s ON s.tenant = b.tenant AND s.kind = -31 AND s.id = b.id AND s.sub = '00000000-0000-0000-0000-000000000000'
        """;

    public Task<TenantSnapshot?> LoadAsync(TenantId tenant, CancellationToken cancellationToken) =>
        database.FindAsync(TenantColumns + " WHERE t.id = $1 AND t.ended_at IS NULL", ReadTenant, [Database.Of(tenant)], cancellationToken);

    public Task<TenantSnapshot?> FindAsync(string slug, CancellationToken cancellationToken) =>
        database.FindAsync(TenantColumns + " WHERE t.slug = $1 AND t.ended_at IS NULL", ReadTenant, [Database.Of(slug)], cancellationToken);

    public Task<InboxSnapshot?> LoadInboxAsync(TenantId tenant, Guid inbox, CancellationToken cancellationToken) =>
        database.FindAsync(InboxColumns + " WHERE b.tenant = $1 AND b.id = $2", ReadInbox, [Database.Of(tenant), Database.Of(inbox)], cancellationToken);

    public Task<InboxSnapshot?> FindInboxAsync(string identifier, CancellationToken cancellationToken) =>
        database.FindAsync(InboxColumns + " JOIN tenant t ON t.id = b.tenant AND t.ended_at IS NULL WHERE b.identifier = $1", ReadInbox, [Database.Of(identifier)], cancellationToken);

    public async Task<IReadOnlyList<InboxSnapshot>> ListInboxesAsync(TenantId tenant, Guid? after, int limit, CancellationToken cancellationToken) =>
        await database.ListAsync(
            InboxColumns + " WHERE b.tenant = $1 AND b.id > $2 ORDER BY b.id LIMIT $3", ReadInbox,
            [Database.Of(tenant), Database.Of(after.GetValueOrDefault()), Database.Of((long)limit)], cancellationToken);

    public async Task<bool> HasConversationsAsync(TenantId tenant, Guid inbox, CancellationToken cancellationToken) => (await database.ListAsync(
        "SELECT EXISTS (SELECT FROM conversation c WHERE c.tenant = $1 AND c.inbox = $2)", row => row.GetBoolean(0), [Database.Of(tenant), Database.Of(inbox)], cancellationToken))[0];

    public Task<KeyListing?> FindKeyAsync(TenantId tenant, Guid key, CancellationToken cancellationToken) =>
        database.FindAsync(KeyColumns + " AND d.id = $2", ReadKey, [Database.Of(tenant), Database.Of(key)], cancellationToken);

    public async Task<int> CountKeysAsync(TenantId tenant, CancellationToken cancellationToken) => (int)(await database.ListAsync(
        "SELECT count(*) FROM device d WHERE d.tenant = $1 AND d.role = 4 AND d.signed_out_at IS NULL AND (d.expires_at > now()) IS NOT FALSE",
        row => row.GetInt64(0), [Database.Of(tenant)], cancellationToken))[0];

    public async Task<IReadOnlyList<KeyListing>> ListKeysAsync(TenantId tenant, Guid? after, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        KeyColumns + " AND d.id > $2 ORDER BY d.id LIMIT $3",
        ReadKey,
        [Database.Of(tenant), Database.Of(after.GetValueOrDefault()), Database.Of((long)limit)], cancellationToken);

    public async Task<IReadOnlyList<TenantSnapshot>> ListAsync(Guid? after, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        TenantColumns + " WHERE t.id > $1 AND t.ended_at IS NULL ORDER BY t.id LIMIT $2", ReadTenant, [Database.Of(after.GetValueOrDefault()), Database.Of((long)limit)], cancellationToken);

    public async Task<long> ReadHighestDisplayIdAsync(TenantId tenant, CancellationToken cancellationToken) => (await database.ListAsync(
        "SELECT coalesce((SELECT c.display_id FROM conversation c WHERE c.tenant = $1 ORDER BY c.display_id DESC LIMIT 1), 0)",
        row => row.GetInt64(0), [Database.Of(tenant)], cancellationToken))[0];

    static TenantSnapshot ReadTenant(NpgsqlDataReader row) =>
        new(new TenantId(row.GetGuid(0)), row.GetInt32(1), row.GetString(2), row.GetString(3), row.GetBoolean(4), row.GetFieldValue<DateTimeOffset>(5))
        {
            Terms = JsonSerializer.Deserialize(row.GetString(6), TenantJson.Default.Terms)!,
            Branding = JsonSerializer.Deserialize(row.GetString(7), TenantJson.Default.Branding)!,
            Policies = JsonSerializer.Deserialize(row.GetString(8), TenantJson.Default.TenantPolicies)!,
            Deletion = row.IsDBNull(9) ? null : new(row.GetFieldValue<DateTimeOffset>(9), row.GetGuid(10)),
        };

    static KeyListing ReadKey(NpgsqlDataReader row) => new(
        row.GetGuid(0),
        row.GetString(1),
        (Scopes)row.GetInt32(2),
        row.GetFieldValue<DateTimeOffset>(3),
        row.IsDBNull(4) ? null : row.GetFieldValue<DateTimeOffset>(4),
        row.IsDBNull(5) ? null : row.GetFieldValue<DateTimeOffset>(5),
        row.IsDBNull(6) ? null : row.GetFieldValue<DateTimeOffset>(6));

    static InboxSnapshot ReadInbox(NpgsqlDataReader row) => new(new TenantId(row.GetGuid(0)), new InboxRow
    {
        Id = row.GetGuid(1),
        Identifier = row.GetString(2),
        Name = row.GetString(3),
        HmacMandatory = row.GetBoolean(4),
        AllowedOrigins = ImmutableCollectionsMarshal.AsImmutableArray(row.GetFieldValue<string[]>(5)),
        QueueId = row.IsDBNull(6) ? null : row.GetGuid(6),
        IsArchived = row.GetBoolean(7),
        Departments = JsonSerializer.Deserialize(row.GetString(11), TenantJson.Default.ImmutableArrayDepartment),
    }, row.GetInt32(8))
    {
        Secret = row.IsDBNull(9) ? new() : InboxSecret.Read(row.GetInt32(9), row.GetFieldValue<byte[]>(10)),
    };
}
