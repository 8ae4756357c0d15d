using Rcc.LocalSilo.Tests;
using System.Text.Json;
using Rcc.Client.Conversations;
using Rcc.Client.Devices;
using Rcc.Client.Sync;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Delivery;
using Rcc.Contracts.Sync;

namespace Rcc.Client.Tests.Sync;

/// <summary>
/// Several devices of one person against <see cref="ModelServer"/>, over links that lose and repeat pushes and break between any two steps; clients restart, stores fail, the
/// server forgets old entries and is restored from a backup. In the end every replica holds exactly what the server holds.
/// </summary>
public sealed class RandomInterleavingTests
{
    [Theory]
    [Trait("Catalogue", "SYNC-16")]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public Task Every_replica_ends_equal_to_the_server(bool restores, bool inFiles) => Task.Run(async () =>
    {
        for (var seed = 1; seed <= (inFiles ? 5 : 40); seed++)
        {
            try
            {
                await using var run = new Interleaving(seed, restores, inFiles);
                await run.PlayAsync(steps: 400);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}, restores {restores}, in files {inFiles}: {e.Message}", e);
            }
        }
    });
}

/// <summary>One random run.</summary>
sealed class Interleaving : IAsyncDisposable
{
    readonly Random random;
    readonly bool restores;
    readonly ManualClock time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    readonly ModelServer server = new();
    readonly List<ModelDevice> devices = [];
    readonly HashSet<Guid> posted = [];
    readonly Guid[] conversations = [.. Enumerable.Range(0, 4).Select(i => new Guid(i, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7))];
    int texts;

    public Interleaving(int seed, bool restores, bool inFiles)
    {
        random = new Random(seed);
        this.restores = restores;
        foreach (var conversation in conversations)
            server.Join(conversation);
        for (var i = 0; i < 3; i++)
            devices.Add(new ModelDevice($"device {i}", server, time, random, history: i == 0 ? int.MaxValue : 3 + random.Next(20), inFiles ? new StoreFolder() : null, decays: restores));
    }

    public async Task PlayAsync(int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            await StepAsync();
            foreach (var device in devices)
                device.CheckWindows();
        }

        // The world becomes quiet and the network good: now everybody must get there.
        foreach (var device in devices)
            await device.HealAsync();
        for (var i = 0; i < 3000 && !(i > 100 && devices.TrueForAll(d => d.IsQuiet)); i++)
        {
            foreach (var device in devices)
                device.ServeAll();
            time.Advance(TimeSpan.FromMilliseconds(500));
        }
        foreach (var device in devices)
            device.CheckEqual();
        if (!restores)
            CheckPosts();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var device in devices)
            await device.DisposeAsync();
    }

    async Task StepAsync()
    {
        var device = devices[random.Next(devices.Count)];
        var conversation = conversations[random.Next(conversations.Length)];
        var visible = server.Visible.Contains(conversation);
        var outside = server.IsOutside(conversation);
        switch (random.Next(100))
        {
            case < 12 when visible || outside:
                server.Append(new LaneId(conversation, random.Next(4) == 0 ? Lane.Notes : Lane.Public), ModelServer.Customer, Guid.NewGuid(), $"text {++texts}");
                break;
            case < 16 when visible || outside:
                server.Put(ItemKinds.Receipt, $"{conversation}/{ModelServer.Customer}", new { delivered = texts, displayed = 0 });
                break;
            case < 19:
                server.Put("label", $"label {random.Next(3)}", new { colour = texts });
                break;
            case < 22 when visible:
                server.Leave(conversation);
                break;
            case < 26 when !visible && !outside:
                server.Join(conversation);
                break;
            case < 26 when outside:
                server.ReturnToFilter(conversation);
                break;
            case 26:
                server.RaiseFloor();
                break;
            case 27 when restores:
                server.Backup();
                break;
            case 28 when restores && server.Restore():
                foreach (var any in devices)
                    any.Cut();
                break;
            case < 38:
                var id = Guid.CreateVersion7();
                if (device.Act(c => c.PostAsync(conversation, $"post {++texts}", random.Next(4) == 0 ? Lane.Notes : Lane.Public, id)))
                    posted.Add(id);
                break;
            case < 42:
                device.Act(c => c.MarkReadAsync(conversation, 1 + random.Next(10)));
                break;
            case < 46:
                device.Act(c => c.SetDraftAsync(conversation, $"draft {++texts}"));
                break;
            case 46:
                device.Act(c => c.SetAvailabilityAsync(label: $"word {++texts}", note: $"note {texts}", until: time.GetUtcNow().AddHours(1)));
                break;
            case < 49:
                device.Cut();
                break;
            case < 51:
                await device.RestartAsync();
                break;
            case 51:
                device.FailNextCommit();
                break;
            case < 54:
                device.Wake();
                break;
            case < 56 when visible:
                server.LeaveFilter(conversation);
                break;
            case < 60:
                time.Advance(TimeSpan.FromMilliseconds(random.Next(2000)));
                break;
            default:
                await device.ServeSomeAsync();
                break;
        }
    }

    /// <summary>Every post is on the server exactly once, or was refused and is shown as that.</summary>
    void CheckPosts()
    {
        var there = server.AllMessages.Where(m => posted.Contains(m.MessageId)).Select(m => m.MessageId).ToArray();
        Assert.Equal(there.Length, there.Distinct().Count());
        var refused = devices.SelectMany(d => d.Refused).ToHashSet();
        Assert.Equal(posted.Order(), there.Concat(refused).Order());
    }
}

/// <summary>A device, its link, and the server's side of that link.</summary>
sealed class ModelDevice : IAsyncDisposable
{
    readonly string name;
    readonly ModelServer server;
    readonly ManualClock time;
    readonly Random random;
    readonly int history;
    readonly StoreFolder? folder;
    readonly FlakyStore store;
    readonly ScriptedTransport transport = new();
    DeviceClient client;
    ScriptedLink? link;
    ModelServer.Position? position;
    bool catchingUp;

    public ModelDevice(string name, ModelServer server, ManualClock time, Random random, int history, StoreFolder? folder, bool decays)
    {
        (this.name, this.server, this.time, this.random, this.history, this.folder) = (name, server, time, random, history, folder);
        store = new FlakyStore(random, folder, decays);
        client = Begin();
    }

    public bool IsQuiet => client.Status == DeviceStatus.Online && position is not null && !server.HasNewsFor(position) && link!.Calls.Count == 0
        && client.Unsettled().All(e => e.State == OutboxState.Refused) && server.Visible.All(c => client.Messages(c).Complete && client.Messages(c, Lane.Notes).Complete);

    public IEnumerable<Guid> Refused => client.Unsettled().Where(e => e.State == OutboxState.Refused).Select(e => ((PostMessage)e.Command).MessageId!.Value);

    /// <returns>False when the client says that it did not take the command: it has failed.</returns>
    public bool Act(Func<DeviceClient, Task<Outcome>> act)
    {
        try
        {
            return !act(client).IsFaulted;
        }
        catch (InvalidOperationException) when (client.Failure is not null)
        {
            return false;
        }
    }

    public void Cut()
    {
        link?.Close(new IOException("cut"));
        position = null;
    }

    public void Wake() => client.Wake();

    public void FailNextCommit() => store.FailNext = true;

    public async Task RestartAsync()
    {
        await client.DisposeAsync();
        transport.Forget();
        position = null;
        store.Reopen();
        client = Begin();
    }

    public async Task HealAsync()
    {
        store.FailNext = false;
        if (client.Status == DeviceStatus.Failed)
            await RestartAsync();
        Cut();
    }

    public async ValueTask DisposeAsync()
    {
        await client.DisposeAsync();
        store.Dispose();
        folder?.Dispose();
    }

    public async Task ServeSomeAsync()
    {
        if (client.Status == DeviceStatus.Failed)
        {
            await RestartAsync();
            return;
        }
        if (transport.IsTrying)
        {
            if (random.Next(3) == 0)
                transport.Refuse(new IOException("no route"));
            else
                Accept();
            return;
        }
        if (link is null || link.IsClosed)
            return;
        var calls = link.Calls;
        if (calls.Count > 0 && random.Next(2) == 0)
            Answer(calls[random.Next(calls.Count)], busy: random.Next(6) == 0);
        else if (position is not null && server.HasNewsFor(position))
            PushOne(lost: random.Next(12) == 0, twice: random.Next(12) == 0);
    }

    public void ServeAll()
    {
        if (transport.IsTrying)
            Accept();
        if (link is null || link.IsClosed)
            return;
        foreach (var call in link.Calls)
            Answer(call, busy: false);
        while (position is not null && server.HasNewsFor(position))
            PushOne(lost: false, twice: false);
    }

    /// <summary>At every instant a shown window has no hole and shows what the server had under that number, or had before it was restored.</summary>
    public void CheckWindows()
    {
        foreach (var conversation in client.Conversations())
        {
            foreach (var lane in (ReadOnlySpan<Lane>)[Lane.Public, Lane.Notes])
            {
                var held = client.Messages(conversation.Id, lane).Messages;
                for (var i = 1; i < held.Count; i++)
                    Assert.Equal(held[i - 1].Seq + 1, held[i].Seq);
            }
        }
    }

    public void CheckEqual()
    {
        Assert.True(IsQuiet, $"{name} is not quiet: {client.Status}, calls {string.Join(' ', link?.Calls.Select(c => c.Method) ?? [])}, outbox {string.Join(' ', client.Unsettled())}");
        var snapshot = store.Load();
        Assert.Equal(
            server.Items.Values.Select(i => $"{i.Kind} {i.Id} {i.Revision} {i.State}").Order(StringComparer.Ordinal),
            snapshot.Items.Select(i => $"{i.Key.Kind} {i.Key.Id} {i.Revision} {i.State}").Order(StringComparer.Ordinal));
        Assert.All(snapshot.Messages.Keys, key => Assert.Contains(key.Lane.ConversationId, server.Visible));
        foreach (var lane in server.Visible.SelectMany(c => new[] { new LaneId(c, Lane.Public), new LaneId(c, Lane.Notes) }))
        {
            var all = server.Messages(lane);
            var held = client.Messages(lane.ConversationId, lane.Lane).Messages;
            Assert.True(held.Count >= Math.Min(history, all.Count), $"{name} {lane} holds {held.Count} of {all.Count}");
            Assert.Equal(all.Skip(all.Count - held.Count), held);
        }
        store.Reopen(mayDecay: false);
        // What is kept and what is shown are the same: a new client on this store has the same hash.
        Assert.Equal(new DeviceClient(new ScriptedTransport(), store).CanonicalHash(), client.CanonicalHash());
    }

    DeviceClient Begin()
    {
        var begun = new DeviceClient(transport, store, new DeviceClientOptions { Time = time, Random = random, HistoryMessages = history, PageMessages = 7 });
        begun.Start();
        return begun;
    }

    void Accept()
    {
        position = null;
        link = transport.Accept();
    }

    void Answer(ScriptedCall call, bool busy)
    {
        var current = link!;
        Assert.NotNull(current.Take(c => ReferenceEquals(c, call)));
        object answer;
        switch (call.Method)
        {
            case "Synchronize":
                if (!busy)
                {
                    position = server.Open(call.Argument.Deserialize(ContractJson.Default.SyncRequest)!.Token);
                    catchingUp = true;
                }
                answer = new SyncAnswer { Outcome = busy ? Outcome.Refused(ErrorCode.Busy) : Outcome.Done, PersonId = ModelServer.Person, Role = Role.Agent };
                break;
            case "LoadMessages":
                answer = busy
                    ? new MessagePage { Outcome = Outcome.Refused(ErrorCode.RateLimited) }
                    : server.Load(call.Argument.Deserialize(ContractJson.Default.LoadMessages)!, most: 1 + random.Next(9));
                break;
            case "Confirm":
                CheckHeld(call.Argument.Deserialize(ContractJson.Default.Confirmation)!);
                answer = busy ? Outcome.Refused(ErrorCode.Unavailable) : Outcome.Done;
                break;
            default:
                // Unavailable may come before or after the deed.
                var outcome = busy && random.Next(2) == 0 ? Outcome.Done : server.Execute(name, call.Method, call.Argument);
                answer = busy ? Outcome.Refused(ErrorCode.Unavailable) : outcome;
                break;
        }
        call.Answer(JsonSerializer.SerializeToElement(answer, HubRecords.Json));
    }

    /// <summary>A device never says it holds what its store does not.</summary>
    void CheckHeld(Confirmation confirmation)
    {
        var kept = store.EverHeld;
        foreach (var held in confirmation.Held)
            Assert.Contains((new LaneId(held.ConversationId, Lane.Public), held.Seq), kept);
    }

    void PushOne(bool lost, bool twice)
    {
        var (batch, next) = server.Read(position!, most: 1 + random.Next(6), live: !catchingUp);
        catchingUp &= batch.More;
        position = next;
        if (lost)
            return;
        var current = link!;
        current.Push(batch);
        if (twice && !current.IsClosed)
            current.Push(batch);
    }
}
