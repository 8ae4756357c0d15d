using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Rcc.Contracts.Sync;

namespace Rcc.Client.Devices;

/// <summary>
/// One WebSocket to the device hub, and no more: calls with their answers, pushes, keep-alive. No reconnecting, no state. <see cref="DeviceClient"/> builds on it; what
/// drives very many devices uses it alone.
/// <para>Thread-safe. Pushes are told on the receive loop, answers complete tasks elsewhere: between a push and an answer there is no order.</para>
/// </summary>
public sealed class DeviceConnection : IDeviceLink, IInvocationBinder
{
    const int UsualRecordBytes = 512;
    const int UsualBufferBytes = 4 * 1024;
    const int LargeBufferBytes = 128 * 1024;
    static readonly Type[] PushParameters = [typeof(PushBatch)];

    readonly DeviceConnectionOptions options;
    readonly ClientWebSocket socket = new();
    readonly SemaphoreSlim sending = new(1, 1);
    readonly Dictionary<long, PendingCall> pending = [];
    readonly TaskCompletionSource<Exception?> closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    ArrayBufferWriter<byte> output = new(UsualRecordBytes);
    byte[] input = ArrayPool<byte>.Shared.Rent(UsualBufferBytes);
    int filled;
    long lastCall;
    long lastSent;
    long lastReceived;
    ITimer? watch;
    Task receiving = Task.CompletedTask;

    DeviceConnection(DeviceConnectionOptions options)
    {
        this.options = options;
        // SignalR's own pings do; a second timer per connection would watch the same.
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        socket.Options.CollectHttpResponseDetails = true;
        if (options.AccessToken is { } token)
            socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        lastSent = lastReceived = options.Time.GetTimestamp();
    }

    public Task<Exception?> Closed => closed.Task;

    /// <summary>Opens a connection to the hub at <paramref name="hub"/> (http, https, ws or wss).</summary>
    /// <exception cref="CredentialRefusedException">HTTP 401 or 403.</exception>
    /// <exception cref="IOException">The server cannot be reached, or is no SignalR server that speaks JSON.</exception>
    public static async Task<DeviceConnection> OpenAsync(Uri hub, DeviceConnectionOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(hub);
        ArgumentNullException.ThrowIfNull(options);
        var connection = new DeviceConnection(options);
        using var tooLate = new CancellationTokenSource(options.OpenTimeout, options.Time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(tooLate.Token, cancellationToken);
        try
        {
            await connection.socket.ConnectAsync(WebSocketUri(hub), options.Invoker, stop.Token).ConfigureAwait(false);
            await connection.ShakeHandsAsync(stop.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            var (status, retryAfter) = (connection.socket.HttpStatusCode, RetryAfterSeconds(connection.socket.HttpResponseHeaders));
            connection.End(e);
            ArrayPool<byte>.Shared.Return(connection.input);
            if (status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                throw new CredentialRefusedException($"The server answered {(int)status}.", e);
            if (status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable && retryAfter is { } seconds)
                throw new ServerBusyException($"{hub.Host} answered {(int)status}.", seconds, e);
            if (e is WebSocketException or HttpRequestException or InvalidDataException)
                throw new IOException($"No connection to {hub.Host}: {e.Message}", e);
            if (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
                throw new IOException($"No connection to {hub.Host} within {options.OpenTimeout}.", e);
            throw;
        }
        connection.Begin();
        return connection;
    }

    /// <inheritdoc/>
    public Task<TAnswer> InvokeAsync<TAnswer>(string method, object argument, CancellationToken cancellationToken = default)
    {
        var call = Expect<TAnswer>(cancellationToken);
        return SendCallAsync(call, (method, argument), static (output, id, what) =>
            HubRecords.Protocol.WriteMessage(new InvocationMessage(id.ToString(CultureInfo.InvariantCulture), what.method, [what.argument]), output));
    }

    /// <summary>As <see cref="InvokeAsync{TAnswer}"/>, with an argument that is JSON already.</summary>
    public Task<TAnswer> InvokeJsonAsync<TAnswer>(string method, ReadOnlyMemory<byte> argumentJson, CancellationToken cancellationToken = default)
    {
        var call = Expect<TAnswer>(cancellationToken);
        return SendCallAsync(call, (method, argumentJson), static (output, id, what) => HubRecords.WriteInvocation(output, id, what.method, what.argumentJson.Span));
    }

    /// <summary>Says good-bye, if that takes no time, and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!closed.Task.IsCompleted && await sending.WaitAsync(TimeSpan.Zero).ConfigureAwait(false))
        {
            using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            try
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, soon.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException or InvalidOperationException)
            {
                // It is over either way; a peer that is gone hears no good-bye.
            }
            finally
            {
                sending.Release();
            }
        }
        End(reason: null);
        await receiving.ConfigureAwait(false);
    }

    Type IInvocationBinder.GetReturnType(string invocationId)
    {
        lock (pending)
        {
            // An answer nobody waits for any more is read past.
            return long.TryParse(invocationId, CultureInfo.InvariantCulture, out var id) && pending.TryGetValue(id, out var call) ? call.AnswerType : typeof(object);
        }
    }

    IReadOnlyList<Type> IInvocationBinder.GetParameterTypes(string methodName) =>
        string.Equals(methodName, "push", StringComparison.Ordinal) && options.OnPush is not null ? PushParameters : Type.EmptyTypes;

    Type IInvocationBinder.GetStreamItemType(string streamId) => typeof(object);

    string? IInvocationBinder.GetTarget(ReadOnlySpan<byte> utf8Bytes) => utf8Bytes.SequenceEqual(HubRecords.PushTarget) ? "push" : null;

    static int? RetryAfterSeconds(IReadOnlyDictionary<string, IEnumerable<string>>? headers) =>
        headers is not null && headers.TryGetValue("Retry-After", out var values) && int.TryParse(values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : null;

    static Uri WebSocketUri(Uri hub) => new UriBuilder(hub)
    {
        Scheme = hub.Scheme switch { "http" => "ws", "https" => "wss", var scheme => scheme },
    }.Uri;

    async Task ShakeHandsAsync(CancellationToken cancellationToken)
    {
        // Version 2 only adds acknowledgements for reconnecting to the same server, which tokens make needless.
        HandshakeProtocol.WriteRequestMessage(new HandshakeRequestMessage(HubRecords.Protocol.Name, version: 1), output);
        await socket.SendAsync(output.WrittenMemory, WebSocketMessageType.Text, endOfMessage: true, cancellationToken).ConfigureAwait(false);
        output.ResetWrittenCount();
        while (true)
        {
            if (!await FillAsync(cancellationToken).ConfigureAwait(false))
                throw new InvalidDataException("closed during the handshake");
            var received = new ReadOnlySequence<byte>(input, 0, filled);
            if (!HandshakeProtocol.TryParseResponseMessage(ref received, out var response))
                continue;
            if (response.Error is { } error)
                throw new InvalidDataException($"handshake refused: {error}");
            Consume(filled - (int)received.Length);
            return;
        }
    }

    void Begin()
    {
        receiving = ReceiveAsync();
        var period = TimeSpan.FromTicks(Math.Min(options.KeepAlive.Ticks, options.ServerTimeout.Ticks) / 2);
        watch = options.Time.CreateTimer(static connection => ((DeviceConnection)connection!).Watch(), this, period, period);
        if (closed.Task.IsCompleted)
            watch.Dispose();
    }

    /// <summary>Half-open links send nothing and report nothing: only the clock tells.</summary>
    void Watch()
    {
        if (options.Time.GetElapsedTime(Volatile.Read(ref lastReceived)) >= options.ServerTimeout)
            End(new IOException($"The server has sent nothing for {options.ServerTimeout}."));
        else if (options.Time.GetElapsedTime(Volatile.Read(ref lastSent)) >= options.KeepAlive && sending.Wait(0))
            _ = PingAsync();
    }

    async Task PingAsync()
    {
        try
        {
            await SendAsync(HubRecords.Ping).ConfigureAwait(false);
        }
        catch (Exception e) when (IsOver(e))
        {
            End(e);
        }
        finally
        {
            sending.Release();
        }
    }

    PendingCall<TAnswer> Expect<TAnswer>(CancellationToken cancellationToken)
    {
        var call = new PendingCall<TAnswer> { Id = Interlocked.Increment(ref lastCall) };
        lock (pending)
        {
            if (closed.Task.IsCompleted)
                throw Over();
            pending.Add(call.Id, call);
        }
        if (cancellationToken.CanBeCanceled)
            call.Cancellation = cancellationToken.Register(() => Take(call.Id)?.Cancel(cancellationToken));
        return call;
    }

    async Task<TAnswer> SendCallAsync<TAnswer, TWhat>(PendingCall<TAnswer> call, TWhat what, Action<IBufferWriter<byte>, long, TWhat> write)
    {
        await sending.WaitAsync().ConfigureAwait(false);
        try
        {
            if (output.Capacity > LargeBufferBytes)
                output = new ArrayBufferWriter<byte>(UsualRecordBytes);
            output.ResetWrittenCount();
            if (TryWrite(call, what, write))
                await SendAsync(output.WrittenMemory).ConfigureAwait(false);
        }
        catch (Exception e) when (IsOver(e))
        {
            End(e);
        }
        finally
        {
            sending.Release();
        }
        return await call.Task.ConfigureAwait(false);
    }

    bool TryWrite<TWhat>(PendingCall call, TWhat what, Action<IBufferWriter<byte>, long, TWhat> write)
    {
        try
        {
            write(output, call.Id, what);
            return true;
        }
        catch (Exception e)
        {
            // An argument that cannot be written is the caller's mistake; nothing was sent.
            Take(call.Id)?.Fail(e);
            return false;
        }
    }

    /// <summary>The caller holds <see cref="sending"/>. Never cancelled: a socket does not survive that.</summary>
    async ValueTask SendAsync(ReadOnlyMemory<byte> record)
    {
        await socket.SendAsync(record, WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage, CancellationToken.None).ConfigureAwait(false);
        Volatile.Write(ref lastSent, options.Time.GetTimestamp());
    }

    async Task ReceiveAsync()
    {
        Exception? reason = null;
        try
        {
            // The handshake's answer may have brought the first records with it.
            var going = Dispatch(from: 0, out reason);
            while (going)
            {
                var scanned = filled;
                going = await FillAsync(CancellationToken.None).ConfigureAwait(false) && Dispatch(scanned, out reason);
            }
            reason ??= new IOException("The server has closed the connection.");
        }
        catch (Exception e)
        {
            reason = e;
        }
        finally
        {
            End(reason);
            ArrayPool<byte>.Shared.Return(input);
            input = [];
        }
    }

    /// <returns>False when the other side has closed.</returns>
    async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (filled == input.Length)
            Grow();
        var received = await socket.ReceiveAsync(input.AsMemory(filled), cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref lastReceived, options.Time.GetTimestamp());
        filled += received.Count;
        return received.MessageType != WebSocketMessageType.Close;
    }

    void Grow()
    {
        if (filled >= options.MaxRecordBytes)
            throw new InvalidDataException($"A record is longer than MaxRecordBytes, {options.MaxRecordBytes}.");
        Exchange(filled * 2);
    }

    void Exchange(int bytes)
    {
        var other = ArrayPool<byte>.Shared.Rent(bytes);
        input.AsSpan(0, filled).CopyTo(other);
        ArrayPool<byte>.Shared.Return(input);
        input = other;
    }

    void Consume(int bytes)
    {
        input.AsSpan(bytes, filled - bytes).CopyTo(input);
        filled -= bytes;
        // One long page must not cost each of many idle connections a large buffer for ever.
        if (input.Length > LargeBufferBytes && filled < UsualBufferBytes)
            Exchange(UsualBufferBytes);
    }

    /// <summary>Handles every whole record; <paramref name="from"/>: before it there is no separator.</summary>
    bool Dispatch(int from, out Exception? reason)
    {
        reason = null;
        var start = 0;
        var going = true;
        while (going)
        {
            var length = input.AsSpan(from, filled - from).IndexOf(HubRecords.Separator);
            if (length < 0)
                break;
            var end = from + length;
            going = Handle(start, end, out reason);
            start = from = end + 1;
        }
        if (start > 0)
            Consume(start);
        return going;
    }

    bool Handle(int start, int end, out Exception? reason)
    {
        reason = null;
        var bytes = input.AsSpan(start, end - start);
        if (options.OnPushBytes is { } onBytes && HubRecords.TryFindPush(bytes, out var argument))
        {
            onBytes(bytes[argument]);
            return true;
        }
        var record = new ReadOnlySequence<byte>(input, start, end + 1 - start);
        if (!HubRecords.Protocol.TryParseMessage(ref record, this, out var message))
            return true;
        switch (message)
        {
            case CompletionMessage completion:
                Complete(completion);
                return true;
            case InvocationMessage { Target: "push", Arguments: [PushBatch batch] }:
                options.OnPush?.Invoke(batch);
                return true;
            case InvocationBindingFailureMessage { Target: "push" } failure when options.OnPush is not null:
                reason = new InvalidDataException("The server has pushed what cannot be read.", failure.BindingFailure.SourceException);
                return false;
            case CloseMessage close:
                reason = new IOException(close.Error is { } error ? $"The server has closed the connection: {error}" : "The server has closed the connection.");
                return false;
            default:
                // Pings, and calls this client does not know.
                return true;
        }
    }

    void Complete(CompletionMessage completion)
    {
        if (!long.TryParse(completion.InvocationId, CultureInfo.InvariantCulture, out var id) || Take(id) is not { } call)
            return;
        if (completion.Error is { } error)
            call.Fail(new HubErrorException(error));
        else
            call.Complete(completion.Result);
    }

    PendingCall? Take(long id)
    {
        lock (pending)
            return pending.Remove(id, out var call) ? call : null;
    }

    void End(Exception? reason)
    {
        PendingCall[] calls;
        lock (pending)
        {
            if (!closed.TrySetResult(reason))
                return;
            calls = [.. pending.Values];
            pending.Clear();
        }
        watch?.Dispose();
        socket.Abort();
        socket.Dispose();
        foreach (var call in calls)
            call.Fail(Over());
    }

    IOException Over() => new("The connection is over.", closed.Task.IsCompletedSuccessfully ? closed.Task.Result : null);

    // InvalidOperationException is what a socket says that was closed from this side.
    static bool IsOver(Exception e) => e is WebSocketException or IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException;
}
