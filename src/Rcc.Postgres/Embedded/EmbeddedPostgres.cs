using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Rcc.Postgres.Embedded;

/// <summary>
/// A PostgreSQL server of our own, run as a child process on the files of one folder. It is reached through a Unix socket
/// or a loopback port, stops with this process however that ends, and is started again when it dies by itself.
/// </summary>
public sealed class EmbeddedPostgres : IAsyncDisposable
{
    static readonly TimeSpan MaxRestartDelay = TimeSpan.FromSeconds(30);

    readonly PostgresAddress address;
    readonly string binaries;
    readonly PostgresCluster cluster;
    readonly FileLock folderLock;
    readonly ServerLogFile log;
    readonly ILogger logger;
    readonly EmbeddedPostgresOptions options;
    readonly Lock stopGate = new();
    readonly CancellationTokenSource stopping = new();
    Postmaster? postmaster;
    Task? stopped;
    Task supervised = Task.CompletedTask;

    EmbeddedPostgres(EmbeddedPostgresOptions options, string dataFolder, FileLock held, PostgresCluster cluster, string binaries, ILogger logger)
    {
        this.options = options;
        DataFolder = dataFolder;
        folderLock = held;
        this.cluster = cluster;
        this.binaries = binaries;
        this.logger = logger;
        address = PostgresAddress.Choose(dataFolder, options.UnixSocket);
        log = new ServerLogFile(Path.Combine(dataFolder, "server.log"), options.MaxLogBytes);
    }

    /// <summary>For Npgsql, with the password: not to be logged. It stays the same while this object lives.</summary>
    public string ConnectionString => ConnectionStringFor(options.Database);

    /// <summary>The folder given in the options, as a full path.</summary>
    public string DataFolder { get; }

    /// <summary>The postmaster's process id, which changes when it died and was started again.</summary>
    public int ProcessId => postmaster?.ProcessId ?? 0;

    /// <summary>Starts the server on the folder and returns when it takes connections. The first start downloads the programs and creates the cluster.</summary>
    /// <exception cref="EmbeddedPostgresException">The options are wrong, the folder is in use, the programs cannot be had, or the server does not start.</exception>
    public static async Task<EmbeddedPostgres> StartAsync(EmbeddedPostgresOptions options, ILogger? logger = null, CancellationToken cancellationToken = default)
    {
        options.Validate();
        logger ??= NullLogger.Instance;
        var programs = await PostgresBinaries.RestoreAsync(options.CacheFolder, logger, cancellationToken);
        var dataFolder = Path.GetFullPath(options.DataFolder);
        CreateDataFolder(dataFolder);
        var held = TakeFolder(dataFolder);
        EmbeddedPostgres? server = null;
        try
        {
            var opened = await PostgresCluster.OpenAsync(options, dataFolder, programs, logger, cancellationToken);
            await LeftoverPostmaster.StopAsync(opened.Folder, options.StopTimeout, logger, cancellationToken);
            server = new EmbeddedPostgres(options, dataFolder, held, opened, programs, logger);
            await server.StartPostmasterAsync(cancellationToken);
            await server.CreateDatabaseAsync(cancellationToken);
            server.supervised = server.SuperviseAsync();
            return server;
        }
        catch
        {
            if (server is null)
            {
                held.Dispose();
            }
            else
            {
                await server.StopAsync();
            }

            throw;
        }
    }

    /// <summary>Stops the server: fast, then immediately when that takes too long. Repeating it is harmless.</summary>
    public Task StopAsync()
    {
        lock (stopGate)
        {
            return stopped ??= StopOnceAsync();
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    static void CreateDataFolder(string dataFolder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(dataFolder);
        }
        else
        {
            Directory.CreateDirectory(dataFolder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    static FileLock TakeFolder(string dataFolder)
    {
        // The id has a file of its own, since a locked file cannot be read.
        var owner = Path.Combine(dataFolder, "owner.pid");
        var held = FileLock.TryTake(Path.Combine(dataFolder, "owner.lock"))
            ?? throw new EmbeddedPostgresException(
                $"{dataFolder} is in use by process {(File.Exists(owner) ? File.ReadAllText(owner) : "(unknown)")}; one server at a time can run on a data folder.");
        File.WriteAllText(owner, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        return held;
    }

    string ConnectionStringFor(string database, bool pooling = true) => new NpgsqlConnectionStringBuilder
    {
        Host = address.Host,
        Port = address.Port,
        Username = PostgresCluster.User,
        Password = cluster.Password,
        Database = database,
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
        Pooling = pooling,
    }.ConnectionString;

    async Task StartPostmasterAsync(CancellationToken cancellationToken)
    {
        log.Forget();
        postmaster?.Dispose();
        postmaster = null;
        address.Clear();
        postmaster = await Postmaster.StartAsync(binaries, cluster.Arguments(address), log, cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.StartTimeout);
        try
        {
            await WaitUntilReadyAsync(postmaster, limit.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EmbeddedPostgresException($"PostgreSQL in {DataFolder} was not ready within {options.StartTimeout}. Its log ends with:\n{log.Tail}", e);
        }

        EmbeddedPostgresLog.Started(logger, postmaster.ProcessId, address.ToString(), DataFolder);
    }

    async Task WaitUntilReadyAsync(Postmaster postmaster, CancellationToken cancellationToken)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            if (postmaster.HasExited)
            {
                await postmaster.WaitForExitAsync(cancellationToken);
                throw new EmbeddedPostgresException($"PostgreSQL in {DataFolder} ended while starting. Its log ends with:\n{log.Tail}{UnprivilegedProcess.Advice(log.Tail)}");
            }

            try
            {
                await using var connection = new NpgsqlConnection(ConnectionStringFor("postgres", pooling: false));
                await connection.OpenAsync(cancellationToken);
                return;
            }
            catch (NpgsqlException e) when (e is not PostgresException { SqlState: not PostgresErrorCodes.CannotConnectNow })
            {
                await tick.WaitForNextTickAsync(cancellationToken);
            }
        }
    }

    async Task CreateDatabaseAsync(CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(ConnectionStringFor("postgres", pooling: false));
        await connection.OpenAsync(cancellationToken);
        await using var exists = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection);
        exists.Parameters.Add(new NpgsqlParameter<string> { TypedValue = options.Database });
        if (await exists.ExecuteScalarAsync(cancellationToken) is null)
        {
            await using var create = new NpgsqlCommand($"CREATE DATABASE \"{options.Database}\"", connection);
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    async Task SuperviseAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await postmaster!.WaitForExitAsync(stopping.Token);
                EmbeddedPostgresLog.Died(logger, postmaster.ProcessId);
                await RestartAsync();
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
        }
    }

    async Task RestartAsync()
    {
        for (var delay = TimeSpan.FromSeconds(1); ; delay = delay * 2 < MaxRestartDelay ? delay * 2 : MaxRestartDelay)
        {
            try
            {
                await LeftoverPostmaster.StopAsync(cluster.Folder, options.StopTimeout, logger, stopping.Token);
                await StartPostmasterAsync(stopping.Token);
                return;
            }
            catch (Exception e) when (e is not OperationCanceledException || !stopping.IsCancellationRequested)
            {
                // A full disk or a taken port may pass; the data is safe meanwhile, and callers see a database that is away.
                EmbeddedPostgresLog.RestartFailed(logger, delay, e);
                await Task.Delay(delay, stopping.Token);
            }
        }
    }

    async Task StopOnceAsync()
    {
        await stopping.CancelAsync();
        await supervised;
        if (postmaster is not null)
        {
            await postmaster.StopAsync(options.StopTimeout);
            postmaster.Dispose();
        }

        address.Release();
        log.Dispose();
        File.Delete(Path.Combine(DataFolder, "owner.pid"));
        folderLock.Dispose();
        stopping.Dispose();
        EmbeddedPostgresLog.Stopped(logger, DataFolder);
    }
}
