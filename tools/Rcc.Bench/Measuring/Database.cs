using Npgsql;
using Rcc.Postgres.Embedded;

namespace Rcc.Bench.Measuring;

/// <summary>The one PostgreSQL of a run: the embedded server with its default settings, on a folder of its own that is removed at the end.</summary>
sealed class Database : IAsyncDisposable
{
    /// <summary>What decides durability and speed, for the report.</summary>
    static readonly string[] ReportedSettings =
        ["fsync", "full_page_writes", "synchronous_commit", "wal_sync_method", "shared_buffers", "max_wal_size", "max_connections", "wal_compression", "jit"];

    readonly EmbeddedPostgres server;
    readonly NpgsqlDataSource source;

    Database(EmbeddedPostgres server)
    {
        this.server = server;
        source = NpgsqlDataSource.Create(server.ConnectionString);
    }

    public string DataFolder => server.DataFolder;

    public string ConnectionString => server.ConnectionString;

    /// <summary>CPU seconds of all its processes so far.</summary>
    public double CpuSeconds => ProcessFigures.CpuSecondsWithChildren(server.ProcessId);

    /// <param name="parentFolder">Where to make the folder; null: in the user's cache folder, which is on a disk where the temporary folder may be memory.</param>
    public static async Task<Database> StartAsync(string? parentFolder, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(parentFolder ?? Path.Combine(CacheFolder.Resolve(), "bench"), Guid.NewGuid().ToString("N"));
        return new Database(await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataFolder = folder }, cancellationToken: cancellationToken));
    }

    /// <summary>Makes an empty database beside the others; its connection string.</summary>
    public async Task<string> CreateAsync(string name, CancellationToken cancellationToken)
    {
        await ExecuteAsync($"CREATE DATABASE \"{name}\"", cancellationToken);
        return new NpgsqlConnectionStringBuilder(ConnectionString) { Database = name }.ConnectionString;
    }

    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Write-ahead-log syncs so far, of all processes, as far as they have reported them.</summary>
    public async Task<long> ReadWalSyncsAsync(CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("SELECT coalesce(sum(fsyncs), 0)::bigint FROM pg_stat_io WHERE object = 'wal'");
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
        await source.DisposeAsync();
        await server.DisposeAsync();
        Directory.Delete(DataFolder, recursive: true);
    }
}
