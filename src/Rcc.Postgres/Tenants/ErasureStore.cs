using Rcc.Core;
using Rcc.Core.Tenants;

namespace Rcc.Postgres.Tenants;

/// <summary>Erases tenants. The only writes to tenants' rows beside the append: nothing is appended to a tenant that has ended, so there is nobody to disagree with.</summary>
public sealed class ErasureStore(Database database) : IErasureStore
{
    public async Task<IReadOnlyList<DueTenant>> ListDueAsync(int limit, CancellationToken cancellationToken) => await database.ListAsync(
        "SELECT t.id, t.ended_at IS NOT NULL FROM tenant t WHERE t.deletes_at <= now() ORDER BY t.deletes_at LIMIT $1",
        row => new DueTenant(new TenantId(row.GetGuid(0)), row.GetBoolean(1)), [Database.Of((long)limit)], cancellationToken);

    public Task<long> EraseAsync(TenantId tenant, int rows, CancellationToken cancellationToken) =>
        database.CutByFunctionAsync("SELECT erase_tenant($1, $2, $3)", [Database.Of(tenant), Database.Of(rows), Database.Of(Guid.CreateVersion7())], cancellationToken);
}
