using System.Collections.Concurrent;
using System.Text;
using Npgsql;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Devices;
using Rcc.Server.Tests.Processes;

namespace Rcc.Server.Tests.Failures;

/// <summary>Customers and an agent who write to each other all the time and give up on nothing: what was not acknowledged is written down, and sent again when told to.</summary>
internal sealed class PostingPeople : IAsyncDisposable
{
    /// <summary>People who write as fast as a machine would only make the tests long.</summary>
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    readonly ConcurrentDictionary<Guid, Post> posts = [];
    readonly List<BareDevice> devices = [];
    readonly List<Task> writing = [];
    readonly CancellationTokenSource stop = new();
    int written;

    PostingPeople()
    {
    }

    public IReadOnlyList<Guid> Conversations { get; private set; } = [];

    /// <summary>What the next posts end with.</summary>
    public string Mark { get; set; } = "";

    public int Acknowledged => posts.Values.Count(p => p.Outcome is { IsOk: true });

    public IReadOnlyCollection<Post> Posts => [.. posts.Values];

    public IEnumerable<MessageItem> Pushed => devices.SelectMany(d => d.Pushed.Values);

    /// <summary>Who had to begin from nothing, and why.</summary>
    public IEnumerable<Contracts.Sync.Resync> Resyncs => devices.SelectMany(d => d.Resyncs);

    /// <summary>Two customers, an agent with two devices, one more device that only listens.</summary>
    public static async Task<PostingPeople> BeginAsync(ServerProcess server, Company company)
    {
        var people = new PostingPeople();
        var agents = new[] { await people.AddAsync(server, await company.SignInAsync(server, 0)), await people.AddAsync(server, await company.SignInAsync(server, 0)) };
        await people.AddAsync(server, await company.SignInAsync(server, 0));
        var conversations = new List<Guid>();
        var customers = new List<BareDevice>();
        for (var i = 0; i < 2; i++)
        {
            var customer = await people.AddAsync(server, await company.BeginAsync(server));
            var conversation = await customer.OpenConversationAsync();
            await company.AssignAsync(conversation, company.Agents[0]);
            conversations.Add(conversation);
            customers.Add(customer);
        }

        people.Conversations = conversations;
        for (var i = 0; i < 2; i++)
        {
            var conversation = conversations[i];
            foreach (var device in (BareDevice[])[customers[i], agents[0], agents[1]])
            {
                people.writing.Add(people.WriteAsync(device, conversation));
                people.writing.Add(people.WriteAsync(device, conversation));
            }
        }

        return people;
    }

    public Task UntilAcknowledgedAsync(int more)
    {
        var goal = Acknowledged + more;
        return Until.TrueAsync(() => Acknowledged >= goal, () => $"{goal} posts are acknowledged; {Acknowledged} are");
    }

    /// <summary>Writes no more, and waits for the answers under way.</summary>
    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(writing);
    }

    /// <summary>Sends again what was not acknowledged, with the same numbers, and all once more.</summary>
    public async Task SettleAsync()
    {
        await Task.WhenAll(this.posts.Values.GroupBy(post => post.Device).Select(async posts =>
        {
            foreach (var post in posts) await SettleAsync(post);
        }));

        static async Task SettleAsync(Post post)
        {
            var again = await post.Device.SettleAsync(nameof(IDeviceHub.PostMessage), post.Command);
            Assert.True(again.IsOk, $"{again} for {post.Command}");

            // A repeated number gets the first answer, member by member.
            if (post.Outcome is { IsOk: true } first) Assert.Equal(first, again);
            post.Outcome = again;
        }
    }

    /// <summary>Each post is there once, where its answer said, in lanes without a hole, and was pushed to all who take part.</summary>
    public async Task AssertKeptOnceAsync(string database)
    {
        await using var source = NpgsqlDataSource.Create(database);
        var kept = await ReadAsync(source);
        Assert.Equal(posts.Count, kept.Count);
        var byId = kept.ToDictionary(m => m.Id);
        Assert.All(posts.Values, post =>
        {
            var row = byId[post.Command.MessageId!.Value];
            Assert.Equal((post.Command.ConversationId, post.Outcome!.Seq, post.Command.Content), (row.Conversation, row.Seq, row.Content));
        });
        foreach (var conversation in Conversations)
        {
            var lane = kept.Where(m => m.Conversation == conversation).Select(m => m.Seq!.Value).Order().ToList();
            Assert.Equal(Enumerable.Range(1, lane.Count).Select(n => (long)n), lane);
        }

        foreach (var device in devices)
        {
            var mine = device.SignedIn.Role is null
                ? kept.Count(m => m.Conversation == byId[device.Pushed.First().Key].Conversation)
                : kept.Count;
            await Until.TrueAsync(() => device.Pushed.Count >= mine, () => $"a device has {mine} messages; it has {device.Pushed.Count}");
            Assert.Equal(mine, device.Pushed.Count);
            Assert.All(device.Pushed.Values, m => Assert.Equal((byId[m.MessageId].Seq, byId[m.MessageId].Content), (m.Seq, m.Content)));
        }
    }

    public static async Task<HashSet<Guid>> CommittedAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("SELECT message_id FROM message", connection);
        await using var reader = await command.ExecuteReaderAsync();
        var ids = new HashSet<Guid>();
        while (await reader.ReadAsync()) ids.Add(reader.GetGuid(0));
        return ids;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (var device in devices) await device.DisposeAsync();
        stop.Dispose();
    }

    async Task<BareDevice> AddAsync(ServerProcess server, Client.Access.SignedInDevice signedIn)
    {
        var device = new BareDevice(server, signedIn);
        devices.Add(device);
        await device.ConnectedAsync();
        return device;
    }

    async Task WriteAsync(BareDevice device, Guid conversation)
    {
        while (!stop.IsCancellationRequested)
        {
            var post = new Post(device, new()
            {
                Number = device.NextNumber(),
                ConversationId = conversation,
                MessageId = Guid.CreateVersion7(),
                Content = $"{Interlocked.Increment(ref written)}{Mark}",
            });
            posts[post.Command.MessageId!.Value] = post;
            try
            {
                post.Outcome = await device.CallAsync<Outcome>(nameof(IDeviceHub.PostMessage), post.Command);
            }
            catch (IOException)
            {
                // Not acknowledged.
            }

            do await Task.Delay(Pause, CancellationToken.None);
            while (!device.IsConnected && !stop.IsCancellationRequested);
        }
    }

    static async Task<List<Kept>> ReadAsync(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand("SELECT message_id, conversation, seq, content FROM message");
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<Kept>();
        while (await reader.ReadAsync()) rows.Add(new(reader.GetGuid(0), reader.GetGuid(1), reader.GetInt64(2), Encoding.UTF8.GetString(reader.GetFieldValue<byte[]>(3))));
        return rows;
    }

    /// <summary>A post and what became of it, as far as its sender knows.</summary>
    internal sealed class Post(BareDevice device, PostMessage command)
    {
        public BareDevice Device => device;

        public PostMessage Command => command;

        public Outcome? Outcome { get; set; }
    }

    sealed record Kept(Guid Id, Guid Conversation, long? Seq, string Content);
}
