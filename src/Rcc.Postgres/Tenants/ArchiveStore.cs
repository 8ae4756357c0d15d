using System.Data;
using System.Runtime.CompilerServices;
using Npgsql;
using Rcc.Core;
using Rcc.Core.Tenants;

namespace Rcc.Postgres.Tenants;

/// <summary>Reads whole tenants, and takes them in. Every table with a column <c>tenant</c> is part of one, whichever room it belongs to: a new one cannot be forgotten here.</summary>
public sealed class ArchiveStore(Database database) : IArchiveStore
{
    internal const string TenantTable = "tenant";

    /// <summary>What changed, for devices that were away: an archive's devices begin from nothing. And what no backup is to hold.</summary>
    static readonly string[] LeftOut = ["entry", "membership_change", "presence_lease", "volatile_state"];

    public async Task<IArchiveSource?> OpenAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        // One snapshot for all statements, taken by the first.
        return await BeginAsync<IArchiveSource>(
            IsolationLevel.RepeatableRead,
            async transaction => await ReadManifestAsync(transaction.Connection!, tenant, cancellationToken) is { } manifest ? new ArchiveSource(transaction, tenant, manifest) : null,
            cancellationToken);
    }

    public async Task<IArchiveTarget> BeginAsync(ArchiveManifest manifest, TenantId tenant, string? slug, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        return (await BeginAsync<IArchiveTarget>(
            IsolationLevel.ReadCommitted,
            async transaction => new ArchiveTarget(
                transaction,
                manifest,
                tenant,
                slug,
                await ReadTablesAsync(transaction.Connection!, cancellationToken),
                manifest.AccountId == tenant.Value ? null : await ArchiveCopy.ReadAsync(transaction.Connection!, manifest.AccountId, cancellationToken)),
            cancellationToken))!;
    }

    /// <summary>Whoever is opened owns the transaction and its connection.</summary>
    async Task<T?> BeginAsync<T>(IsolationLevel isolation, Func<NpgsqlTransaction, Task<T?>> open, CancellationToken cancellationToken)
        where T : class, IAsyncDisposable
    {
        NpgsqlConnection? connection = null;
        T? opened = null;
        try
        {
            connection = await database.OpenArchiveAsync(cancellationToken);
            return opened = await open(await connection.BeginTransactionAsync(isolation, cancellationToken));
        }
        catch (Exception e) when (DatabaseFailure.IsAway(e))
        {
            throw DatabaseFailure.Explain(e);
        }
        finally
        {
            if (opened is null && connection is not null)
            {
                await connection.DisposeAsync();
            }
        }
    }

    static async Task<ArchiveManifest?> ReadManifestAsync(NpgsqlConnection connection, TenantId tenant, CancellationToken cancellationToken)
    {
        await using var find = new NpgsqlCommand("SELECT t.slug, now() FROM tenant t WHERE t.id = $1 AND t.ended_at IS NULL", connection);
        find.Parameters.Add(Database.Of(tenant));
        string slug;
        DateTimeOffset at;
        await using (var reader = await find.ExecuteReaderAsync(cancellationToken))
        {
            if (!await reader.ReadAsync(cancellationToken))
            {
                return null;
            }

            (slug, at) = (reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1));
        }

        return new() { AccountId = tenant.Value, Slug = slug, ExportedAt = at, Tables = await ReadTablesAsync(connection, cancellationToken) };
    }

    static async Task<IReadOnlyList<ArchiveTable>> ReadTablesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var list = new NpgsqlCommand(
            """
            SELECT n.name, array_agg(a.attname::text ORDER BY a.attnum)
            FROM (SELECT 'tenant' AS name, 0 AS place UNION ALL SELECT t.name, 1 FROM tenant_tables() AS t(name) WHERE NOT t.name = ANY ($1)) n
            JOIN pg_attribute a ON a.attrelid = quote_ident(n.name)::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                AND a.attname <> CASE n.name WHEN 'tenant' THEN 'id' ELSE 'tenant' END
            GROUP BY n.name, n.place
            ORDER BY n.place, n.name
            """,
            connection);
        list.Parameters.Add(Database.Of(LeftOut));
        await using var reader = await list.ExecuteReaderAsync(cancellationToken);
        List<ArchiveTable> tables = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            tables.Add(new(reader.GetString(0), reader.GetFieldValue<string[]>(1)));
        }

        return tables;
    }
}

/// <summary>Reads a tenant in one transaction. A statement's rows are taken off the connection as they are asked for.</summary>
sealed class ArchiveSource(NpgsqlTransaction transaction, TenantId tenant, ArchiveManifest manifest) : IArchiveSource
{
    readonly NpgsqlConnection connection = transaction.Connection!;

    public ArchiveManifest Manifest => manifest;

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(ArchiveTable table, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var columns = string.Join(", ", table.Columns.Select(column => "x." + ArchiveTarget.Quote(column)));
        var key = await ReadKeyAsync(table.Name, cancellationToken);
        await using var read = new NpgsqlCommand(
            $"""
            SELECT convert_to(row_to_json(r)::text, 'UTF8')
            FROM (SELECT {columns} FROM {ArchiveTarget.Quote(table.Name)} x WHERE x.{ArchiveTarget.Owner(table.Name)} = $1 {(key.Length == 0 ? "" : "ORDER BY " + string.Join(", ", key))}) r
            """,
            connection);
        read.Parameters.Add(Database.Of(tenant));
        await using var reader = await read.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken);
        var isWhole = false;
        try
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                yield return await reader.GetFieldValueAsync<byte[]>(0, cancellationToken);
            }

            isWhole = true;
        }
        finally
        {
            // A reader that is disposed reads all that is left, for nobody.
            if (!isWhole)
            {
                read.Cancel();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }

    /// <summary>The columns of the primary key, so that the same rows make the same archive.</summary>
    async Task<string[]> ReadKeyAsync(string table, CancellationToken cancellationToken)
    {
        await using var read = new NpgsqlCommand(
            """
            SELECT coalesce(array_agg('x.' || quote_ident(a.attname) ORDER BY k.place), ARRAY[]::text[])
            FROM pg_index i
            CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, place)
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
            WHERE i.indrelid = quote_ident($1)::regclass AND i.indisprimary
            """,
            connection);
        read.Parameters.Add(Database.Of(table));
        return (string[])(await read.ExecuteScalarAsync(cancellationToken))!;
    }
}
