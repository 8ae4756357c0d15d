using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Npgsql;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Server.Tests.Processes;

namespace Rcc.Server.Tests.Convergence;

/// <summary>
/// Customers and agents on many devices who do everything at once, by a seed, while connections break and devices move between servers; and the truth they are all held to afterwards:
/// a device that begins from nothing, and the tables.
/// </summary>
internal sealed class Bustle : IAsyncDisposable
{
    const int Agents = 3;
    const int Customers = 3;
    const int AgentDevices = 2;

    static readonly string[] Controls =
    [
        ControlOperations.Hold, ControlOperations.Resume, ControlOperations.Transfer, ControlOperations.Transfer, ControlOperations.Consult, ControlOperations.CompleteTransfer, ControlOperations.CancelTransfer,
        ControlOperations.AcceptOffer, ControlOperations.AcceptOffer, ControlOperations.AcceptOffer, ControlOperations.DeclineOffer, ControlOperations.Snooze, ControlOperations.Unsnooze, ControlOperations.SetPriority,
    ];

    static readonly SyncFilter OnlyOpen = new() { Statuses = [ConversationStatus.Open] };
    static readonly SyncFilter WithoutNotes = new() { WithoutNotes = true };

    readonly Random random;
    readonly IReadOnlyList<ServerProcess> servers;
    readonly Company company;
    readonly List<Member> members = [];
    readonly List<Guid> conversations = [];
    readonly ConcurrentBag<(Guid MessageId, string Content, Lane Lane, Task<Outcome> Outcome)> posts = [];
    readonly List<Task> under = [];
    int written;

    Bustle(int seed, IReadOnlyList<ServerProcess> servers, Company company)
    {
        random = new(seed);
        this.servers = servers;
        this.company = company;
    }

    public IEnumerable<Follower> Devices => members.Select(m => m.Device);

    public static async Task<Bustle> BeginAsync(int seed, IReadOnlyList<ServerProcess> servers, Api platform)
    {
        var made = await Company.MakeAsync(servers[0], platform, Agents);
        var bustle = new Bustle(seed, servers, made);
        for (var agent = 0; agent < Agents; agent++)
        {
            for (var device = 0; device < AgentDevices; device++) bustle.Add(await made.SignInAsync(servers[0], agent), isAgent: true, filter: (agent, device) switch { (0, 1) => OnlyOpen, (1, 1) => WithoutNotes, _ => null });
        }

        // One takes what waits, the others what is transferred to them: nothing waits for ever.
        for (var agent = 0; agent < Agents; agent++) Assert.True((await bustle.members[agent * AgentDevices].Device.Client.SetAvailabilityAsync(agent == 0 ? Availability.Online : Availability.TransferOnly)).IsOk);
        for (var customer = 0; customer < Customers; customer++)
        {
            var member = bustle.Add(await made.BeginAsync(servers[0], $"Customer {customer}"), isAgent: false, filter: null);
            var conversation = Guid.CreateVersion7();
            Assert.True((await member.Device.Client.OpenConversationAsync(conversation)).IsOk);
            await made.AssignAsync(conversation, made.Agents[customer % Agents]);
            bustle.conversations.Add(conversation);
        }

        return bustle;
    }

    /// <summary>So many things happen, a few at a time.</summary>
    public async Task RunAsync(int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            await ActAsync();
            if (random.Next(3) == 0) await Task.Delay(random.Next(8), TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Everybody comes back, all commands are settled, and every device holds what a new one gets.</summary>
    public async Task AssertConvergedAsync(string database)
    {
        foreach (var member in members) member.Device.Client.GoOnline();
        foreach (var device in Devices) await device.OnlineAsync();
        foreach (var device in Devices) await device.UntilAsync(c => c.Unsettled().All(e => e.State == Client.Conversations.OutboxState.Refused), "done with its commands");

        // What a closed app waited for is cancelled, although the next one goes on with it.
        await Task.WhenAll(under.Where(command => !command.IsCanceled));
        await UntilNothingIsDueAsync(database);

        var fresh = new List<Follower>();
        try
        {
            foreach (var member in members)
            {
                var other = member.Device.Fresh();
                fresh.Add(other);
                await other.OnlineAsync();
                await member.Device.UntilEqualAsync(other);
            }

            await AssertStoredAsync(database);
        }
        finally
        {
            foreach (var device in fresh) await device.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var device in Devices) await device.DisposeAsync();
    }

    Member Add(Client.Access.SignedInDevice signedIn, bool isAgent, SyncFilter? filter)
    {
        var place = new Place(servers[members.Count % servers.Count]);
        var member = new Member(new Follower(() => place.Server, signedIn, filter), place, isAgent);
        members.Add(member);
        return member;
    }

    async Task ActAsync()
    {
        var member = members[random.Next(members.Count)];
        var client = member.Device.Client;
        var conversation = conversations[random.Next(conversations.Count)];
        var last = client.Messages(conversation).Messages.Count;
        switch (random.Next(100))
        {
            case < 32 when member.IsAgent:
                under.Add(client.ControlAsync(NewControl(conversation)));
                break;
            case < 40:
                Post(member, conversation, Lane.Public);
                break;
            case < 46 when member.IsAgent:
                Post(member, conversation, Lane.Notes);
                break;
            case < 54:
                Guid? agent = random.Next(5) == 0 ? null : company.Agents[random.Next(Agents)];
                under.Add(AssignAsync(conversation, agent));
                break;
            case < 58 when member.IsAgent:
                under.Add(client.ResolveAsync(conversation));
                break;
            case < 60 when member.IsAgent:
                under.Add(client.ReopenAsync(conversation));
                break;
            case < 68 when last > 0:
                under.Add(client.MarkReadAsync(conversation, random.Next(last) + 1));
                break;
            case < 74 when member.IsAgent:
                under.Add(client.SetDraftAsync(conversation, random.Next(4) == 0 ? "" : $"draft {random.Next(1000)}", replace: random.Next(2) == 0));
                break;
            case < 77 when member.IsAgent:
                under.Add(client.SetOpenConversationAsync(random.Next(3) == 0 ? null : conversation));
                break;
            case < 86:
                await member.Device.DropAsync();
                break;
            case < 90:
                client.GoOffline();
                break;
            case < 94:
                client.GoOnline();
                break;
            case < 97:
                member.Place.Server = servers[random.Next(servers.Count)];
                await member.Device.DropAsync();
                break;
            default:
                if (random.Next(2) == 0 && member.IsAgent) await member.Device.RestartAsync(random.Next(3) switch { 0 => OnlyOpen, 1 => WithoutNotes, _ => null });
                else if (member.IsAgent) await member.Device.RestartAsync(member.Device.Filter);
                break;
        }
    }

    ControlConversation NewControl(Guid conversation)
    {
        var control = new ControlConversation
        {
            Number = 0,
            ConversationId = conversation,
            Operation = Controls[random.Next(Controls.Length)],
            Priority = (Priority)random.Next(5),
            Until = random.Next(2) == 0 ? null : DateTimeOffset.UtcNow.AddSeconds(2),
        };
        return control.Operation is not (ControlOperations.Transfer or ControlOperations.Consult) ? control
            : random.Next(2) == 0 ? control with { QueueId = company.Id }
            : control with { AgentId = company.Agents[random.Next(Agents)] };
    }

    void Post(Member member, Guid conversation, Lane lane)
    {
        var content = $"{Interlocked.Increment(ref written)} {(lane == Lane.Notes ? "among us" : "hello")}";
        var id = Guid.CreateVersion7();
        posts.Add((id, content, lane, member.Device.Client.PostAsync(conversation, content, lane, id)));
    }

    /// <summary>By REST, so that a server that is away refuses it: whoever assigns tries once.</summary>
    async Task AssignAsync(Guid conversation, Guid? agent)
    {
        try
        {
            await company.Master.SendAsync(HttpMethod.Post, $"{company.Path}/conversations/{conversation}/assignments", new { assignee_id = agent });
        }
        catch (HttpRequestException)
        {
            // Not assigned, or assigned and not told: both are fine here.
        }
    }

    /// <summary>What time alone brings about has happened: offers and transfers have ended, what was put off is back, what waited is served.</summary>
    async Task UntilNothingIsDueAsync(string database)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await Until.TrueAsync(async () => await CountAsync() == 0, () => $"nothing is due; {CountAsync().Result} conversations wait or change by time");

        async Task<long> CountAsync()
        {
            await using var count = source.CreateCommand("SELECT count(*) FROM conversation c WHERE c.tenant = $1 AND c.status = 0 AND (c.due_at IS NOT NULL OR c.waiting_since IS NOT NULL)");
            count.Parameters.Add(new() { Value = company.Id });
            return (long)(await count.ExecuteScalarAsync())!;
        }
    }

    async Task AssertStoredAsync(string database)
    {
        await using var source = NpgsqlDataSource.Create(database);
        var kept = new Dictionary<Guid, (Guid Conversation, Lane Lane, long Seq, string Content)>();
        await using (var command = source.CreateCommand("SELECT message_id, conversation, lane, seq, content FROM message WHERE tenant = $1"))
        {
            command.Parameters.Add(new() { Value = company.Id });
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                kept.Add(reader.GetGuid(0), (reader.GetGuid(1), (Lane)reader.GetInt16(2), reader.GetInt64(3), Encoding.UTF8.GetString(reader.GetFieldValue<byte[]>(4))));
            }
        }

        foreach (var lane in kept.Values.GroupBy(m => (m.Conversation, m.Lane)))
        {
            Assert.Equal(Enumerable.Range(1, lane.Count()).Select(n => (long)n), lane.Select(m => m.Seq).Order());
        }

        Assert.Equal(kept.Count, kept.Values.Select(m => m.Content).Distinct(StringComparer.Ordinal).Count());
        foreach (var (id, content, lane, posted) in posts)
        {
            if (posted.IsCanceled) continue;
            var outcome = await posted;
            if (outcome.IsOk) Assert.Equal((lane, outcome.Seq!.Value, content), (kept[id].Lane, kept[id].Seq, kept[id].Content));
            else Assert.False(kept.ContainsKey(id), $"{id} was refused with {outcome} and is kept");
        }

        foreach (var device in Devices)
        {
            Assert.All(device.Messages, m => Assert.Equal((m.ConversationId, m.Lane, m.Seq, m.Content), kept[m.MessageId]));
        }

        await using var states = source.CreateCommand(
            """
            SELECT c.id, c.assignee, convert_from(i.state, 'UTF8')::json ->> 'assigneeId', i.revision,
                   (SELECT count(*) FROM participant p WHERE p.tenant = c.tenant AND p.conversation = c.id AND p.is_agent AND NOT p.has_left AND p.person = c.assignee)
            FROM conversation c JOIN item i ON i.tenant = c.tenant AND i.kind = 1 AND i.id = c.id AND i.sub = '00000000-0000-0000-0000-000000000000'
            WHERE c.tenant = $1 AND convert_from(i.state, 'UTF8')::json ->> 'displayId' IS NOT NULL
            """);
        states.Parameters.Add(new() { Value = company.Id });
        await using var rows = await states.ExecuteReaderAsync();
        var found = 0;
        while (await rows.ReadAsync())
        {
            found++;
            var assignee = rows.IsDBNull(1) ? (Guid?)null : rows.GetGuid(1);
            var told = rows.IsDBNull(2) ? (Guid?)null : Guid.Parse(rows.GetString(2), CultureInfo.InvariantCulture);
            Assert.Equal(assignee, told);
            Assert.Equal(assignee is null ? 0 : 1, rows.GetInt64(4));
            foreach (var entry in Devices.SelectMany(d => d.Client.Conversations()).Where(e => e.Id == rows.GetGuid(0)))
            {
                Assert.Equal((assignee, rows.GetInt32(3)), (entry.State.AssigneeId, entry.Revision));
            }
        }

        Assert.Equal(Customers, found);
    }

    /// <summary>Which server a device uses now.</summary>
    sealed class Place(ServerProcess server)
    {
        public ServerProcess Server { get; set; } = server;
    }

    sealed record Member(Follower Device, Place Place, bool IsAgent);
}
