using Npgsql;
using Rcc.Core;
using Rcc.Core.Customers;

namespace Rcc.Postgres.Customers;

/// <summary>Reads of customers.</summary>
public sealed class CustomerStore(Database database) : ICustomerStore
{
    const string Columns = "SELECT c.id, c.name, c.email, c.identifier, c.created_at FROM contact c";

    public Task<ContactSnapshot?> LoadAsync(TenantId tenant, Guid contact, CancellationToken cancellationToken) =>
        database.FindAsync(Columns + " WHERE c.tenant = $1 AND c.id = $2", Read, [Database.Of(tenant), Database.Of(contact)], cancellationToken);

    public Task<ContactSnapshot?> FindByIdentifierAsync(TenantId tenant, string identifier, CancellationToken cancellationToken) =>
        database.FindAsync(Columns + " WHERE c.tenant = $1 AND c.identifier = $2", Read, [Database.Of(tenant), Database.Of(identifier)], cancellationToken);

    public async Task<IReadOnlyList<ContactSnapshot>> ListAsync(TenantId tenant, Guid? after, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        Columns + " WHERE c.tenant = $1 AND c.id > $2 ORDER BY c.id LIMIT $3", Read,
        [Database.Of(tenant), Database.Of(after.GetValueOrDefault()), Database.Of((long)limit)], cancellationToken);

    static ContactSnapshot Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), Text(row, 1), Text(row, 2), Text(row, 3), row.GetFieldValue<DateTimeOffset>(4));

    static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
