using System.Globalization;
using Npgsql;
using Rcc.Postgres.Embedded;

namespace Rcc.Postgres.Tests;

/// <summary>One embedded server for the whole run, in a temporary folder, with the product's durable settings; a database of its own for each test class.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rcc-tests-");
    int _databases;
    EmbeddedPostgres? _server;

    /// <summary>The server, for tests that kill it.</summary>
    public EmbeddedPostgres Server => _server ?? throw new InvalidOperationException("The fixture was not initialised.");

    public async ValueTask InitializeAsync() =>
        _server = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataFolder = _folder.FullName });

    /// <summary>Creates an empty database and returns its connection string. It goes with the server.</summary>
    public async Task<string> CreateDatabaseAsync(CancellationToken cancellationToken = default)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref _databases)}");
        await using var connection = new NpgsqlConnection(Server.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await create.ExecuteNonQueryAsync(cancellationToken);
        return new NpgsqlConnectionStringBuilder(Server.ConnectionString) { Database = name }.ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }
}
