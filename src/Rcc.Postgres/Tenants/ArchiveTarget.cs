using System.Globalization;
using System.Runtime.InteropServices;
using Npgsql;
using NpgsqlTypes;
using Rcc.Core;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Postgres.Tenants;

/// <summary>Takes a tenant in, in one transaction: nobody sees or appends to a tenant whose row is not committed, so the log is not needed.</summary>
sealed class ArchiveTarget : IArchiveTarget
{
    /// <summary>What operators did to a tenant of this id is kept when it is deleted, so it may be here already.</summary>
    const string Acts = "act";

    readonly NpgsqlTransaction transaction;
    readonly NpgsqlConnection connection;
    readonly ArchiveManifest manifest;
    readonly TenantId tenant;
    readonly string? slug;
    readonly ArchiveCopy? copy;

    public ArchiveTarget(NpgsqlTransaction transaction, ArchiveManifest manifest, TenantId tenant, string? slug, IReadOnlyList<ArchiveTable> known, ArchiveCopy? copy)
    {
        (this.transaction, connection, this.manifest, this.tenant, this.slug, this.copy) = (transaction, transaction.Connection!, manifest, tenant, slug, copy);
        Refusal = Check(manifest, known);
    }

    public Answer? Refusal { get; }

    public static string Quote(string name) => string.Concat("\"", name.Replace("\"", "\"\"", StringComparison.Ordinal), "\"");

    /// <summary>The column that says whose row it is.</summary>
    public static string Owner(string table) => table is ArchiveStore.TenantTable ? "id" : "tenant";

    public async Task<Answer?> AddAsync(ArchiveTable table, ReadOnlyMemory<byte> rows, CancellationToken cancellationToken)
    {
        var columns = string.Join(", ", table.Columns.Select(Quote));
        var values = string.Join(", ", table.Columns.Select(column => ValueOf(table.Name, column)));
        List<NpgsqlParameter> parameters = [Database.Of(tenant), new() { Value = rows, NpgsqlDbType = NpgsqlDbType.Jsonb }];
        if (slug is not null && table.Name is ArchiveStore.TenantTable)
        {
            parameters.Add(Database.Of(slug));
        }

        try
        {
            await ExecuteAsync(
                $"""
                INSERT INTO {Quote(table.Name)} ({Owner(table.Name)}, {columns})
                SELECT $1, {values} FROM jsonb_populate_recordset(NULL::{Quote(table.Name)}, $2) r {(copy is null ? "" : ArchiveCopy.Condition(table.Name))} {(table.Name is Acts ? "ON CONFLICT DO NOTHING" : "")}
                """,
                [.. parameters],
                cancellationToken);
            return null;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UniqueViolation)
        {
            return Answer.Refused(ErrorCode.Taken, e.ConstraintName switch
            {
                "tenant_pkey" => "The account is on this server already: an archive is taken in with the ids it has, or as a copy.",
                "tenant_slug" => $"The slug {slug ?? manifest.Slug} is another account's; another one can be given.",
                _ => $"Another account has something already that must be unique on the server ({table.Name}, {e.ConstraintName}).",
            });
        }
        catch (PostgresException e) when (e.SqlState.StartsWith("22", StringComparison.Ordinal) || e.SqlState.StartsWith("23", StringComparison.Ordinal))
        {
            // The server's own text could hold values.
            return Malformed($"rows of the table {table.Name} do not fit it ({e.SqlState}{(e.ColumnName is { } column ? ", " + column : "")})");
        }
    }

    public Task<IReadOnlyList<StoredItem>> ReadItemsAsync(ItemKind kind, CancellationToken cancellationToken) => ReadAsync(
        "SELECT i.id, i.sub, i.revision, i.state FROM item i WHERE i.tenant = $1 AND i.kind = $2 ORDER BY i.id, i.sub",
        row => new StoredItem(new(kind, row.GetGuid(0), row.GetGuid(1)), row.GetInt32(2), ImmutableCollectionsMarshal.AsImmutableArray(row.GetFieldValue<byte[]>(3))),
        [Database.Of(tenant), Database.Of((short)kind)],
        cancellationToken);

    public Task ReplaceAsync(StoredItem item, CancellationToken cancellationToken) => ExecuteAsync(
        "UPDATE item SET state = $5 WHERE tenant = $1 AND kind = $2 AND id = $3 AND sub = $4",
        [Database.Of(tenant), Database.Of((short)item.Key.Kind), Database.Of(item.Key.Id), Database.Of(item.Key.Sub), Database.Of(item.State.AsMemory())],
        cancellationToken);

    public async Task<IReadOnlyList<LostSecret>> ListRenewedAsync(CancellationToken cancellationToken) => copy is null
        ? []
        : await ReadAsync(ArchiveCopy.Renewed, row => new LostSecret(row.GetString(0), row.GetGuid(1), row.GetString(2)), [Database.Of(tenant)], cancellationToken);

    public async Task<Answer> CommitAsync(Guid operatorId, CancellationToken cancellationToken)
    {
        const string Finish =
            """
            WITH next AS (
                -- Above every number the tenant ever had here: what is known of a deleted one of this id are the acts that were kept, the last of which had its highest.
                SELECT 1 + greatest(t.floor, (SELECT max(b.newest) FROM log_batch b WHERE b.tenant = $1), (SELECT max(a.modseq) FROM act a WHERE a.tenant = $1)) AS modseq
                FROM tenant t JOIN item i ON i.tenant = t.id AND i.kind = 9 AND i.id = t.id WHERE t.id = $1
            ), moved AS (
                UPDATE tenant t SET floor = n.modseq FROM next n WHERE t.id = $1
            ), told AS (
                UPDATE item i SET state = convert_to((convert_from(i.state, 'UTF8')::jsonb - 'deletesAt')::text, 'UTF8')
                WHERE i.tenant = $1 AND i.kind = 9 AND i.id = $1 AND convert_from(i.state, 'UTF8')::jsonb ? 'deletesAt'
            ), act AS (
                INSERT INTO act (tenant, modseq, id, at, operator, object_type, object_id, action, detail)
                SELECT $1, n.modseq, $3, now(), $2, 'account', $1, 'import', $4 FROM next n
            )
            INSERT INTO log_batch (tenant, newest, at) SELECT $1, n.modseq, now() FROM next n
            """;
        if (copy is not null)
        {
            await ExecuteAsync(ArchiveCopy.SignOut, [Database.Of(tenant)], cancellationToken);
        }

        var detail = Act.Of(
            ("slug", slug ?? manifest.Slug), ("copy_of", copy is null ? null : manifest.AccountId), ("exported_at", string.Create(CultureInfo.InvariantCulture, $"{manifest.ExportedAt.UtcDateTime:O}")))!;
        if (await ExecuteAsync(Finish, [Database.Of(tenant), Database.Of(operatorId), Database.Of(Guid.CreateVersion7()), Database.Of(detail)], cancellationToken) == 0)
        {
            return Malformed("it holds no account");
        }

        await ReachAsync(async () =>
        {
            await transaction.CommitAsync(cancellationToken);
            return true;
        });
        return Answer.Done with { Id = tenant.Value };
    }

    Task<int> ExecuteAsync(string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken) => ReachAsync(async () =>
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    });

    Task<IReadOnlyList<T>> ReadAsync<T>(string sql, Func<NpgsqlDataReader, T> read, NpgsqlParameter[] parameters, CancellationToken cancellationToken) => ReachAsync<IReadOnlyList<T>>(async () =>
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<T> rows = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    });

    static async Task<T> ReachAsync<T>(Func<Task<T>> act)
    {
        try
        {
            return await act();
        }
        catch (Exception e) when (DatabaseFailure.IsAway(e))
        {
            throw DatabaseFailure.Explain(e);
        }
    }

    /// <summary>Rolls back what was not committed.</summary>
    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }

    string ValueOf(string table, string column) => (table, column) switch
    {
        // What is taken in is not to be deleted, whatever was to become of it where it comes from.
        (ArchiveStore.TenantTable, "deletes_at" or "deletes_by" or "ended_at") => "NULL",
        (ArchiveStore.TenantTable, "slug") when slug is not null => "$3",
        _ => copy?.ValueOf(table, column) ?? "r." + Quote(column),
    };

    static Answer? Check(ArchiveManifest manifest, IReadOnlyList<ArchiveTable> known)
    {
        if (manifest.Tables is not [{ Name: ArchiveStore.TenantTable }, ..] || manifest.Tables.DistinctBy(table => table.Name, StringComparer.Ordinal).Count() != manifest.Tables.Count)
        {
            return Malformed("its first table is not the account's, or a table is in it twice");
        }

        var columnsOf = known.ToDictionary(table => table.Name, table => table.Columns, StringComparer.Ordinal);
        foreach (var table in manifest.Tables)
        {
            if (!columnsOf.TryGetValue(table.Name, out var here))
            {
                return Malformed($"this server knows no table {table.Name}; it was made by a newer one");
            }

            if (table.Columns.Except(here, StringComparer.Ordinal).FirstOrDefault() is { } column)
            {
                return Malformed($"this server knows no column {column} of the table {table.Name}; it was made by a newer one");
            }
        }

        return null;
    }

    static Answer Malformed(string what) => Answer.Refused(ErrorCode.Malformed, $"The archive cannot be taken in: {what}.");
}
