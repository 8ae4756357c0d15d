using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Rcc.Core.Access;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Customers;
using Rcc.Core.Routing;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;
using Rcc.Postgres.Access;
using Rcc.Postgres.Agents;
using Rcc.Postgres.Conversations;
using Rcc.Postgres.Customers;
using Rcc.Postgres.Routing;
using Rcc.Postgres.Schema;
using Rcc.Postgres.Sync;
using Rcc.Postgres.Tenants;

[assembly: AssemblyFixture(typeof(Rcc.Postgres.Tests.PostgresFixture))]

namespace Rcc.Postgres.Tests;

/// <summary>A database of its own with the schema in it, and every store on it.</summary>
public sealed class StoreFixture(PostgresFixture postgres) : IAsyncLifetime
{
    string connectionString = "";
    Stores? stores;

    public Stores Stores => stores ?? throw new InvalidOperationException("The fixture was not initialised.");

    public string ConnectionString => connectionString;

    public async ValueTask InitializeAsync()
    {
        connectionString = await postgres.CreateDatabaseAsync();
        await Migrations.ApplyAsync(connectionString, NullLogger.Instance, default);
        stores = Another();
    }

    /// <summary>The stores as another server on the same database has them. Dispose it.</summary>
    public Stores Another(Action<PostgresOptions>? configure = null) => Stores.Open(connectionString, configure);

    public async Task<object?> ScalarAsync(string sql, params object[] parameters)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        return await command.ExecuteScalarAsync();
    }

    /// <summary>
    /// What a server of its own does to the rows of this database, as PostgreSQL counts it. Its connections are closed first: what a connection did is counted for certain when it has ended.
    /// </summary>
    public async Task<Counters> CountAsync(Func<Stores, Task> act)
    {
        const string Connections = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'rcc %'";
        const string Read =
            """
            SELECT concat_ws(' ', sum(t.n_tup_ins), sum(t.n_tup_upd), sum(t.n_tup_del), sum(t.n_tup_hot_upd), sum(t.idx_tup_fetch) , sum(t.seq_tup_read),
                (SELECT sum(coalesce(heap_blks_hit, 0) + coalesce(heap_blks_read, 0) + coalesce(idx_blks_hit, 0) + coalesce(idx_blks_read, 0)) FROM pg_statio_user_tables),
                (SELECT sum(n_tup_ins) FROM pg_stat_user_tables WHERE relname IN ('message', 'log_batch')))
            FROM pg_stat_user_tables t
            """;
        // What vacuum does is counted as well, and nobody knows when it comes.
        const string WithoutVacuum =
            "DO $$ BEGIN EXECUTE (SELECT string_agg(format('ALTER TABLE %I SET (autovacuum_enabled = false)', relname), ';') FROM pg_stat_user_tables); END $$";
        await ScalarAsync(WithoutVacuum);

        // A connection that lives on tells what it did up to a second later, unless it is asked to.
        await ScalarAsync("SELECT pg_stat_force_next_flush()");
        var open = await ScalarAsync(Connections);
        var before = await ReadAsync();
        await using (var server = Another())
        {
            await act(server);
        }

        while (!Equals(await ScalarAsync(Connections), open))
        {
            await Task.Yield();
        }

        var after = await ReadAsync();
        return new Counters([.. after.Zip(before, (a, b) => a - b)]);

        async Task<long[]> ReadAsync() => [.. ((string)(await ScalarAsync(Read))!).Split(' ').Select(value => long.Parse(value, System.Globalization.CultureInfo.InvariantCulture))];
    }

    public async ValueTask DisposeAsync()
    {
        if (stores is not null)
        {
            await stores.DisposeAsync();
        }
    }
}

/// <summary>Rows and blocks, counted by the server.</summary>
public sealed record Counters(IReadOnlyList<long> Values)
{
    public long Inserted => Values[0];

    public long Updated => Values[1];

    public long Deleted => Values[2];

    public long HeapOnly => Values[3];

    /// <summary>Rows fetched by an index or a scan.</summary>
    public long Fetched => Values[4] + Values[5];

    public long Blocks => Values[6];

    public long LogRowsInserted => Values[7];
}

/// <summary>Every store of one server.</summary>
public sealed class Stores : IAsyncDisposable
{
    readonly Database database;

    Stores(Database database)
    {
        this.database = database;
        Log = new LogStore(database);
        Sync = new SyncStore(database);
        Nodes = new NodeStore(database);
        Conversations = new ConversationStore(database, Options.Create(new AgentOptions()));
        Shortcuts = new ShortcutStore(database);
        Agents = new AgentStore(database);
        Tenants = new TenantStore(database);
        Customers = new CustomerStore(database);
        AgentContexts = new AgentContextStore(database);
        Routing = new RoutingStore(database, Options.Create(new AgentOptions()));
        Acts = new ActStore(database);
        Terms = new TermsStore(database);
        Queues = new QueueStore(database);
        Erasure = new ErasureStore(database);
        Archives = new ArchiveStore(database);
        Credentials = new CredentialStore(database);
        Operators = new OperatorStore(database);
        Retention = new Retention(database);
    }

    public ILogStore Log { get; }

    public ISyncStore Sync { get; }

    public INodeStore Nodes { get; }

    public IConversationStore Conversations { get; }

    public ShortcutStore Shortcuts { get; }

    public IAgentStore Agents { get; }

    public ITenantStore Tenants { get; }

    public ICustomerStore Customers { get; }

    public IAgentContextStore AgentContexts { get; }

    public IActStore Acts { get; }

    public ITermsStore Terms { get; }

    public IErasureStore Erasure { get; }

    public IArchiveStore Archives { get; }

    public IRoutingStore Routing { get; }

    public IQueueStore Queues { get; }

    public ICredentialStore Credentials { get; }

    public IOperatorStore Operators { get; }

    public Retention Retention { get; }

    public static Stores Open(string connectionString, Action<PostgresOptions>? configure = null)
    {
        var options = new PostgresOptions { ConnectionString = connectionString };
        configure?.Invoke(options);
        return new Stores(new Database(Options.Create(options)));
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();
}
