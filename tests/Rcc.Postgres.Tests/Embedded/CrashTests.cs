using System.Diagnostics;
using Npgsql;
using Rcc.Postgres.Embedded;
using static Rcc.Postgres.Tests.Embedded.EmbeddedPostgresTests;

namespace Rcc.Postgres.Tests.Embedded;

/// <summary>What <c>kill -9</c> of either process must not cost.</summary>
public class CrashTests
{
    const int Stop = 19;

    [Fact]
    public async Task A_killed_postmaster_is_started_again_with_what_was_committed()
    {
        using var folder = new TemporaryFolder();
        await using var server = await StartAsync(folder.Path);
        await ExecuteAsync(server.ConnectionString, "CREATE TABLE t AS SELECT 'kept' AS x");
        var killed = server.ProcessId;

        LibC.Signal(killed, LibC.Kill);

        Assert.Equal("kept", await ScalarOnceUpAsync(server.ConnectionString, "SELECT x FROM t"));
        Assert.NotEqual(killed, server.ProcessId);
    }

    [Fact]
    public async Task A_postmaster_killed_while_a_query_runs_is_started_again()
    {
        using var folder = new TemporaryFolder();
        await using var server = await StartAsync(folder.Path);
        await using var client = new NpgsqlConnection(server.ConnectionString);
        await client.OpenAsync();
        await using var endless = new NpgsqlCommand("SELECT count(*) FROM generate_series(1, 1000000000000)", client) { CommandTimeout = 0 };
        var running = endless.ExecuteScalarAsync();
        await UntilAsync(async () =>
            string.Equals(await ScalarAsync(server.ConnectionString, "SELECT count(*)::text FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%generate_series(1, 1000000000000)'"), "1", StringComparison.Ordinal));

        LibC.Signal(server.ProcessId, LibC.Kill);

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => running);
        Assert.Equal("1", await ScalarOnceUpAsync(server.ConnectionString, "SELECT '1'"));
    }

    [Fact]
    public async Task A_killed_owner_takes_its_postmaster_with_it_and_the_next_start_sees_the_data()
    {
        using var folder = new TemporaryFolder();
        using var owner = await StartOwnerWithDataAsync(folder);

        await owner.KillAsync();

        await UntilAsync(() => Task.FromResult(!ProcessTable.IsRunning(owner.PostmasterId)));
        await AssertNextStartSeesDataAsync(folder, owner);
    }

    [Fact]
    public async Task A_start_right_after_the_owner_was_killed_waits_for_the_old_postmaster()
    {
        using var folder = new TemporaryFolder();
        using var owner = await StartOwnerWithDataAsync(folder);

        await owner.KillAsync();
        await AssertNextStartSeesDataAsync(folder, owner);
    }

    [Fact]
    public async Task An_orphan_that_nothing_told_to_stop_is_stopped_by_the_next_start()
    {
        using var folder = new TemporaryFolder();
        using var owner = await StartOwnerWithDataAsync(folder);
        var watchers = ProcessTable.InSessionOf(owner.PostmasterId, "sh");
        Assert.Equal(2, watchers.Count);
        foreach (var watcher in watchers)
        {
            LibC.Signal(watcher, Stop);
        }

        await owner.KillAsync();
        foreach (var watcher in watchers)
        {
            LibC.Signal(watcher, LibC.Kill);
        }

        Assert.True(ProcessTable.IsRunning(owner.PostmasterId));
        await AssertNextStartSeesDataAsync(folder, owner);
    }

    [Fact]
    public async Task A_pid_file_whose_number_another_process_has_by_now_neither_blocks_nor_harms_it()
    {
        using var folder = new TemporaryFolder();
        await using (await StartAsync(folder.Path))
        {
        }

        using var bystander = Process.Start("sleep", "600");
        try
        {
            await File.WriteAllTextAsync(folder["cluster/postmaster.pid"], $"{bystander.Id}\n{folder["cluster"]}\n1700000000\n5432\n{folder["socket"]}\n\n");

            await using var server = await StartAsync(folder.Path);

            Assert.NotEqual(bystander.Id, server.ProcessId);
            Assert.False(bystander.HasExited);
        }
        finally
        {
            bystander.Kill();
        }
    }

    [Fact]
    public async Task The_copy_of_a_running_servers_folder_starts_without_harm_to_the_original()
    {
        using var folder = new TemporaryFolder();
        await using var original = await StartAsync(folder["original"]);
        Directory.CreateDirectory(folder["copy"]);
        using (var copying = Process.Start("cp", ["-r", folder["original/cluster"], folder["original/password"], folder["copy"]]))
        {
            await copying.WaitForExitAsync();
        }

        await using var copy = await StartAsync(folder["copy"]);

        Assert.Equal("1", await ScalarAsync(copy.ConnectionString, "SELECT '1'"));
        Assert.True(ProcessTable.IsRunning(original.ProcessId));
        Assert.Equal("1", await ScalarAsync(original.ConnectionString, "SELECT '1'"));
    }

    static async Task<OwnerProcess> StartOwnerWithDataAsync(TemporaryFolder folder)
    {
        var owner = await OwnerProcess.StartAsync(folder.Path);
        await ExecuteAsync(owner.ConnectionString, "CREATE TABLE t AS SELECT 'kept' AS x");
        return owner;
    }

    static async Task AssertNextStartSeesDataAsync(TemporaryFolder folder, OwnerProcess killed)
    {
        await using var server = await StartAsync(folder.Path);
        Assert.Equal("kept", await ScalarAsync(server.ConnectionString, "SELECT x FROM t"));
        Assert.False(ProcessTable.IsRunning(killed.PostmasterId));
    }

    static async Task<string?> ScalarOnceUpAsync(string connectionString, string sql)
    {
        string? result = null;
        await UntilAsync(async () =>
        {
            try
            {
                result = await ScalarAsync(connectionString, sql);
                return true;
            }
            catch (NpgsqlException)
            {
                return false;
            }
        });
        return result;
    }

    static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
        {
            await tick.WaitForNextTickAsync(limit.Token);
        }
    }
}
