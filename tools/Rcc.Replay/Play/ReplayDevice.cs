using System.Collections.Concurrent;
using Rcc.Client.Access;
using Rcc.Client.Conversations;
using Rcc.Client.Devices;
using Rcc.Client.Sync;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Devices;
using Rcc.Contracts.Sync;
using Rcc.Replay.Accounts;

namespace Rcc.Replay.Play;

/// <summary>
/// A device of somebody: the product's own client on a store of its own, with ways to mistreat it. The whole history is kept, so that it can be compared with a device that starts from nothing.
/// </summary>
sealed class ReplayDevice : IDeviceObserver, IAsyncDisposable
{
    readonly MemoryDeviceStore store = new();
    readonly CuttableTransport transport;
    readonly DeviceClientOptions options;
    readonly Uri server;
    readonly Ledger ledger;
    readonly SemaphoreSlim oneAtATime = new(1, 1);
    readonly ConcurrentDictionary<(string Method, Guid Conversation), TaskCompletionSource<Outcome>> given = [];
    DeviceClient client;
    int disturbances;
    volatile bool online;

    ReplayDevice(string name, Person person, SignedInDevice signedIn, Uri server, Ledger ledger, int seed)
    {
        Name = name;
        Person = person;
        DeviceId = signedIn.DeviceId;
        this.server = server;
        this.ledger = ledger;
        transport = new CuttableTransport(server, signedIn.AccessToken);
        options = new DeviceClientOptions
        {
            HistoryMessages = int.MaxValue,
            PageMessages = 200,
            // Hundreds of devices that come back to one server on the same machine: soon, and not all at once.
            FirstPause = TimeSpan.FromMilliseconds(100),
            LongestPause = TimeSpan.FromSeconds(2),
            Random = new Random(seed),
        };
        client = Begin();
    }

    /// <summary>For people.</summary>
    public string Name { get; }

    public Person Person { get; }

    public Guid DeviceId { get; }

    /// <summary>What it keeps, as it stands.</summary>
    public DeviceSnapshot Snapshot => store.Load();

    /// <summary>A number that changes with every disturbance, negative while the device is not online.</summary>
    public long Calm => online ? Volatile.Read(ref disturbances) : -1;

    public DeviceStatus Status => client.Status;

    /// <summary>The limits the server named; null until it has.</summary>
    public SyncLimits? Limits => client.Limits;

    /// <summary>The hash of all it holds.</summary>
    public string Hash => client.CanonicalHash();

    /// <summary>What the server has not settled, refused posts included.</summary>
    public IReadOnlyList<OutboxEntry> Unsettled => client.Unsettled();

    /// <summary>Signs in and begins to connect.</summary>
    public static async Task<ReplayDevice> StartAsync(Person person, string deviceName, Uri server, Ledger ledger, int seed, CancellationToken cancellationToken)
    {
        var signedIn = await person.SignInAsync(deviceName, cancellationToken);
        return new ReplayDevice($"{person.Name}, {deviceName}", person, signedIn, server, ledger, seed);
    }

    public LaneView Messages(Guid conversation) => client.Messages(conversation);

    public Task<Outcome> OpenAsync(Guid conversation) =>
        GiveAsync(nameof(IDeviceHub.OpenConversation), conversation, device => device.OpenConversationAsync(conversation));

    public Task<Outcome> AssignAsync(Guid conversation, Guid agent) =>
        GiveAsync(nameof(IDeviceHub.AssignConversation), conversation, device => device.AssignAsync(conversation, agent));

    /// <summary>Gives the turn to the device; its settlement and arrivals are the turn's own to tell.</summary>
    public async Task PostAsync(PlayedTurn turn, string text)
    {
        await oneAtATime.WaitAsync();
        try
        {
            turn.Give();
            Forget(client.PostAsync(turn.ConversationId, text, messageId: turn.MessageId));
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    /// <summary>The network resets the connection; the device comes back by itself.</summary>
    public void Cut()
    {
        Interlocked.Increment(ref disturbances);
        transport.Cut();
    }

    public void GoOffline()
    {
        Interlocked.Increment(ref disturbances);
        client.GoOffline();
    }

    public void GoOnline() => client.GoOnline();

    /// <summary>The program ends and begins again on what it had stored.</summary>
    public async Task RestartAsync()
    {
        await oneAtATime.WaitAsync();
        try
        {
            Interlocked.Increment(ref disturbances);
            online = false;
            await client.DisposeAsync();
            client = Begin();
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    /// <summary>Sends the very command once more on the device's connection.</summary>
    public Task<Outcome> RepeatAsync(PostMessage command) =>
        transport.Link is { } link ? link.InvokeAsync<Outcome>(nameof(IDeviceHub.PostMessage), command) : throw new IOException("The device has no connection.");

    /// <summary>Sends the very command once more on a further connection of the device.</summary>
    public async Task<Outcome> RepeatElsewhereAsync(PostMessage command, CancellationToken cancellationToken)
    {
        await using var other = await DeviceConnection.OpenAsync(new Uri(server, "hubs/v1/device"), transport.Options with { Invoker = null }, cancellationToken);
        var answer = await other.InvokeAsync<SyncAnswer>(nameof(IDeviceHub.Synchronize), new SyncRequest { Token = client.Token }, cancellationToken);
        return answer.Outcome.IsOk ? await other.InvokeAsync<Outcome>(nameof(IDeviceHub.PostMessage), command, cancellationToken) : answer.Outcome;
    }

    /// <summary>A page of messages as the server gives it, past everything the client makes of it.</summary>
    public Task<MessagePage> LoadAsync(LoadMessages request, CancellationToken cancellationToken) =>
        transport.Link is { } link ? link.InvokeAsync<MessagePage>(nameof(IDeviceHub.LoadMessages), request, cancellationToken) : throw new IOException("The device has no connection.");

    public async ValueTask DisposeAsync()
    {
        await client.DisposeAsync();
        transport.Dispose();
        oneAtATime.Dispose();
    }

    void IDeviceObserver.Changed(DeviceChanges changes)
    {
        ledger.Took(this, changes);
        foreach (var entry in changes.Outbox.Values)
        {
            if (entry is { Attempted: true, Command: PostMessage { MessageId: { } id } post })
                ledger.Find(id)?.Send(post);
        }
    }

    void IDeviceObserver.StatusChanged(DeviceStatus status)
    {
        if (online)
            Interlocked.Increment(ref disturbances);
        online = status == DeviceStatus.Online;
        if (status is DeviceStatus.Failed or DeviceStatus.Halted)
            ledger.Fail($"{Name} is {status}: {client.Failure?.ToString() ?? client.HaltedBy.ToString()}");
    }

    void IDeviceObserver.Settled(OutboxEntry command, Outcome outcome)
    {
        if (command.Command is PostMessage { MessageId: { } id })
            ledger.Settle(id, outcome);
        else if (command.ConversationId is { } conversation && given.TryRemove((command.Method, conversation), out var waiter))
            waiter.TrySetResult(outcome);
    }

    /// <summary>The tasks of a client end with it, and the program may be ended and begun again: what counts is what its observer is told.</summary>
    static void Forget(Task<Outcome> task) => _ = task.ContinueWith(
        static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    DeviceClient Begin()
    {
        var begun = new DeviceClient(transport, store, options);
        begun.Observe(this);
        begun.Start();
        return begun;
    }

    async Task<Outcome> GiveAsync(string method, Guid conversation, Func<DeviceClient, Task<Outcome>> give)
    {
        var waiter = new TaskCompletionSource<Outcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        given[(method, conversation)] = waiter;
        await oneAtATime.WaitAsync();
        try
        {
            Forget(give(client));
        }
        finally
        {
            oneAtATime.Release();
        }
        return await waiter.Task;
    }
}
