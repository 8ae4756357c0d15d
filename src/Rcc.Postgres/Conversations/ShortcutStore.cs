using System.Text.Json;
using NpgsqlTypes;
using Rcc.Contracts;
using Rcc.Core;
using Rcc.Core.Conversations;
using Rcc.Core.Sync;

namespace Rcc.Postgres.Conversations;

/// <summary>Reads of canned responses and macros: items, found by whom they are told to.</summary>
public sealed class ShortcutStore(Database database) : IShortcutStore
{
    public async Task<IReadOnlyList<ShortcutSnapshot>> ListAsync(TenantId tenant, ItemKind kind, Guid? person, Guid? after, int limit, CancellationToken cancellationToken) =>
        await database.ListAsync(
            """
            SELECT x.id, x.revision, x.state
            FROM (
                (SELECT i.id, i.revision, i.state FROM item i
                WHERE i.tenant = $1 AND i.home_kind = 5 AND i.home = $1 AND i.kind = $2 AND i.id > $4 ORDER BY i.id LIMIT $5)
                UNION ALL
                (SELECT i.id, i.revision, i.state FROM item i
                WHERE i.tenant = $1 AND i.home_kind = 3 AND i.home = $3 AND i.kind = $2 AND i.id > $4 ORDER BY i.id LIMIT $5)
            ) x
            ORDER BY x.id LIMIT $5
            """,
            row => new ShortcutSnapshot(row.GetGuid(0), kind, row.GetInt32(1), JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(2), ContractJson.Default.ShortcutState)!),
            [Database.Of(tenant), Database.Of((short)kind), Database.OfNullable(person, NpgsqlDbType.Uuid), Database.Of(after ?? Guid.Empty), Database.Of((long)limit)],
            cancellationToken);

    public async Task<int> CountAsync(TenantId tenant, ItemKind kind, Guid? person, CancellationToken cancellationToken) => (int)(await database.ListAsync(
        "SELECT count(*) FROM item i WHERE i.tenant = $1 AND i.home_kind = $3 AND i.home = $4 AND i.kind = $2",
        row => row.GetInt64(0),
        [Database.Of(tenant), Database.Of((short)kind), Database.Of((short)(person is null ? AudienceKind.Agents : AudienceKind.Person)), Database.Of(person ?? tenant.Value)],
        cancellationToken))[0];
}
