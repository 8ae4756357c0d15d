using System.Collections.Concurrent;
using Rcc.Client.Access;
using Rcc.Client.Conversations;
using Rcc.Client.Devices;
using Rcc.Client.Sync;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Devices;
using Rcc.Contracts.Sync;
using Rcc.Replay.Accounts;
using Rcc.Replay.Control;

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
    readonly ControlWatch? watch;
    readonly ConcurrentDictionary<(string What, Guid Of), Awaited> given = [];
    readonly TaskCompletionSource halted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    DeviceClient client;
    int disturbances;
    volatile bool online;
    volatile bool isEndDue;

    ReplayDevice(string name, Person person, SignedInDevice signedIn, Uri server, Ledger ledger, int seed, ControlWatch? watch, ReceivedBytes? received)
    {
        Name = name;
        Person = person;
        DeviceId = signedIn.DeviceId;
        this.server = server;
        this.ledger = ledger;
        this.watch = watch;
        Received = received;
        transport = new CuttableTransport(server, signedIn.AccessToken, received);
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

    /// <summary>Every byte it was sent; null where that is not kept.</summary>
    public ReceivedBytes? Received { get; }

    /// <summary>The server lets it in no more.</summary>
    public Task Halted => halted.Task;

    /// <summary>It is over with the device, and with every command it was given.</summary>
    public Task Ended => ended.Task;

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
    /// <param name="watch">Is told what the device is told of control; null: nobody is.</param>
    /// <param name="received">Where every byte it is sent is kept.</param>
    public static async Task<ReplayDevice> StartAsync(
        Person person, string deviceName, Uri server, Ledger ledger, int seed, CancellationToken cancellationToken, ControlWatch? watch = null, ReceivedBytes? received = null)
    {
        var signedIn = await person.SignInAsync(deviceName, cancellationToken);
        return new ReplayDevice($"{person.Name}, {deviceName}", person, signedIn, server, ledger, seed, watch, received);
    }

    public LaneView Messages(Guid conversation) => client.Messages(conversation);

    public Task<Outcome> OpenAsync(Guid conversation) =>
        AnswerAsync(nameof(IDeviceHub.OpenConversation), conversation, device => device.OpenConversationAsync(conversation));

    public Task<Outcome> AssignAsync(Guid conversation, Guid? agent) =>
        AnswerAsync(nameof(IDeviceHub.AssignConversation), conversation, device => device.AssignAsync(conversation, agent));

    public Task<Outcome> ResolveAsync(Guid conversation) =>
        AnswerAsync(nameof(IDeviceHub.ResolveConversation), conversation, device => device.ResolveAsync(conversation));

    public Task<Outcome> ControlAsync(Guid conversation, string operation, Guid? agent = null, Guid? group = null, string? text = null, Guid? queue = null) => AnswerAsync(
        operation,
        conversation,
        device => device.ControlAsync(new ControlConversation { Number = 0, ConversationId = conversation, Operation = operation, AgentId = agent, GroupId = group, QueueId = queue, Text = text }));

    public async Task<Outcome> NoteAsync(Guid conversation, string text, IReadOnlyList<Guid>? mentions = null)
    {
        var id = Guid.CreateVersion7();
        var outcome = await AnswerAsync(nameof(IDeviceHub.PostMessage), id, device => device.PostAsync(conversation, text, Lane.Notes, id, mentions));
        if (!outcome.IsOk)
            await DismissAsync(id);
        return outcome;
    }

    /// <summary>Says that the agent takes conversations, or not.</summary>
    public Task<Outcome> SetAvailabilityAsync(Availability availability) =>
        AnswerAsync(nameof(IDeviceHub.SetAvailability), Guid.Empty, device => device.SetAvailabilityAsync(availability));

    /// <summary>Gives the turn to the device as one of several that may have to: whether it was said is its command's to tell.</summary>
    public Task<GivenCommand> TryPostAsync(PlayedTurn turn, string text) => GiveAsync(
        nameof(IDeviceHub.PostMessage),
        turn.MessageId,
        device =>
        {
            turn.Give(this);
            return device.PostAsync(turn.ConversationId, text, messageId: turn.MessageId);
        });

    /// <summary>Takes a refused post off the device.</summary>
    public async Task DismissAsync(Guid messageId)
    {
        await oneAtATime.WaitAsync();
        try
        {
            client.Dismiss(messageId);
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    /// <summary>Gives the turn to the device; its settlement and arrivals are the turn's own to tell.</summary>
    public async Task PostAsync(PlayedTurn turn, string text)
    {
        await oneAtATime.WaitAsync();
        try
        {
            turn.Give(this);
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
            if (isEndDue)
                return;
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
    public Task<Outcome> RepeatAsync(string method, DeviceCommand command) =>
        transport.Link is { } link ? link.InvokeAsync<Outcome>(method, command) : throw new IOException("The device has no connection.");

    /// <summary>Sends the very command once more on a further connection of the device.</summary>
    public async Task<Outcome> RepeatElsewhereAsync(string method, DeviceCommand command, CancellationToken cancellationToken)
    {
        await using var other = await DeviceConnection.OpenAsync(new Uri(server, "hubs/v1/device"), transport.Options with { Invoker = null }, cancellationToken);
        var answer = await other.InvokeAsync<SyncAnswer>(nameof(IDeviceHub.Synchronize), new SyncRequest { Token = client.Token }, cancellationToken);
        return answer.Outcome.IsOk ? await other.InvokeAsync<Outcome>(method, command, cancellationToken) : answer.Outcome;
    }

    /// <summary>A page of messages as the server gives it, past everything the client makes of it.</summary>
    public Task<MessagePage> LoadAsync(LoadMessages request, CancellationToken cancellationToken) =>
        transport.Link is { } link ? link.InvokeAsync<MessagePage>(nameof(IDeviceHub.LoadMessages), request, cancellationToken) : throw new IOException("The device has no connection.");

    /// <summary>It is going to be signed out: that it is halted then is as it should be.</summary>
    public async Task ExpectEndAsync()
    {
        await oneAtATime.WaitAsync();
        isEndDue = true;
        oneAtATime.Release();
    }

    public async ValueTask DisposeAsync()
    {
        if (!ended.TrySetResult())
            return;
        foreach (var awaited in given.Values)
            awaited.End();
        await client.DisposeAsync();
        transport.Dispose();
    }

    void IDeviceObserver.Changed(DeviceChanges changes)
    {
        ledger.Took(this, changes);
        watch?.Took(this, changes);
        foreach (var entry in changes.Outbox.Values)
        {
            if (entry is not { Attempted: true })
                continue;
            if (given.TryGetValue(KeyOf(entry), out var awaited))
                awaited.Send(entry.Command);
            else if (entry.Command is PostMessage { MessageId: { } id } post)
                ledger.Find(id)?.Send(post);
        }
    }

    void IDeviceObserver.StatusChanged(DeviceStatus status)
    {
        if (online)
            Interlocked.Increment(ref disturbances);
        online = status == DeviceStatus.Online;
        if (status == DeviceStatus.Halted && isEndDue)
            halted.TrySetResult();
        else if (status is DeviceStatus.Failed or DeviceStatus.Halted)
            ledger.Fail($"{Name} is {status}: {client.Failure?.ToString() ?? client.HaltedBy.ToString()}");
    }

    void IDeviceObserver.Settled(OutboxEntry command, Outcome outcome)
    {
        if (given.TryRemove(KeyOf(command), out var awaited))
        {
            ledger.Move();
            awaited.Settle(outcome);
        }
        else if (command.Command is PostMessage { MessageId: { } id })
        {
            ledger.Settle(id, outcome);
        }
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

    /// <summary>Commands under way are told apart by what they do to which conversation, posts by their message; of two that are alike the second waits for the first.</summary>
    static (string What, Guid Of) KeyOf(OutboxEntry entry) => (
        (entry.Command as ControlConversation)?.Operation ?? entry.Method,
        entry.Command is PostMessage { MessageId: { } id } ? id : entry.ConversationId ?? Guid.Empty);

    async Task<Outcome> AnswerAsync(string what, Guid of, Func<DeviceClient, Task<Outcome>> give) => await (await GiveAsync(what, of, give)).Settled;

    async Task<GivenCommand> GiveAsync(string what, Guid of, Func<DeviceClient, Task<Outcome>> give)
    {
        var awaited = new Awaited();
        while (!isEndDue && given.GetOrAdd((what, of), awaited) is var same && same != awaited)
            await same.Settled;
        await oneAtATime.WaitAsync();
        try
        {
            if (isEndDue)
                awaited.End();
            else
                Forget(give(client));
        }
        finally
        {
            oneAtATime.Release();
        }
        return new GivenCommand(this, what, awaited.Sent, awaited.Settled);
    }

    /// <summary>A command whose answer somebody waits for.</summary>
    sealed class Awaited
    {
        readonly TaskCompletionSource<DeviceCommand> sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        readonly TaskCompletionSource<Outcome> settled = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<DeviceCommand> Sent => sent.Task;

        public Task<Outcome> Settled => settled.Task;

        public void Send(DeviceCommand command) => sent.TrySetResult(command);

        public void Settle(Outcome outcome) => settled.TrySetResult(outcome);

        public void End() => settled.TrySetResult(Outcome.Refused(ErrorCode.Suspended, "The device is signed out."));
    }
}
