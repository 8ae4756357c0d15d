using System.Globalization;
using System.Net;
using Npgsql;
using Rcc.Client.Conversations;
using Rcc.Client.Devices;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Server.Tests.Processes;

namespace Rcc.Server.Tests.Convergence;

/// <summary>What desks count, counted once more from the tables, after whatever happened: on every device, over lost connections, restarts of devices, and a kill of the server.</summary>
[Collection(nameof(Failures))]
public sealed class LiveCountsTests(Databases databases, ITestOutputHelper output)
{
    const int Agents = 4;
    const int Customers = 3;
    const int Rounds = 4;
    const int Acts = 90;

    static readonly string[] Steps =
    [
        ControlOperations.Hold, ControlOperations.Resume, ControlOperations.Snooze, ControlOperations.Unsnooze, ControlOperations.CompleteTransfer, ControlOperations.CancelTransfer,
    ];

    [Fact]
    [Trait("Catalogue", "RCC-6")]
    [Trait("Catalogue", "INV-15")]
    public async Task What_every_desk_counts_is_what_the_tables_hold()
    {
        var seed = Environment.GetEnvironmentVariable("RCC_TEST_SEED") is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var turn = new SemaphoreSlim(1);
        var isHere = false;
        var database = await databases.CreateAsync();
        await using var server = await ServerProcess.OnDatabaseAsync(database, "--Rcc:Devices:PageItems=7", "--Rcc:Routing:LookRoundInterval=00:00:00.5", "--Rcc:Agents:DefaultCapacity=4", "--Rcc:Conversations:TransferAnswerWithin=00:00:01");
        var company = await Company.MakeAsync(server, await server.BecomeOperatorAsync(), Agents + 1);
        await using var source = NpgsqlDataSource.Create(database);

        // One queue gives, one asks.
        var asking = (await company.Master.PostAsync($"{company.Path}/queues", new { name = "Asking", offer_seconds = 2, transfer_seconds = 1 })).Id();
        var second = await company.Master.PostAsync($"{company.Path}/inboxes", new { name = "Second", queue_id = asking });
        var key = await company.Master.PostAsync($"{company.Path}/access_tokens", new { name = "Key", scopes = new[] { "conversations:read", "conversations:write" } });
        var application = server.Api(key.Text("token"));
        var desks = new List<Follower>();
        var customers = new List<Follower>();
        try
        {
            for (var agent = 0; agent < Agents; agent++)
            {
                for (var device = 0; device < 2; device++) desks.Add(new(() => server, await company.SignInAsync(server, agent), device == 0 ? null : new() { Statuses = [ConversationStatus.Open] }));
            }

            desks.Add(new(() => server, await company.SignInMasterAsync(server)));
            for (var customer = 0; customer < Customers; customer++) customers.Add(new(() => server, await company.BeginAsync(server)));
            foreach (var device in desks.Concat(customers)) await device.OnlineAsync();

            for (var round = 0; round < Rounds; round++)
            {
                var under = new List<Task>();
                for (var step = 0; step < Acts; step++) Act(under);
                if (round == 1)
                {
                    await server.KillAsync();
                    for (var step = 0; step < 10; step++) Act(under);
                    await server.StartAsync();
                }

                await SettleAsync(under);
                foreach (var desk in desks)
                {
                    await Until.TrueAsync(
                        async () => Line(desk.Client.Counts()) == await RecountAsync(source, company.Id, desk.SignedIn.PersonId),
                        () => $"a desk counts {Line(desk.Client.Counts())}, the tables hold {RecountAsync(source, company.Id, desk.SignedIn.PersonId).Result}");
                }

                // The master's lists have everybody's.
                foreach (var desk in desks.SkipLast(1))
                {
                    await Until.TrueAsync(async () => Listed(desk) == await ListedAsync(desk), () => $"a desk holds {Listed(desk)}, the lists have {ListedAsync(desk).Result}");
                }
            }

            Assert.Contains(desks, desk => desk.Client.Counts().Mine > 0);
        }
        finally
        {
            foreach (var device in desks.Concat(customers)) await device.DisposeAsync();
        }

        void Act(List<Task> under)
        {
            var desk = desks[random.Next(desks.Count)];
            var customer = customers[random.Next(customers.Count)];
            var held = desk.Client.Conversations();
            Guid? open = held.Count == 0 ? null : held[random.Next(held.Count)].Id;
            switch (random.Next(24))
            {
                case 0 or 1:
                    under.Add(customer.Client.OpenConversationAsync(Guid.CreateVersion7()));
                    break;
                case 2:
                    under.Add(AskAsync(() => application.SendAsync(HttpMethod.Post, $"{company.Path}/conversations", new { inbox_id = second.Id(), contact_id = customer.SignedIn.PersonId })));
                    break;
                case 3 or 4 or 5 when customer.Client.Conversations() is { Count: > 0 } own:
                    under.Add(customer.Client.PostAsync(own[random.Next(own.Count)].Id, $"hello {random.Next(1_000)}", Lane.Public, Guid.CreateVersion7()));
                    break;
                case 6 or 7 when open is { } one && desk.Client.Messages(one).Messages is [.., var last]:
                    under.Add(desk.Client.MarkReadAsync(one, last.Seq));
                    break;
                case 8 when open is { } one:
                    under.Add(desk.Client.ResolveAsync(one));
                    break;
                case 9 when open is { } one:
                    under.Add(desk.Client.ReopenAsync(one));
                    break;
                case 10 when open is { } one:
                    Guid? to = random.Next(3) == 0 ? null : company.Agents[random.Next(Agents)];
                    under.Add(AskAsync(() => company.Master.SendAsync(HttpMethod.Post, $"{company.Path}/conversations/{one}/assignments", new { assignee_id = to })));
                    break;
                case 11 or 12:
                    under.Add(desk.Client.SetAvailabilityAsync((Availability)random.Next(5)));
                    break;
                case 13:
                    under.Add(desk.DropAsync().AsTask());
                    break;
                case 14:
                    desk.Client.GoOffline();
                    break;
                case 15 when open is { } one:
                    under.Add(desk.Client.ControlAsync(new() { Number = 0, ConversationId = one, Operation = ControlOperations.Transfer, QueueId = random.Next(2) == 0 ? asking : company.Id }));
                    break;
                case 16 when open is { } one:
                    under.Add(desk.Client.ControlAsync(new() { Number = 0, ConversationId = one, Operation = random.Next(2) == 0 ? ControlOperations.Transfer : ControlOperations.Consult, AgentId = company.Agents[random.Next(Agents)] }));
                    break;
                case 17 or 18 when Pick(desk, "offer") is { } one:
                    under.Add(desk.Client.ControlAsync(one, random.Next(3) == 0 ? ControlOperations.DeclineOffer : ControlOperations.AcceptOffer));
                    break;
                case 19 when open is { } one:
                    under.Add(desk.Client.ControlAsync(one, Steps[random.Next(Steps.Length)]));
                    break;
                case 20 when Pick(desk, "waiting") is { } one:
                    under.Add(desk.Client.AssignAsync(one, desk.SignedIn.PersonId));
                    break;
                case 21:
                    under.Add(ComeOrGoAsync());
                    break;
                default:
                    desk.Client.GoOnline();
                    break;
            }
        }

        // One agent more, whom nobody follows: one step lets it come, so that it is given and offered what there is, and a later one suspends it.
        async Task ComeOrGoAsync()
        {
            if (!await turn.WaitAsync(0)) return;
            try
            {
                if (isHere) await GoAsync();
                else isHere = await ComeAsync();
            }
            finally
            {
                turn.Release();
            }
        }

        async Task<bool> ComeAsync()
        {
            await AskAsync(() => company.Master.SendAsync(HttpMethod.Post, $"{company.Path}/agents/{company.Agents[Agents]}/resume", new { }));
            var session = await AskAsync(() => server.Api().SendAsync(
                HttpMethod.Post, "/api/v1/auth/sign_in", new { account = company.Slug, email = Company.Email(company.Slug, Agents), password = Company.Password, device_name = "Desk" }));
            if (session is not { Status: HttpStatusCode.OK or HttpStatusCode.Created }) return false;
            var api = server.Api(session.Text("access_token"));
            await AskAsync(() => api.SendAsync(HttpMethod.Put, $"{company.Path}/profile/availability", new { availability = "online" }));
            return true;
        }

        async Task GoAsync()
        {
            await AskAsync(() => company.Master.SendAsync(HttpMethod.Post, $"{company.Path}/agents/{company.Agents[Agents]}/suspend", new { }));
            isHere = false;
        }

        static string Listed(Follower desk) =>
            Lists(desk.Client.Counts().Mine, desk.Lines.Count(line => line.StartsWith("handling ", StringComparison.Ordinal) && line.Contains("\"snooze\":", StringComparison.Ordinal)));

        async Task<string> ListedAsync(Follower desk) =>
            Lists(await CountAsync(desk, $"status=open&assignee_id={desk.SignedIn.PersonId}"), await CountAsync(desk, "status=snoozed"));

        async Task<int> CountAsync(Follower desk, string filter) =>
            (await server.Api(desk.SignedIn.AccessToken).GetAsync($"{company.Path}/conversations?limit=100&{filter}")).Ok().Json.GetProperty("data").GetArrayLength();

        static string Lists(int mine, int snoozed) => string.Create(CultureInfo.InvariantCulture, $"mine {mine}, put off {snoozed}");

        Guid? Pick(Follower desk, string kind)
        {
            var ids = desk.Lines.Select(line => line.Split(' ')).Where(parts => parts[0] == kind).Select(parts => Guid.Parse(parts[1].Split('/')[0], CultureInfo.InvariantCulture)).ToList();
            return ids.Count == 0 ? null : ids[random.Next(ids.Count)];
        }

        async Task SettleAsync(List<Task> under)
        {
            foreach (var device in desks.Concat(customers))
            {
                device.Client.GoOnline();
                await device.OnlineAsync();
                await device.UntilAsync(client => client.Unsettled().All(entry => entry.State == OutboxState.Refused), "done with its commands");
            }

            await Task.WhenAll(under);
            if (isHere) await GoAsync();
        }
    }

    static string Line(DeskCounts counts) => string.Create(
        CultureInfo.InvariantCulture,
        $"mine {counts.Mine}, unread {counts.Unread}, unassigned {counts.Unassigned}; {List(counts.Queues.Select(queue => $"{queue.Key}: {queue.Value}"))}; {List(counts.Agents.Select(agent => $"{(int)agent.Key}: {agent.Value}"))}");

    static string List(IEnumerable<string> parts) => string.Join(", ", parts.Order(StringComparer.Ordinal));

    static async Task<string> RecountAsync(NpgsqlDataSource source, Guid tenant, Guid person)
    {
        await using var command = source.CreateCommand(
            """
            SELECT 'mine ' || (SELECT count(*) FROM conversation c WHERE c.tenant = $1 AND c.assignee = $2 AND c.status = 0)
                || ', unread ' || (SELECT count(*) FROM conversation c JOIN participant p ON p.tenant = c.tenant AND p.conversation = c.id AND p.person = $2 AND NOT p.has_left
                    WHERE c.tenant = $1 AND c.status = 0 AND EXISTS (
                        SELECT FROM message m WHERE m.tenant = $1 AND m.conversation = c.id AND m.lane = 0 AND m.person <> $2
                            AND m.seq > coalesce((SELECT k.first FROM mark k WHERE k.tenant = $1 AND k.conversation = c.id AND k.kind = 3 AND k.person = $2), 0)))
                || ', unassigned ' || (SELECT count(*) FROM conversation c WHERE c.tenant = $1 AND c.waiting_since IS NOT NULL)
                || '; ' || coalesce((SELECT string_agg(q.queue || ': ' || q.n, ', ' ORDER BY (q.queue || ': ' || q.n) COLLATE "C") FROM (
                    SELECT c.queue, count(*) AS n FROM conversation c WHERE c.tenant = $1 AND c.waiting_since IS NOT NULL GROUP BY c.queue) q), '')
                || '; ' || coalesce((SELECT string_agg(a.availability || ': ' || a.n, ', ' ORDER BY (a.availability || ': ' || a.n) COLLATE "C") FROM (
                    SELECT a.availability, count(*) AS n FROM agent a WHERE a.tenant = $1 AND NOT a.suspended AND NOT a.removed GROUP BY a.availability) a), '')
            """);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = person });
        return (string)(await command.ExecuteScalarAsync())!;
    }

    static async Task<ApiAnswer?> AskAsync(Func<Task<ApiAnswer>> send)
    {
        try
        {
            return await send();
        }
        catch (HttpRequestException)
        {
            // Done, or done and not told, or not done: all are fine here.
            return null;
        }
    }
}
