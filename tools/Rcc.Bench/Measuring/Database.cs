using Npgsql;
using Rcc.Postgres.Embedded;

namespace Rcc.Bench.Measuring;

/// <summary>
/// The one PostgreSQL of a run: the embedded server with its default settings, on a folder of its own, or one that runs on this machine already. What the run makes is removed at the end.
/// </summary>
sealed class Database : IAsyncDisposable
{
    /// <summary>The first whose I/O statistics hold the log's syncs.</summary>
    static readonly Version IoStatisticsHoldTheLog = new(18, 0);

    /// <summary>What decides durability and speed, for the report.</summary>
    static readonly string[] ReportedSettings =
        ["fsync", "full_page_writes", "synchronous_commit", "wal_sync_method", "shared_buffers", "max_wal_size", "max_connections", "wal_compression", "jit"];

    readonly EmbeddedPostgres? embedded;
    readonly NpgsqlDataSource source;
    readonly Version version;
    readonly int postmaster;
    readonly List<string> made = [];

    Database(EmbeddedPostgres? embedded, NpgsqlDataSource source, string connectionString, Version version, int postmaster, string dataFolder)
    {
        (this.embedded, this.source, this.version, this.postmaster) = (embedded, source, version, postmaster);
        (ConnectionString, DataFolder) = (connectionString, dataFolder);
    }

    public string DataFolder { get; }

    public string ConnectionString { get; }

    /// <summary>CPU seconds of all its processes so far.</summary>
    public double CpuSeconds => ProcessFigures.CpuSecondsWithChildren(postmaster);

    /// <summary>Starts the embedded server.</summary>
    /// <param name="parentFolder">Where to make the folder; null: in the user's cache folder, which is on a disk where the temporary folder may be memory.</param>
    public static async Task<Database> StartAsync(string? parentFolder, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(parentFolder ?? Path.Combine(CacheFolder.Resolve(), "bench"), Guid.NewGuid().ToString("N"));
        var server = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataFolder = folder }, cancellationToken: cancellationToken);
        return await OpenAsync(server, server.ConnectionString, cancellationToken);
    }

    /// <summary>Uses one that runs on this machine.</summary>
    /// <param name="connectionString">Of a superuser: the report names the server's folder, and databases are made and dropped.</param>
    public static Task<Database> UseAsync(string connectionString, CancellationToken cancellationToken) => OpenAsync(null, connectionString, cancellationToken);

    static async Task<Database> OpenAsync(EmbeddedPostgres? embedded, string connectionString, CancellationToken cancellationToken)
    {
        var server = NpgsqlDataSource.Create(connectionString);
        try
        {
            await using var connection = await server.OpenConnectionAsync(cancellationToken);
            await using var command = new NpgsqlCommand("SHOW data_directory", connection);
            var folder = (string)(await command.ExecuteScalarAsync(cancellationToken))!;
            return new Database(embedded, server, connectionString, connection.PostgreSqlVersion, ProcessFigures.ParentOf(connection.ProcessID), embedded?.DataFolder ?? folder);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes an empty database beside the others; its connection string.</summary>
    public async Task<string> CreateAsync(string name, CancellationToken cancellationToken)
    {
        var database = $"rcc_bench_{name}_{Guid.NewGuid():N}";
        await ExecuteAsync($"CREATE DATABASE \"{database}\"", cancellationToken);
        made.Add(database);
        return new NpgsqlConnectionStringBuilder(ConnectionString) { Database = database }.ConnectionString;
    }

    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Write-ahead-log syncs so far, of all processes, as far as they have reported them.</summary>
    public async Task<long> ReadWalSyncsAsync(CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            version >= IoStatisticsHoldTheLog ? "SELECT coalesce(sum(fsyncs), 0)::bigint FROM pg_stat_io WHERE object = 'wal'" : "SELECT wal_sync FROM pg_stat_wal");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async Task<IReadOnlyDictionary<string, string>> ReadSettingsAsync(CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY ($1) ORDER BY name");
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = ReportedSettings });
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            settings.Add(reader.GetString(0), reader.GetString(1));
        }

        return settings;
    }

    public async Task<Versions> ReadVersionsAsync(CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("SHOW server_version");
        return Versions.Describe((string)(await command.ExecuteScalarAsync(cancellationToken))!);
    }

    public async ValueTask DisposeAsync()
    {
        if (embedded is null)
        {
            foreach (var database in made)
            {
                await ExecuteAsync($"DROP DATABASE \"{database}\" WITH (FORCE)", CancellationToken.None);
            }
        }

        await source.DisposeAsync();
        if (embedded is not null)
        {
            await embedded.DisposeAsync();
            Directory.Delete(DataFolder, recursive: true);
        }
    }
}
