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

    readonly Func<ServerProcess> _server;
    readonly CancellationTokenSource _stop = new();
    readonly ConcurrentQueue<Exception> _defects = new();
    readonly Lock _gate = new();
    readonly Task _running;
    DeviceConnection? _connection;
    string? _token;
    bool _restarted;
    long _number = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1024;

    public BareDevice(ServerProcess server, SignedInDevice signedIn)
        : this(() => server, signedIn)
    {
    }

    public BareDevice(Func<ServerProcess> server, SignedInDevice signedIn)
    {
        _server = server;
        SignedIn = signedIn;
        _running = RunAsync();
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

    public bool IsConnected => _connection is { Closed.IsCompleted: false };

    /// <summary>How often a connection was lost or refused.</summary>
    public int Losses { get; private set; }

    /// <summary>Why the server does not let it in any more.</summary>
    public string? Refused { get; private set; }

    public long NextNumber() => Interlocked.Increment(ref _number);

    /// <summary>Calls the hub on the connection there is.</summary>
    /// <exception cref="IOException">There is none, or it was lost before the answer came.</exception>
    public async Task<TAnswer> CallAsync<TAnswer>(string method, object argument)
    {
        var connection = _connection ?? throw new IOException("Not connected.");
        try
        {
            return await connection.InvokeAsync<TAnswer>(method, argument, _stop.Token);
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
            () => $"{method} is settled; last answer: {outcome}; the device {Doing}, lost {Losses}, refused {Refused}, {string.Join(' ', _defects)}");
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
    public ValueTask DropAsync() => _connection?.DisposeAsync() ?? ValueTask.CompletedTask;

    public Task ConnectedAsync() => Until.TrueAsync(() => IsConnected, () => $"a device is connected; it {Doing}, refused: {Refused}, {string.Join(' ', _defects)}");

    public Task UntilPushedAsync(Guid message) => Until.TrueAsync(() => Pushed.ContainsKey(message), () => $"message {message} is pushed");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await DropAsync();
        await _running;
        _stop.Dispose();
        Assert.Empty(_defects);
    }

    async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Doing = "connects";
                await using var connection = await DeviceConnection.OpenAsync(
                    new Uri(_server().Address, "hubs/v1/device"), new() { AccessToken = SignedIn.AccessToken, OnPush = Take }, _stop.Token);
                Doing = "synchronises";
                var answer = await connection.InvokeAsync<SyncAnswer>(nameof(IDeviceHub.Synchronize), new SyncRequest { Token = Token() }, _stop.Token);
                if (answer.Outcome.IsOk)
                {
                    _connection = connection;
                    Doing = "listens";
                    await connection.Closed.WaitAsync(_stop.Token);
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
                _defects.Enqueue(defect);
            }

            Losses++;
            if (!_stop.IsCancellationRequested) await Task.Delay(Pause, CancellationToken.None);
        }
    }

    string? Token()
    {
        lock (_gate)
        {
            _restarted = false;
            return _token;
        }
    }

    void Take(PushBatch batch)
    {
        lock (_gate)
        {
            if (batch.To is null) return;
            if (batch.Resync is { Reason: not ResyncReason.New } resync) Resyncs.Enqueue(resync);
            _restarted |= batch.Resync is not null;
            if (batch.Resync is null && !string.Equals(batch.From, _token, StringComparison.Ordinal))
            {
                _defects.Enqueue(new InvalidOperationException("A batch does not follow the one before."));
            }

            _token = batch.To;
            foreach (var item in batch.Items)
            {
                if (item.Message is not { } message) Items.Enqueue(item);
                else if (!Pushed.TryAdd(message.MessageId, message) && !_restarted) _defects.Enqueue(new InvalidOperationException($"Message {message.MessageId} was pushed twice."));
            }
        }
    }
}
