using Rcc.Postgres.Embedded;

namespace Rcc.Server;

/// <summary>The PostgreSQL this server works on: one named by the configuration, or an embedded one that starts and stops with the server.</summary>
internal sealed class OpenedStore : IAsyncDisposable
{
    public const string ConnectionStringName = "Rcc";
    public const string ConnectionStringVariable = "RCC_CONNECTION_STRING";

    const string EmbeddedSection = "Rcc:Postgres";

    readonly EmbeddedPostgres? embedded;

    OpenedStore(string connectionString, string dataFolder, EmbeddedPostgres? embedded)
    {
        ConnectionString = connectionString;
        DataFolder = dataFolder;
        this.embedded = embedded;
    }

    /// <summary>With a password: not to be logged.</summary>
    public string ConnectionString { get; }

    /// <summary>Where this server keeps files of its own.</summary>
    public string DataFolder { get; }

    /// <param name="configuration">The connection string, or how the embedded one runs: its settings are checked in either case.</param>
    /// <param name="dataFolder">Goes before the configuration's; null when the command line names none.</param>
    /// <param name="loggers">For the embedded one.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="EmbeddedPostgresException">A setting is wrong; or there is no connection string, and the embedded one cannot run.</exception>
    public static async Task<OpenedStore> OpenAsync(IConfiguration configuration, string? dataFolder, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var settings = new EmbeddedPostgresOptions { DataFolder = Rcc.Server.DataFolder.Default() };
        configuration.GetSection(EmbeddedSection).Bind(settings);
        settings.DataFolder = dataFolder ?? settings.DataFolder;
        settings.Validate();
        var folder = Path.GetFullPath(settings.DataFolder);
        if ((configuration.GetConnectionString(ConnectionStringName) ?? configuration[ConnectionStringVariable]) is { Length: > 0 } given)
            return new(given, folder, null);

        var started = await EmbeddedPostgres.StartAsync(settings, loggers.CreateLogger<EmbeddedPostgres>(), cancellationToken);
        return new(started.ConnectionString, folder, started);
    }

    public ValueTask DisposeAsync() => embedded?.DisposeAsync() ?? ValueTask.CompletedTask;
}
