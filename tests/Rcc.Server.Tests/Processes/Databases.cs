using System.Globalization;
using Npgsql;
using Rcc.Postgres.Embedded;
using Rcc.Server.Tests.Processes;

[assembly: AssemblyFixture(typeof(Databases))]

namespace Rcc.Server.Tests.Processes;

/// <summary>One PostgreSQL for all tests that do it no harm, started when the first one asks; a database of its own for each.</summary>
public sealed class Databases : IAsyncLifetime
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("rcc-databases-");
    readonly SemaphoreSlim starting = new(1);
    EmbeddedPostgres? server;
    int made;

    /// <summary>Makes an empty database and gives its connection string.</summary>
    public async Task<string> CreateAsync()
    {
        await starting.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            server ??= await EmbeddedPostgres.StartAsync(new() { DataFolder = folder.FullName });
        }
        finally
        {
            starting.Release();
        }

        var name = string.Create(CultureInfo.InvariantCulture, $"rcc_{Interlocked.Increment(ref made)}");
        await using var database = NpgsqlDataSource.Create(server.ConnectionString);
        await using var create = database.CreateCommand($"CREATE DATABASE {name}");
        await create.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = name }.ConnectionString;
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (server is not null) await server.DisposeAsync();
        starting.Dispose();
        folder.Delete(recursive: true);
    }
}
