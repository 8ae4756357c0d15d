using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Rcc.Core.Sync;
using Rcc.Postgres.Embedded;
using Rcc.Postgres.Schema;
using Rcc.Postgres.Tests.Embedded;

namespace Rcc.Postgres.Tests.Sync;

public class EpochTests(PostgresFixture postgres)
{
    [Fact, Trait("Catalogue", "INV-7")]
    public async Task An_epoch_is_the_same_for_all_servers_until_one_begins_another()
    {
        var database = await CreateAsync();
        await using var first = Stores.Open(database);
        await using var second = Stores.Open(database);
        var epoch = await first.Sync.ReadEpochAsync(default);
        Assert.Equal(epoch, await second.Sync.ReadEpochAsync(default));

        var next = await first.Sync.BeginEpochAsync(default);

        Assert.NotEqual(epoch, next);
        Assert.Equal(next, await second.Sync.ReadEpochAsync(default));
    }

    [Fact, Trait("Catalogue", "INV-7")]
    public async Task A_database_restored_beside_the_old_one_is_another_epoch_by_itself()
    {
        var database = await CreateAsync();
        Epoch epoch;
        await using (var stores = Stores.Open(database))
        {
            epoch = await stores.Sync.ReadEpochAsync(default);
        }

        NpgsqlConnection.ClearAllPools();
        var name = new NpgsqlConnectionStringBuilder(database).Database;
        await using (var connection = new NpgsqlConnection(postgres.Server.ConnectionString))
        {
            await connection.OpenAsync();
            await using var restore = new NpgsqlCommand($"CREATE DATABASE {name}_restored TEMPLATE {name}", connection);
            await restore.ExecuteNonQueryAsync();
        }

        await using var restored = Stores.Open(new NpgsqlConnectionStringBuilder(database) { Database = name + "_restored" }.ConnectionString);
        Assert.NotEqual(epoch, await restored.Sync.ReadEpochAsync(default));
    }

    [Fact, Trait("Catalogue", "INV-7")]
    public async Task A_copy_of_the_files_is_another_epoch_once_the_restore_begins_one_and_appends_go_on_from_its_number()
    {
        using var folder = new TemporaryFolder();
        using var copy = new TemporaryFolder();
        Scene scene;
        Talk talk;
        Epoch epoch;
        long newest;
        await using (var server = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataFolder = folder.Path }))
        {
            await Migrations.ApplyAsync(server.ConnectionString, NullLogger.Instance, default);
            await using var stores = Stores.Open(server.ConnectionString);
            (scene, var customer, _, talk) = await Scene.OpenOneAsync(stores);
            await scene.PostAsync(talk, customer, 2);
            epoch = await stores.Sync.ReadEpochAsync(default);
            newest = await scene.NewestAsync();
        }

        CopyFiles(folder.Path, copy.Path);
        await using var restored = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataFolder = copy.Path });
        await using var again = Stores.Open(restored.ConnectionString);
        Assert.Equal(epoch, await again.Sync.ReadEpochAsync(default));

        Assert.NotEqual(epoch, await again.Sync.BeginEpochAsync(default));
        var batch = await again.Log.AppendAsync(scene.Tenant, [Scene.Post(talk, talk.Customer, "after the restore")], default);
        Assert.Equal((AppendVerdict.Accepted, newest, newest + 1), (batch.Results[0].Verdict, batch.From, batch.To));
    }

    [Fact]
    public async Task A_store_put_back_to_an_earlier_number_under_a_running_server_is_appended_to_from_there()
    {
        var database = await CreateAsync();
        await using var stores = Stores.Open(database);
        var (scene, customer, _, talk) = await Scene.OpenOneAsync(stores);
        var earlier = await scene.NewestAsync();
        await scene.PostAsync(talk, customer, 3);
        await using (var connection = new NpgsqlConnection(database))
        {
            await connection.OpenAsync();
            await using var batchCommand = new NpgsqlBatch(connection);
            foreach (var sql in new[] { "DELETE FROM message WHERE tenant = $1", "DELETE FROM log_batch WHERE tenant = $1 AND newest > $2" })
            {
                var command = new NpgsqlBatchCommand(sql);
                command.Parameters.Add(Database.Of(scene.Tenant));
                if (sql.Contains("$2", StringComparison.Ordinal))
                {
                    command.Parameters.Add(Database.Of(earlier));
                }

                batchCommand.BatchCommands.Add(command);
            }

            await batchCommand.ExecuteNonQueryAsync();
        }

        var batch = await scene.AcceptAsync(Scene.Post(talk, customer, "again", seq: 1));

        Assert.Equal((earlier, earlier + 1), (batch.From, batch.To));
    }

    async Task<string> CreateAsync()
    {
        var database = await postgres.CreateDatabaseAsync();
        await Migrations.ApplyAsync(database, NullLogger.Instance, default);
        return database;
    }

    /// <summary>As a backup does it: with owners and rights.</summary>
    static void CopyFiles(string from, string to)
    {
        using var copy = System.Diagnostics.Process.Start("cp", ["-a", from + "/.", to]);
        copy.WaitForExit();
        Assert.Equal(0, copy.ExitCode);
    }
}
