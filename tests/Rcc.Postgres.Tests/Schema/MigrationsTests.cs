using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Rcc.Postgres.Schema;

namespace Rcc.Postgres.Tests.Schema;

public class MigrationsTests(PostgresFixture postgres)
{
    static readonly (string Name, string Sql)[] One = [("0001_one", "CREATE TABLE one (x integer); CREATE TABLE two (x integer)")];

    [Fact]
    public async Task Many_that_start_at_once_apply_each_migration_once()
    {
        var database = await postgres.CreateDatabaseAsync();

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Task.Run(() => Migrations.ApplyAsync(database, NullLogger.Instance, default))));

        Assert.Equal(Migrations.All.Select(m => m.Name), await ReadAppliedAsync(database), StringComparer.Ordinal);
        Assert.NotEmpty(Migrations.All);
    }

    [Fact]
    public async Task A_migration_that_was_changed_after_it_was_applied_is_refused()
    {
        var database = await postgres.CreateDatabaseAsync();
        await Migrations.ApplyAsync(database, One, NullLogger.Instance, default);

        var failure = await Assert.ThrowsAsync<SchemaException>(() => Migrations.ApplyAsync(database, [("0001_one", "CREATE TABLE other (x integer)")], NullLogger.Instance, default));

        Assert.Contains("0001_one", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_used_by_a_newer_build_is_refused()
    {
        var database = await postgres.CreateDatabaseAsync();
        await Migrations.ApplyAsync(database, [.. One, ("0002_two", "CREATE TABLE three (x integer)")], NullLogger.Instance, default);

        var failure = await Assert.ThrowsAsync<SchemaException>(() => Migrations.ApplyAsync(database, One, NullLogger.Instance, default));

        Assert.Contains("0002_two", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_nothing_and_the_next_start_goes_on_from_there()
    {
        var database = await postgres.CreateDatabaseAsync();
        await Assert.ThrowsAsync<PostgresException>(() =>
            Migrations.ApplyAsync(database, [.. One, ("0002_two", "CREATE TABLE three (x integer); SELECT 1 / 0")], NullLogger.Instance, default));
        Assert.Equal(["0001_one"], await ReadAppliedAsync(database));

        await Migrations.ApplyAsync(database, [.. One, ("0002_two", "CREATE TABLE three (x integer)")], NullLogger.Instance, default);

        Assert.Equal(["0001_one", "0002_two"], await ReadAppliedAsync(database));
    }

    static async Task<List<string>> ReadAppliedAsync(string database)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT name FROM schema_migration ORDER BY name", connection);
        await using var reader = await command.ExecuteReaderAsync();
        List<string> names = [];
        while (await reader.ReadAsync())
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }
}
