using Npgsql;
using Rcc.Server.Tests.Processes;

namespace Rcc.Server.Tests.Failures;

/// <summary>The first promise: nothing is acknowledged or pushed before its commit, whatever the store does.</summary>
[Collection(nameof(Failures))]
[Trait("Catalogue", "INV-2")]
public sealed class NothingBeforeItsCommitTests(Databases databases)
{
    [Fact]
    public async Task While_the_message_table_is_locked_nothing_is_acknowledged_or_pushed()
    {
        var database = await databases.CreateAsync();
        await using var server = await ServerProcess.OnDatabaseAsync(database);
        await using var people = await BeginAsync(server);
        await using var source = NpgsqlDataSource.Create(database);
        await using (var connection = await source.OpenConnectionAsync())
        await using (await connection.BeginTransactionAsync())
        {
            await ExecuteAsync(connection, "LOCK TABLE message IN ACCESS EXCLUSIVE MODE");
            var committed = await PostingPeople.CommittedAsync(connection);
            await UntilTurnedAwayAsync(people, committed);
            AssertOnly(committed, people);
        }

        await GoOnAsync(people, database);
    }

    [Fact]
    public async Task While_the_insert_of_a_message_fails_it_is_neither_acknowledged_nor_pushed_and_the_others_are()
    {
        var database = await databases.CreateAsync();
        await using var server = await ServerProcess.OnDatabaseAsync(database);
        await using var people = await BeginAsync(server);
        await using var source = NpgsqlDataSource.Create(database);
        await using var connection = await source.OpenConnectionAsync();
        await ExecuteAsync(
            connection,
            """
            CREATE FUNCTION refuse_marked() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the test refuses it'; END $$;
            CREATE TRIGGER refuse_marked BEFORE INSERT ON message FOR EACH ROW WHEN (convert_from(NEW.content, 'UTF8') LIKE '%3 marked') EXECUTE FUNCTION refuse_marked()
            """);
        people.Mark = " marked";
        await people.UntilAcknowledgedAsync(more: 50);
        await Until.TrueAsync(() => Marked(people).Count(p => p.Outcome is not null) >= 10, () => "ten of the marked posts are answered");
        Assert.All(Marked(people), post => Assert.True(post.Outcome is null or { Code: ErrorCode.Unavailable }, $"{post.Outcome}"));
        Assert.DoesNotContain(people.Pushed, m => IsMarked(m.Content));
        await ExecuteAsync(connection, "DROP TRIGGER refuse_marked ON message");

        await GoOnAsync(people, database);

        static IEnumerable<PostingPeople.Post> Marked(PostingPeople people) => people.Posts.Where(p => IsMarked(p.Command.Content));
        static bool IsMarked(string content) => content.EndsWith("3 marked", StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_PostgreSQL_is_stopped_nothing_is_acknowledged_or_pushed()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.WithFolderAsync(folder.Path);
        await using var people = await BeginAsync(server);
        var postgres = new PostgresProcess(folder.Path);
        while (!await TryStoppedAsync(postgres, people))
        {
            // A session was stopped while it held a page that the test has to read; it goes on, and all are stopped again.
        }

        await GoOnAsync(people, postgres.ConnectionString);
    }

    [Fact]
    public async Task When_PostgreSQL_is_killed_the_server_goes_on_with_it_and_every_acknowledged_message_is_there()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.WithFolderAsync(folder.Path);
        await using var people = await BeginAsync(server);
        var postgres = new PostgresProcess(folder.Path);
        for (var i = 0; i < 2; i++)
        {
            await Signals.SendAsync("KILL", postgres.ProcessId);
            await people.UntilAcknowledgedAsync(more: 100);
        }

        await GoOnAsync(people, postgres.ConnectionString);
    }

    /// <summary>While all sessions but the test's own are stopped. False when the test's cannot read either.</summary>
    static async Task<bool> TryStoppedAsync(PostgresProcess postgres, PostingPeople people)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(postgres.ConnectionString) { CommandTimeout = 5 }.ConnectionString);
        await connection.OpenAsync();
        var stopped = await postgres.StopAllButAsync(connection);
        try
        {
            var committed = await PostingPeople.CommittedAsync(connection);
            await UntilTurnedAwayAsync(people, committed);
            AssertOnly(await PostingPeople.CommittedAsync(connection), people);
            return true;
        }
        catch (NpgsqlException e) when (e.InnerException is TimeoutException)
        {
            return false;
        }
        finally
        {
            await Signals.SendAsync("CONT", stopped);
        }
    }

    static async Task<PostingPeople> BeginAsync(ServerProcess server)
    {
        var company = await Company.MakeAsync(server, await server.BecomeOperatorAsync(), agents: 1);
        var people = await PostingPeople.BeginAsync(server, company);
        await people.UntilAcknowledgedAsync(more: 50);
        return people;
    }

    /// <summary>Senders were told to try again, or have lost their connection, and more than one has tried since.</summary>
    static Task UntilTurnedAwayAsync(PostingPeople people, HashSet<Guid> committed) => Until.TrueAsync(
        () => people.Posts.Count(p => !committed.Contains(p.Command.MessageId!.Value) && p.Outcome is null or { Code: ErrorCode.Unavailable }) >= 20
            && people.Posts.Any(p => p.Outcome is { Code: ErrorCode.Unavailable }),
        () => "senders are turned away");

    static void AssertOnly(HashSet<Guid> committed, PostingPeople people)
    {
        Assert.All(people.Posts.Where(p => p.Outcome is { IsOk: true }), post => Assert.Contains(post.Command.MessageId!.Value, committed));
        Assert.All(people.Pushed, message => Assert.Contains(message.MessageId, committed));
        Assert.All(people.Posts, post => Assert.True(post.Outcome is null or { Code: ErrorCode.Ok or ErrorCode.Unavailable or ErrorCode.Busy }, $"{post.Outcome}"));
    }

    static async Task GoOnAsync(PostingPeople people, string database)
    {
        people.Mark = "";
        await people.UntilAcknowledgedAsync(more: 20);
        await people.StopAsync();
        await people.SettleAsync();
        await people.AssertKeptOnceAsync(database);
    }

    static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
