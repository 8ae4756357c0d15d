using System.Globalization;
using Npgsql;
using Rcc.Contracts.Conversations;
using Rcc.Core;
using Rcc.Core.Sync;
using static Rcc.Postgres.Tests.Scene;

namespace Rcc.Postgres.Tests.Sync;

public class ConcurrencyTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    [Fact, Trait("Catalogue", "INV-3")]
    public async Task Two_servers_append_to_one_tenant_while_readers_page_and_no_number_comes_late_twice_or_never()
    {
        const int Writers = 4;
        const int Batches = 60;
        var scene = await OnboardAsync(fixture.Stores);
        var agent = await scene.AddAgentAsync();
        List<Talk> talks = [];
        for (var i = 0; i < Writers * 3; i++)
        {
            talks.Add(await scene.OpenAsync(await scene.AddCustomerAsync(), agent));
        }

        var start = await scene.NewestAsync();
        await using var first = fixture.Another();
        await using var second = fixture.Another();
        using var written = new CancellationTokenSource();
        var readers = Enumerable.Range(1, 3).Select(seed => Task.Run(() => ReadAsync(new Random(seed)))).ToList();
        var writers = Enumerable.Range(0, Writers).Select(i => Task.Run(() => WriteAsync(i % 2 == 0 ? first : second, talks[(i * 3)..((i * 3) + 3)]))).ToList();
        var accepted = (await Task.WhenAll(writers)).SelectMany(numbers => numbers).Order().ToList();
        await written.CancelAsync();

        Assert.Equal(Writers * Batches * 4, accepted.Count);
        Assert.Equal(accepted.Count, accepted.Distinct().Count());
        foreach (var seen in await Task.WhenAll(readers))
        {
            Assert.Equal(accepted, seen);
        }

        async Task<List<long>> WriteAsync(Stores server, List<Talk> mine)
        {
            List<long> numbers = [];
            for (var i = 0; i < Batches; i++)
            {
                var batch = await server.Log.AppendAsync(
                    scene.Tenant, [.. mine.Select(talk => Post(talk, talk.Customer, "text", i + 1)), Advance(mine[0], agent, MarkKind.Receipt, i, i)], default);
                Assert.All(batch.Results, result => Assert.Equal(AppendVerdict.Accepted, result.Verdict));
                mine.ForEach(talk => talk.Seq[Lane.Public]++);

                // A mark that is moved again before a reader comes has no entry of its own there: only messages are compared.
                numbers.AddRange(batch.Entries.OfType<MessageEntry>().Select(entry => entry.ModSeq));
                numbers.Add((await server.Log.AppendAsync(scene.Tenant, [Post(mine[1], agent, "reply")], default)).To);
                mine[1].Seq[Lane.Public]++;
            }

            return numbers;
        }

        async Task<List<long>> ReadAsync(Random random)
        {
            List<long> seen = [];
            var position = new DevicePosition(start, null);
            while (true)
            {
                var finished = written.IsCancellationRequested;
                var page = await scene.PageAsync(agent, position, random.Next(1, 40));
                Assert.All(page.Entries, entry => Assert.InRange(entry.ModSeq, position.ModSeq + 1, page.Position!.ModSeq));
                seen.AddRange(page.Entries.OfType<MessageEntry>().Select(entry => entry.ModSeq));
                position = page.Position!;
                if (finished && !page.More)
                {
                    return seen;
                }
            }
        }
    }

    [Fact, Trait("Catalogue", "INV-2")]
    public async Task Two_servers_that_want_the_same_place_get_it_once()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var talk = await scene.OpenAsync(await scene.AddCustomerAsync());
        await using var second = fixture.Another();

        for (var i = 0; i < 20; i++)
        {
            var verdicts = await Task.WhenAll(new[] { fixture.Stores, second }.Select(async server =>
                (await server.Log.AppendAsync(scene.Tenant, [Post(talk, talk.Customer, "race")], default)).Results[0].Verdict));
            Assert.Equal([AppendVerdict.Accepted, AppendVerdict.Fenced], verdicts.Order());
            talk.Seq[Lane.Public]++;
        }
    }

    [Fact]
    public async Task A_locked_tenant_waits_and_others_do_not_notice()
    {
        var locked = await OnboardAsync(fixture.Stores);
        var other = await OnboardAsync(fixture.Stores);
        var lockedTalk = await locked.OpenAsync(await locked.AddCustomerAsync());
        var otherTalk = await other.OpenAsync(await other.AddCustomerAsync());
        Task<CommittedBatch> waiting;
        await using (var connection = new NpgsqlConnection(fixture.ConnectionString))
        {
            await connection.OpenAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await LockAsync(connection, locked);
            waiting = locked.AppendAsync(Post(lockedTalk, lockedTalk.Customer, "waits"));
            await UntilSomebodyWaitsAsync();

            await other.PostAsync(otherTalk, otherTalk.Customer, 20);

            Assert.Equal(PageVerdict.Ok, (await locked.PageAsync(lockedTalk.Customer, null)).Verdict);
            Assert.False(waiting.IsCompleted);
        }

        Assert.Equal(AppendVerdict.Accepted, (await waiting).Results[0].Verdict);
    }

    [Fact]
    public async Task A_tenant_locked_for_too_long_is_unavailable_and_nothing_of_it_is_committed_later()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var talk = await scene.OpenAsync(await scene.AddCustomerAsync());
        var newest = await scene.NewestAsync();
        await using var impatient = fixture.Another(options => options.LockTimeout = TimeSpan.FromMilliseconds(50));
        await using (var connection = new NpgsqlConnection(fixture.ConnectionString))
        {
            await connection.OpenAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await LockAsync(connection, scene);
            await Assert.ThrowsAsync<UnavailableException>(() => impatient.Log.AppendAsync(scene.Tenant, [Post(talk, talk.Customer, "too long", 1)], default));
        }

        Assert.Equal(newest, await scene.NewestAsync());
        Assert.Equal(AppendVerdict.Accepted, (await impatient.Log.AppendAsync(scene.Tenant, [Post(talk, talk.Customer, "too long", 1)], default)).Results[0].Verdict);
    }

    [Fact]
    public async Task A_connection_cut_in_an_append_is_unavailable_and_the_repetition_settles_it()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var talk = await scene.OpenAsync(await scene.AddCustomerAsync());
        await using (var connection = new NpgsqlConnection(fixture.ConnectionString))
        {
            await connection.OpenAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await LockAsync(connection, scene);
            var cut = scene.AppendAsync(Post(talk, talk.Customer, "cut", 1));
            await UntilSomebodyWaitsAsync();
            await fixture.ScalarAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'");
            await Assert.ThrowsAsync<UnavailableException>(() => cut);
        }

        Assert.Equal(AppendVerdict.Accepted, await scene.JudgeAsync(Post(talk, talk.Customer, "cut", 1)));
        Assert.Equal(AppendVerdict.Duplicate, await scene.JudgeAsync(Post(talk, talk.Customer, "cut", 1)));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_unavailable()
    {
        await using var nowhere = Stores.Open("Host=/nonexistent;Username=nobody;Database=none", options => options.ConnectTimeout = TimeSpan.FromSeconds(1));
        var tenant = new TenantId(Guid.CreateVersion7());

        await Assert.ThrowsAsync<UnavailableException>(() => nowhere.Log.AppendAsync(tenant, [new Proposal()], default));
        await Assert.ThrowsAsync<UnavailableException>(() => nowhere.Sync.ReadNewestAsync([tenant], default));
    }

    [Fact]
    public async Task Appends_cost_the_same_while_a_snapshot_is_held_open()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var talk = await scene.OpenAsync(await scene.AddCustomerAsync());
        await scene.PostAsync(talk, talk.Customer, 300);
        var before = await CostOfPostsAsync();
        await using var connection = new NpgsqlConnection(fixture.ConnectionString);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
        await using (var snapshot = new NpgsqlCommand("SELECT count(*) FROM message", connection))
        {
            await snapshot.ExecuteScalarAsync();
        }

        await scene.PostAsync(talk, talk.Customer, 1000);
        var during = await CostOfPostsAsync();

        // No version of any row is left behind that the next append would have to step over.
        Assert.Equal(0, during.Updated + during.Deleted);
        Assert.Equal(before.Inserted, during.Inserted);
        Assert.InRange(during.Blocks, 1, before.Blocks * 5 / 4);

        Task<Counters> CostOfPostsAsync() => fixture.CountAsync(async server =>
        {
            for (var i = 0; i < 100; i++)
            {
                var batch = await server.Log.AppendAsync(scene.Tenant, [Post(talk, talk.Customer, string.Create(CultureInfo.InvariantCulture, $"{i}"))], default);
                Assert.Equal(AppendVerdict.Accepted, batch.Results[0].Verdict);
                talk.Seq[Lane.Public]++;
            }
        });
    }

    static async Task LockAsync(NpgsqlConnection connection, Scene scene)
    {
        await using var command = new NpgsqlCommand("SELECT FROM tenant WHERE id = $1 FOR UPDATE", connection);
        command.Parameters.Add(Database.Of(scene.Tenant));
        await command.ExecuteNonQueryAsync();
    }

    async Task UntilSomebodyWaitsAsync()
    {
        while (await fixture.ScalarAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") is 0L)
        {
            await Task.Yield();
        }
    }
}
