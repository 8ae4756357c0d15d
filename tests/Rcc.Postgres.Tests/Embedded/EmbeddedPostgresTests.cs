using Npgsql;
using Rcc.Postgres.Embedded;

namespace Rcc.Postgres.Tests.Embedded;

public class EmbeddedPostgresTests
{
    [Fact]
    public async Task A_fresh_cluster_is_durable_checksummed_and_sorts_by_code_point()
    {
        using var folder = new TemporaryFolder();
        await using var server = await StartAsync(folder.Path);

        foreach (var (name, value) in new[]
        {
            ("fsync", "on"), ("full_page_writes", "on"), ("synchronous_commit", "on"), ("data_checksums", "on"),
            ("server_encoding", "UTF8"), ("listen_addresses", ""), ("max_connections", "200"), ("shared_buffers", "256MB"),
        })
        {
            Assert.Equal((name, value), (name, await ScalarAsync(server.ConnectionString, $"SHOW {name}")));
        }

        Assert.Equal("b C.UTF-8", await ScalarAsync(
            server.ConnectionString, "SELECT datlocprovider::text || ' ' || datlocale FROM pg_database WHERE datname = current_database()"));
    }

    [Fact]
    public async Task Data_is_there_again_after_a_stop_and_a_start()
    {
        using var folder = new TemporaryFolder();
        await using (var first = await StartAsync(folder.Path))
        {
            await ExecuteAsync(first.ConnectionString, "CREATE TABLE t AS SELECT 'kept' AS x");
        }

        await using var second = await StartAsync(folder.Path);
        Assert.Equal("kept", await ScalarAsync(second.ConnectionString, "SELECT x FROM t"));
    }

    [Fact]
    public async Task A_stop_ends_the_processes_and_frees_the_folder_though_clients_are_connected()
    {
        using var folder = new TemporaryFolder();
        var server = await StartAsync(folder.Path);
        await using var client = new NpgsqlConnection(server.ConnectionString);
        await client.OpenAsync();

        await server.StopAsync();
        await server.StopAsync();

        Assert.False(ProcessTable.IsRunning(server.ProcessId));
        using var free = FileLock.TryTake(folder["owner.lock"]);
        Assert.NotNull(free);
        Assert.False(Directory.Exists(folder["socket"]));
    }

    [Fact]
    public async Task A_ctrl_c_at_the_terminal_does_not_reach_the_postmaster_whose_session_is_its_own()
    {
        using var folder = new TemporaryFolder();
        await using var server = await StartAsync(folder.Path);

        var session = ProcessTable.Session(server.ProcessId);
        Assert.NotNull(session);
        Assert.NotEqual(ProcessTable.Session(Environment.ProcessId), session);
    }

    [Fact]
    public async Task A_second_server_on_the_folder_is_refused_and_told_who_has_it()
    {
        using var folder = new TemporaryFolder();
        await using var server = await StartAsync(folder.Path);

        var refusal = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => StartAsync(folder.Path));

        Assert.Contains($"{folder.Path} is in use by process {Environment.ProcessId};", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("1", await ScalarAsync(server.ConnectionString, "SELECT '1'"));
    }

    [Fact]
    public async Task Where_a_socket_is_not_wanted_the_server_listens_on_loopback_and_asks_for_the_password()
    {
        using var folder = new TemporaryFolder();
        await using var server = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataFolder = folder.Path, UnixSocket = false });
        var builder = new NpgsqlConnectionStringBuilder(server.ConnectionString);

        Assert.Equal("127.0.0.1", builder.Host);
        Assert.Equal("127.0.0.1", await ScalarAsync(server.ConnectionString, "SHOW listen_addresses"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder["password"]));

        builder.Password = "guess";
        var refusal = await Assert.ThrowsAsync<PostgresException>(() => ScalarAsync(builder.ConnectionString, "SELECT '1'"));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refusal.SqlState);
    }

    [Theory]
    [InlineData("a-folder-whose-name-is-so-long-that-no-socket-path-below-it-would-fit-into-the-kernels-address-of-one-hundred-bytes")]
    [InlineData("a folder, with a comma; and 'quotes'")]
    public async Task A_folder_whose_path_no_socket_can_have_works_as_well(string name)
    {
        using var folder = new TemporaryFolder();
        string socketFolder;
        await using (var server = await StartAsync(folder[name]))
        {
            socketFolder = new NpgsqlConnectionStringBuilder(server.ConnectionString).Host!;
            Assert.StartsWith(Path.GetTempPath(), socketFolder, StringComparison.Ordinal);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(socketFolder));
            Assert.Equal("1", await ScalarAsync(server.ConnectionString, "SELECT '1'"));
        }

        Assert.False(Directory.Exists(socketFolder));
    }

    [Fact]
    public async Task A_start_that_fails_shows_the_servers_log_and_leaves_the_folder_usable()
    {
        using var folder = new TemporaryFolder();
        var options = new EmbeddedPostgresOptions
        {
            DataFolder = folder.Path,
            Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["wal_level"] = "sideways" },
        };

        var failure = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => EmbeddedPostgres.StartAsync(options));

        Assert.Contains("invalid value for parameter \"wal_level\": \"sideways\"", failure.Message, StringComparison.Ordinal);
        await using var server = await StartAsync(folder.Path);
    }

    [Fact]
    public async Task A_cluster_half_made_by_a_killed_start_is_made_anew()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["cluster.new/base"]);
        await File.WriteAllTextAsync(folder["cluster.new/PG_VERSION"], "18");

        await using var server = await StartAsync(folder.Path);

        Assert.Equal("1", await ScalarAsync(server.ConnectionString, "SELECT '1'"));
    }

    [Fact]
    public async Task A_failed_statement_does_not_bring_its_text_into_the_log()
    {
        using var folder = new TemporaryFolder();
        await using (var server = await StartAsync(folder.Path))
        {
            await ExecuteAsync(server.ConnectionString, "CREATE TABLE t (x text PRIMARY KEY)");
            await ExecuteAsync(server.ConnectionString, "INSERT INTO t VALUES ('a secret')");
            await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(server.ConnectionString, "INSERT INTO t VALUES ('a secret')"));
        }

        var log = await File.ReadAllTextAsync(folder["server.log"]);
        Assert.Contains("duplicate key", log, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", log, StringComparison.Ordinal);
    }

    internal static Task<EmbeddedPostgres> StartAsync(string folder) =>
        EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataFolder = folder });

    internal static async Task<string?> ScalarAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        return (string?)await command.ExecuteScalarAsync();
    }

    internal static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
