using System.Globalization;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Rcc.Core;

namespace Rcc.Postgres;

/// <summary>The connections of the store: appends have a pool of their own, so that reads never keep a command waiting.</summary>
public sealed class Database : IAsyncDisposable
{
    /// <summary>The statements are written for paths along keys: whatever the statistics of a young table say, nothing is scanned, hashed or sorted to be joined.</summary>
    const string ByKey =
        "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c enable_material=off -c enable_memoize=off";

    /// <summary>Above what any setting lets be used at once.</summary>
    const int MaxArchiveConnections = 100;

    readonly NpgsqlDataSource cuts;
    readonly NpgsqlDataSource reads;
    readonly NpgsqlDataSource archives;

    public Database(IOptions<PostgresOptions> options)
    {
        Options = options.Value;
        Appends = Open(Options.AppendConnections, "append", ByKey);
        reads = Open(Options.ReadConnections, "read", ByKey);
        cuts = Open(1, "cut", "");
        archives = Open(MaxArchiveConnections, "archive", "", TimeSpan.Zero);
    }

    /// <summary>Checked options.</summary>
    public PostgresOptions Options { get; }

    internal NpgsqlDataSource Appends { get; }

    public async ValueTask DisposeAsync()
    {
        await Appends.DisposeAsync();
        await reads.DisposeAsync();
        await cuts.DisposeAsync();
        await archives.DisposeAsync();
    }

    internal static NpgsqlParameter Of<T>(T value) => new NpgsqlParameter<T> { TypedValue = value };

    internal static NpgsqlParameter Of(TenantId tenant) => Of(tenant.Value);

    internal static NpgsqlParameter Of(ReadOnlyMemory<byte> value) => new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Bytea };

    internal static NpgsqlParameter OfNullable<T>(T? value, NpgsqlDbType type)
        where T : struct => new() { Value = value is { } given ? given : DBNull.Value, NpgsqlDbType = type };

    /// <summary>One statement, all its rows.</summary>
    internal Task<List<T>> ListAsync<T>(string sql, Func<NpgsqlDataReader, T> read, NpgsqlParameter[] parameters, CancellationToken cancellationToken) =>
        ListAsync(reads, sql, read, parameters, cancellationToken);

    static async Task<List<T>> ListAsync<T>(NpgsqlDataSource source, string sql, Func<NpgsqlDataReader, T> read, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await source.OpenConnectionAsync(cancellationToken);
            await using var command = await PrepareAsync(connection, sql, parameters, cancellationToken);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            List<T> rows = [];
            while (await reader.ReadAsync(cancellationToken))
            {
                rows.Add(read(reader));
            }

            return rows;
        }
        catch (Exception e) when (DatabaseFailure.IsAway(e))
        {
            throw DatabaseFailure.Explain(e);
        }
    }

    /// <summary>A connection whose statements may take as long as a whole tenant does. Whoever asks has a limit of its own.</summary>
    internal async Task<NpgsqlConnection> OpenArchiveAsync(CancellationToken cancellationToken) => await archives.OpenConnectionAsync(cancellationToken);

    /// <summary>One statement that finds one row or none.</summary>
    internal async Task<T?> FindAsync<T>(string sql, Func<NpgsqlDataReader, T> read, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
        where T : class => (await ListAsync(sql, read, parameters, cancellationToken)).SingleOrDefault();

    /// <summary>One statement that changes rows; answers how many.</summary>
    internal Task<int> ExecuteAsync(string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken) => ExecuteAsync(reads, sql, parameters, cancellationToken);

    /// <summary>One statement over many rows of many tenants, planned by statistics.</summary>
    internal Task<int> CutAsync(string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken) => ExecuteAsync(cuts, sql, parameters, cancellationToken);

    /// <summary>As the other, for a function that says how many rows it changed.</summary>
    internal async Task<long> CutByFunctionAsync(string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken) =>
        (await ListAsync(cuts, sql, row => row.GetInt64(0), parameters, cancellationToken))[0];

    static async Task<int> ExecuteAsync(NpgsqlDataSource source, string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await source.OpenConnectionAsync(cancellationToken);
            await using var command = await PrepareAsync(connection, sql, parameters, cancellationToken);
            return await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception e) when (DatabaseFailure.IsAway(e))
        {
            throw DatabaseFailure.Explain(e);
        }
    }

    static async Task<NpgsqlCommand> PrepareAsync(NpgsqlConnection connection, string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);

        // Prepared once for each physical connection; later calls find it there.
        await command.PrepareAsync(cancellationToken);
        return command;
    }

    NpgsqlDataSource Open(int connections, string purpose, string planning) => Open(connections, purpose, planning, Options.StatementTimeout);

    NpgsqlDataSource Open(int connections, string purpose, string planning, TimeSpan statementTimeout)
    {
        var builder = new NpgsqlDataSourceBuilder(Options.ConnectionString);
        var given = builder.ConnectionStringBuilder;
        given.ApplicationName = $"rcc {purpose}";
        given.MaxPoolSize = connections;
        given.MinPoolSize = 0;

        // No statement leaves anything behind in its session.
        given.NoResetOnClose = true;
        given.Timeout = (int)Options.ConnectTimeout.TotalSeconds;
        given.CommandTimeout = statementTimeout == TimeSpan.Zero ? 0 : (int)Math.Ceiling(statementTimeout.TotalSeconds) + 1;

        given.Options = string.Create(
            CultureInfo.InvariantCulture,
            $"{given.Options} {planning} -c jit=off -c lock_timeout={(long)Options.LockTimeout.TotalMilliseconds} -c statement_timeout={(long)statementTimeout.TotalMilliseconds}").Trim();
        return builder.Build();
    }
}
