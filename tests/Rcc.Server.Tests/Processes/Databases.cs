using System.Globalization;
using Npgsql;
using Rcc.Postgres.Embedded;
using Rcc.Server.Tests.Processes;

[assembly: AssemblyFixture(typeof(Databases))]

namespace Rcc.Server.Tests.Processes;

/// <summary>One PostgreSQL for all tests that do it no harm, started when the first one asks; a database of its own for each.</summary>
public sealed class Databases : IAsyncLifetime
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rcc-databases-");
    readonly SemaphoreSlim _starting = new(1);
    EmbeddedPostgres? _server;
    int _made;

    /// <summary>Makes an empty database and gives its connection string.</summary>
    public async Task<string> CreateAsync()
    {
        await _starting.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            _server ??= await EmbeddedPostgres.StartAsync(new() { DataFolder = _folder.FullName });
        }
        finally
        {
            _starting.Release();
        }

        var name = string.Create(CultureInfo.InvariantCulture, $"rcc_{Interlocked.Increment(ref _made)}");
        await using var database = NpgsqlDataSource.Create(_server.ConnectionString);
        await using var create = database.CreateCommand($"CREATE DATABASE {name}");
        await create.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Database = name }.ConnectionString;
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_server is not null) await _server.DisposeAsync();
        _starting.Dispose();
        _folder.Delete(recursive: true);
    }
}
