using System.Collections.Concurrent;
using Rcc.Client.Access;
using Rcc.Client.Devices;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Devices;
using Rcc.Contracts.Sync;

namespace Rcc.Server.Tests.Processes;

/// <summary>
/// A device that trusts nothing: it writes down every message pushed to it and every acknowledgement, connects again by itself, and never sends a command again unless told to.
/// It checks on the way that batches follow each other.
/// </summary>
internal sealed class BareDevice : IAsyncDisposable
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    readonly Func<ServerProcess> server;
    readonly CancellationTokenSource stop = new();
    readonly ConcurrentQueue<Exception> defects = new();
    readonly Lock gate = new();
    readonly Task running;
    DeviceConnection? open;
    string? token;
    bool restarted;
    long number = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1024;

    public BareDevice(ServerProcess server, SignedInDevice signedIn)
        : this(() => server, signedIn)
    {
    }

    public BareDevice(Func<ServerProcess> server, SignedInDevice signedIn)
    {
        this.server = server;
        SignedIn = signedIn;
        running = RunAsync();
    }

    public SignedInDevice SignedIn { get; }

    /// <summary>Messages pushed to it, each once.</summary>
    public ConcurrentDictionary<Guid, MessageItem> Pushed { get; } = [];

    /// <summary>Everything pushed to it but messages, in order.</summary>
    public ConcurrentQueue<SyncItem> Items { get; } = [];

    /// <summary>Reasons why it had to begin from nothing, the first one aside.</summary>
    public ConcurrentQueue<Resync> Resyncs { get; } = [];

    /// <summary>What it is doing, for those who wait for it.</summary>
    public string Doing { get; private set; } = "begins";

    public bool IsConnected => open is { Closed.IsCompleted: false };

    /// <summary>How often a connection was lost or refused.</summary>
    public int Losses { get; private set; }

    /// <summary>Why the server does not let it in any more.</summary>
    public string? Refused { get; private set; }

    public long NextNumber() => Interlocked.Increment(ref number);

    /// <summary>Calls the hub on the connection there is.</summary>
    /// <exception cref="IOException">There is none, or it was lost before the answer came.</exception>
    public async Task<TAnswer> CallAsync<TAnswer>(string method, object argument)
    {
        var connection = open ?? throw new IOException("Not connected.");
        try
        {
            return await connection.InvokeAsync<TAnswer>(method, argument, stop.Token);
        }
        catch (ObjectDisposedException closed)
        {
            throw new IOException("The connection was lost.", closed);
        }
    }

    /// <summary>Sends a command, again and again with the same number, until it is settled.</summary>
    public async Task<Outcome> SettleAsync(string method, DeviceCommand command)
    {
        Outcome? outcome = null;
        await Until.TrueAsync(
            async () =>
            {
                try
                {
                    outcome = await CallAsync<Outcome>(method, command);
                }
                catch (IOException)
                {
                    return false;
                }

                return outcome.Code is not (ErrorCode.Unavailable or ErrorCode.Busy or ErrorCode.RateLimited);
            },
            () => $"{method} is settled; last answer: {outcome}; the device {Doing}, lost {Losses}, refused {Refused}, {string.Join(' ', defects)}");
        return outcome!;
    }

    public Task<Outcome> PostAsync(Guid conversation, string content, Lane lane = Lane.Public) => SettleAsync(
        nameof(IDeviceHub.PostMessage), new PostMessage { Number = NextNumber(), ConversationId = conversation, MessageId = Guid.CreateVersion7(), Content = content, Lane = lane });

    /// <summary>A customer opens a conversation.</summary>
    public async Task<Guid> OpenConversationAsync()
    {
        var id = Guid.CreateVersion7();
        var outcome = await SettleAsync(nameof(IDeviceHub.OpenConversation), new OpenConversation { Number = NextNumber(), ConversationId = id });
        Assert.True(outcome.IsOk, outcome.ToString());
        return id;
    }

    /// <summary>Closes the connection under the device, as a bad network does.</summary>
    public ValueTask DropAsync() => open?.DisposeAsync() ?? ValueTask.CompletedTask;

    public Task ConnectedAsync() => Until.TrueAsync(() => IsConnected, () => $"a device is connected; it {Doing}, refused: {Refused}, {string.Join(' ', defects)}");

    public Task UntilPushedAsync(Guid message) => Until.TrueAsync(() => Pushed.ContainsKey(message), () => $"message {message} is pushed");

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await DropAsync();
        await running;
        stop.Dispose();
        Assert.Empty(defects);
    }

    async Task RunAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                Doing = "connects";
                await using var connection = await DeviceConnection.OpenAsync(
                    new Uri(server().Address, "hubs/v1/device"), new() { AccessToken = SignedIn.AccessToken, OnPush = Take }, stop.Token);
                Doing = "synchronises";
                var answer = await connection.InvokeAsync<SyncAnswer>(nameof(IDeviceHub.Synchronize), new SyncRequest { Token = Token() }, stop.Token);
                if (answer.Outcome.IsOk)
                {
                    open = connection;
                    Doing = "listens";
                    await connection.Closed.WaitAsync(stop.Token);
                }
            }
            catch (CredentialRefusedException refused)
            {
                Refused = refused.Message;
            }
            catch (Exception lost) when (lost is IOException or OperationCanceledException or HubErrorException)
            {
                // What the tests bring about.
            }
            catch (Exception defect)
            {
                defects.Enqueue(defect);
            }

            Losses++;
            if (!stop.IsCancellationRequested) await Task.Delay(Pause, CancellationToken.None);
        }
    }

    string? Token()
    {
        lock (gate)
        {
            restarted = false;
            return token;
        }
    }

    void Take(PushBatch batch)
    {
        lock (gate)
        {
            if (batch.To is null) return;
            if (batch.Resync is { Reason: not ResyncReason.New } resync) Resyncs.Enqueue(resync);
            restarted |= batch.Resync is not null;
            if (batch.Resync is null && !string.Equals(batch.From, token, StringComparison.Ordinal))
            {
                defects.Enqueue(new InvalidOperationException("A batch does not follow the one before."));
            }

            token = batch.To;
            foreach (var item in batch.Items)
            {
                if (item.Message is not { } message) Items.Enqueue(item);
                else if (!Pushed.TryAdd(message.MessageId, message) && !restarted) defects.Enqueue(new InvalidOperationException($"Message {message.MessageId} was pushed twice."));
            }
        }
    }
}
