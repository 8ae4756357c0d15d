using Rcc.Postgres.Embedded;

namespace Rcc.Server;

/// <summary>The PostgreSQL this server works on: one named by the configuration, or an embedded one that starts and stops with the server.</summary>
internal sealed class OpenedStore : IAsyncDisposable
{
    public const string ConnectionStringName = "Rcc";
    public const string ConnectionStringVariable = "RCC_CONNECTION_STRING";

    readonly EmbeddedPostgres? _embedded;

    OpenedStore(string connectionString, string dataFolder, EmbeddedPostgres? embedded)
    {
        ConnectionString = connectionString;
        DataFolder = dataFolder;
        _embedded = embedded;
    }

    /// <summary>With a password: not to be logged.</summary>
    public string ConnectionString { get; }

    /// <summary>Where this server keeps files of its own.</summary>
    public string DataFolder { get; }

    /// <exception cref="EmbeddedPostgresException">There is no connection string, and the embedded one cannot run.</exception>
    public static async Task<OpenedStore> OpenAsync(IConfiguration configuration, string? dataFolder, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var folder = Path.GetFullPath(dataFolder ?? Rcc.Server.DataFolder.Default());
        if ((configuration.GetConnectionString(ConnectionStringName) ?? configuration[ConnectionStringVariable]) is { Length: > 0 } given)
            return new(given, folder, null);

        var embedded = await EmbeddedPostgres.StartAsync(new() { DataFolder = folder }, loggers.CreateLogger<EmbeddedPostgres>(), cancellationToken);
        return new(embedded.ConnectionString, folder, embedded);
    }

    public ValueTask DisposeAsync() => _embedded?.DisposeAsync() ?? ValueTask.CompletedTask;
}
