using System.Reflection;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Rcc.Postgres.Schema;

/// <summary>Numbered forward-only migrations. Whoever starts first applies them; the others wait for the lock and find them applied.</summary>
public static class Migrations
{
    /// <summary>Any number, the same for every version of the product.</summary>
    const long LockKey = 0x5263_6353_6368_656d;

    /// <summary>The migrations of this build, in order: name and text.</summary>
    internal static IReadOnlyList<(string Name, string Sql)> All { get; } = ReadAll();

    /// <summary>Brings the schema up to this build.</summary>
    /// <exception cref="SchemaException">An applied migration is not the one of this build, or the database is newer than this build.</exception>
    public static Task ApplyAsync(string connectionString, ILogger logger, CancellationToken cancellationToken) => ApplyAsync(connectionString, All, logger, cancellationToken);

    internal static async Task ApplyAsync(string connectionString, IReadOnlyList<(string Name, string Sql)> migrations, ILogger logger, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await ExecuteAsync(connection, $"SELECT pg_advisory_lock({LockKey})", cancellationToken);
        await ExecuteAsync(connection,
            """
            CREATE TABLE IF NOT EXISTS schema_migration (
                name text COLLATE "C" PRIMARY KEY, checksum bytea NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())
            """, cancellationToken);
        var applied = await ReadAppliedAsync(connection, cancellationToken);
        if (applied.Keys.Except(migrations.Select(m => m.Name), StringComparer.Ordinal).FirstOrDefault() is { } unknown)
        {
            throw new SchemaException($"The database has migration {unknown}, which this build does not know: it was used by a newer one.");
        }

        foreach (var (name, sql) in migrations)
        {
            var checksum = SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(sql));
            if (applied.TryGetValue(name, out var found))
            {
                if (!found.AsSpan().SequenceEqual(checksum))
                {
                    throw new SchemaException($"Migration {name} was changed after it had been applied to this database.");
                }

                continue;
            }

            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await ExecuteAsync(connection, sql, cancellationToken);
            await using var record = new NpgsqlCommand("INSERT INTO schema_migration (name, checksum) VALUES ($1, $2)", connection);
            record.Parameters.Add(Database.Of(name));
            record.Parameters.Add(Database.Of(checksum));
            await record.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            PostgresLog.Migrated(logger, name);
        }
    }

    static async Task<Dictionary<string, byte[]>> ReadAppliedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT name, checksum FROM schema_migration", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        Dictionary<string, byte[]> applied = new(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            applied.Add(reader.GetString(0), reader.GetFieldValue<byte[]>(1));
        }

        return applied;
    }

    static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        // Waiting for the lock, or building an index, may take long.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    static List<(string Name, string Sql)> ReadAll()
    {
        const string Prefix = "schema/";
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(resource =>
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            return (Path.GetFileNameWithoutExtension(resource[Prefix.Length..]), reader.ReadToEnd());
        })];
    }
}

/// <summary>The database and this build do not fit together.</summary>
public sealed class SchemaException : Exception
{
    public SchemaException()
    {
    }

    public SchemaException(string message)
        : base(message)
    {
    }

    public SchemaException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
