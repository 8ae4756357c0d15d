using System.Collections.Concurrent;
using System.Net;
using Npgsql;
using Rcc.Server.Tests.Processes;

namespace Rcc.Server.Tests.Failures;

/// <summary>
/// 1,000 conversations and 100 agents who serve three each. At every instant nobody has more than three, offers included, and no conversation has two agents; whenever things have settled nothing waits while somebody has a place left.
/// The server is killed twice meanwhile.
/// </summary>
[Collection(nameof(Failures))]
public sealed class CapacityTests(Databases databases)
{
    const int Agents = 100;
    const int Capacity = 3;
    const int Conversations = 1_000;
    const int OfOneCustomer = 20;
    const int AtOnce = 16;

    [Fact]
    [Trait("Catalogue", "RCC-8")]
    [Trait("Catalogue", "RCC-9")]
    [Trait("Catalogue", "RCC-39")]
    public async Task Nobody_has_more_than_its_capacity_and_nothing_waits_while_somebody_has_a_place()
    {
        var database = await databases.CreateAsync();
        await using var server = await ServerProcess.OnDatabaseAsync(
            database, $"--Rcc:Agents:DefaultCapacity={Capacity}", $"--Rcc:Conversations:MaxOpenPerContact={OfOneCustomer}", "--Rcc:Routing:LookRoundInterval=00:00:00.5");
        var company = await Company.MakeAsync(server, await server.BecomeOperatorAsync(), Agents);
        await using var source = NpgsqlDataSource.Create(database);
        using var watching = new CancellationTokenSource();
        var watch = WatchAsync(source, company.Id, watching.Token);

        var agents = new ConcurrentDictionary<Guid, Api>();
        await ForAllAsync(Enumerable.Range(0, Agents), async number =>
        {
            var api = server.Api((await company.SignInAsync(server, number)).AccessToken);
            (await api.SendAsync(HttpMethod.Put, $"{company.Path}/profile/availability", new { availability = "online" })).Ok();
            agents[company.Agents[number]] = api;
        });
        var key = await company.Master.PostAsync($"{company.Path}/access_tokens", new { name = "Key", scopes = new[] { "contacts:write", "conversations:read", "conversations:write", "inboxes" } });
        var application = server.Api(key.Text("token"));
        var contacts = new Guid[Conversations / OfOneCustomer];
        await ForAllAsync(Enumerable.Range(0, contacts.Length), async number => contacts[number] = (await application.PostAsync($"{company.Path}/contacts", new { name = $"Customer {number}" })).Id());

        // Half come by a queue that asks, half by one that gives.
        var asking = (await company.Master.PostAsync($"{company.Path}/queues", new { name = "Asking", offer_seconds = 300, policy = "longest_idle" })).Id();
        var inboxes = new[]
        {
            (await company.Master.PostAsync($"{company.Path}/inboxes", new { name = "Asking", queue_id = asking })).Id(),
            (await company.Master.PostAsync($"{company.Path}/inboxes", new { name = "Giving" })).Id(),
        };
        var ids = Enumerable.Range(0, Conversations).Select(_ => Guid.CreateVersion7()).ToList();
        var opening = ForAllAsync(ids.Select((id, i) => (Id: id, Inbox: inboxes[i % 2], Contact: contacts[i / OfOneCustomer])), one => InsistAsync(() =>
            application.SendAsync(HttpMethod.Post, $"{company.Path}/conversations", new { id = one.Id, inbox_id = one.Inbox, contact_id = one.Contact }, ("Idempotency-Key", one.Id.ToString()))));
        await Until.TrueAsync(async () => (await CountAsync(source, company.Id)).Taken > Agents, () => "some have come to agents");
        Assert.False(opening.IsCompleted, "the server is killed while conversations are being opened");
        await server.KillAsync();
        await server.StartAsync();
        await opening;

        var resolved = 0;
        var accepted = new ConcurrentDictionary<Guid, int>();
        for (var round = 0; resolved < Conversations; round++)
        {
            // Settled: every place is taken, or nothing waits.
            var expected = Math.Min(Agents * Capacity, Conversations - resolved);
            await Until.TrueAsync(
                async () => (await CountAsync(source, company.Id)) is { } now && now.Taken == expected && now.Waiting == Conversations - resolved - expected,
                () => $"{expected} are with agents after {resolved} were resolved: {CountAsync(source, company.Id).Result}");

            var (held, offered) = await ReadAsync(source, company.Id);
            var part = held.Count + offered.Count > 200 ? 200 : held.Count + offered.Count;
            var end = held.Concat(offered).Take(part).ToList();
            var work = ForAllAsync(end, async one =>
            {
                var api = agents[one.Agent];
                if (offered.Contains(one))
                {
                    // Two devices at once: one wins.
                    var answers = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => TryAsync(() => api.SendAsync(HttpMethod.Post, $"{company.Path}/conversations/{one.Conversation}/offer/accept", new { }))));
                    accepted[one.Conversation] = answers.Count(ok => ok);
                    if (!answers.Contains(true)) await InsistAsync(() => api.SendAsync(HttpMethod.Post, $"{company.Path}/conversations/{one.Conversation}/offer/accept", new { }), orConflict: true);
                }

                await InsistAsync(() => api.SendAsync(HttpMethod.Post, $"{company.Path}/conversations/{one.Conversation}/toggle_status", new { status = "resolved" }));
            });
            if (round == 1)
            {
                await server.KillAsync();
                await server.StartAsync();
            }

            await work;
            resolved += end.Count;
        }

        Assert.All(accepted.Values, wins => Assert.True(wins <= 1, $"{wins} accepts of one offer have won"));
        await watching.CancelAsync();
        Assert.True(await watch > 100, "the watch has looked often");
    }

    /// <summary>Looks at the tables again and again, one snapshot each time; answers how often.</summary>
    static async Task<int> WatchAsync(NpgsqlDataSource source, Guid tenant, CancellationToken cancellationToken)
    {
        var looks = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            await using var command = source.CreateCommand(
                """
                SELECT coalesce((SELECT max(n.load) FROM (
                        SELECT count(*) AS load FROM (
                            SELECT c.assignee AS agent FROM conversation c WHERE c.tenant = $1 AND c.status = 0 AND c.assignee IS NOT NULL
                            UNION ALL
                            SELECT c.offered_to FROM conversation c WHERE c.tenant = $1 AND c.offered_to IS NOT NULL) s GROUP BY s.agent) n), 0),
                    (SELECT count(*) FROM (
                        SELECT FROM participant p JOIN conversation c ON c.tenant = p.tenant AND c.id = p.conversation AND c.status = 0
                        WHERE p.tenant = $1 AND p.is_agent AND NOT p.has_left GROUP BY c.id HAVING count(*) > 1) d),
                    (SELECT count(*) FROM conversation c WHERE c.tenant = $1 AND c.assignee IS NOT NULL AND c.offered_to IS NOT NULL)
                """);
            command.Parameters.Add(new() { Value = tenant });
            await using var reader = await command.ExecuteReaderAsync(CancellationToken.None);
            Assert.True(await reader.ReadAsync(CancellationToken.None));
            Assert.True(reader.GetInt64(0) <= Capacity, $"an agent has {reader.GetInt64(0)} conversations");
            Assert.Equal((0, 0), (reader.GetInt64(1), reader.GetInt64(2)));
            looks++;
            await Task.Delay(10, CancellationToken.None);
        }

        return looks;
    }

    static async Task<(long Taken, long Waiting)> CountAsync(NpgsqlDataSource source, Guid tenant)
    {
        await using var command = source.CreateCommand(
            """
            SELECT count(*) FILTER (WHERE c.assignee IS NOT NULL OR c.offered_to IS NOT NULL), count(*) FILTER (WHERE c.waiting_since IS NOT NULL AND c.offered_to IS NULL)
            FROM conversation c WHERE c.tenant = $1 AND c.status = 0
            """);
        command.Parameters.Add(new() { Value = tenant });
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    static async Task<(List<Place> Held, List<Place> Offered)> ReadAsync(NpgsqlDataSource source, Guid tenant)
    {
        List<Place> held = [];
        List<Place> offered = [];
        await using var command = source.CreateCommand("SELECT c.id, c.assignee, c.offered_to FROM conversation c WHERE c.tenant = $1 AND c.status = 0 AND (c.assignee IS NOT NULL OR c.offered_to IS NOT NULL)");
        command.Parameters.Add(new() { Value = tenant });
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            if (reader.IsDBNull(1)) offered.Add(new(reader.GetGuid(0), reader.GetGuid(2)));
            else held.Add(new(reader.GetGuid(0), reader.GetGuid(1)));
        }

        return (held, offered);
    }

    static Task ForAllAsync<T>(IEnumerable<T> all, Func<T, Task> act) =>
        Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = TestContext.Current.CancellationToken }, async (one, _) => await act(one));

    /// <summary>Until the server answers: it may be down.</summary>
    static Task InsistAsync(Func<Task<ApiAnswer>> send, bool orConflict = false) => Until.TrueAsync(() => TryAsync(send, orConflict), () => "the server has answered ok");

    static async Task<bool> TryAsync(Func<Task<ApiAnswer>> send, bool orConflict = false)
    {
        try
        {
            var answer = await send();
            return (int)answer.Status is >= 200 and < 300 || (orConflict && answer.Status == HttpStatusCode.Conflict);
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    sealed record Place(Guid Conversation, Guid Agent);
}
