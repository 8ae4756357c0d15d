using System.Globalization;
using Npgsql;
using Rcc.Postgres.Embedded;

namespace Rcc.Postgres.Tests;

/// <summary>One embedded server for the whole run, in a temporary folder, with the product's durable settings; a database of its own for each test class.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("rcc-tests-");
    int databases;
    EmbeddedPostgres? server;

    /// <summary>The server, for tests that kill it.</summary>
    public EmbeddedPostgres Server => server ?? throw new InvalidOperationException("The fixture was not initialised.");

    public async ValueTask InitializeAsync() =>
        server = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataFolder = folder.FullName });

    /// <summary>Creates an empty database and returns its connection string. It goes with the server.</summary>
    public async Task<string> CreateDatabaseAsync(CancellationToken cancellationToken = default)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref databases)}");
        await using var connection = new NpgsqlConnection(Server.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await create.ExecuteNonQueryAsync(cancellationToken);
        return new NpgsqlConnectionStringBuilder(Server.ConnectionString) { Database = name }.ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (server is not null)
        {
            await server.DisposeAsync();
        }

        folder.Delete(recursive: true);
    }
}
