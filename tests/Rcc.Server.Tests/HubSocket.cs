using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace Rcc.Server.Tests;

/// <summary>A bare WebSocket that speaks SignalR's JSON protocol, so that tests can send what no client would.</summary>
internal sealed class HubSocket : IAsyncDisposable
{
    const char RecordSeparator = '\u001e';

    readonly ClientWebSocket socket = new();
    readonly ConcurrentDictionary<string, TaskCompletionSource<JsonElement>> calls = new(StringComparer.Ordinal);
    readonly Channel<JsonElement> pushes = Channel.CreateUnbounded<JsonElement>();
    readonly TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly List<string> order = [];
    readonly ConcurrentQueue<string> wire = new();
    int lastCall;

    HubSocket()
    {
    }

    /// <summary>Completes when the server has closed the connection.</summary>
    public Task Closed => closed.Task;

    /// <summary>Kinds of messages in the order they came: <c>answer</c> and <c>push</c>.</summary>
    public IReadOnlyList<string> Order => order;

    /// <summary>Everything the server has sent on this connection, as it came.</summary>
    public string Wire => string.Join('\n', wire);

    /// <exception cref="WebSocketException">The server refused; <see cref="RefusedWithAsync"/> tells how.</exception>
    public static async Task<HubSocket> ConnectAsync(Uri server, string? credential = null, string? ticket = null, string? origin = null)
    {
        var hub = new HubSocket();
        try
        {
            await hub.socket.ConnectAsync(hub.Prepare(server, credential, ticket, origin), TestContext.Current.CancellationToken);
        }
        catch
        {
            hub.socket.Dispose();
            throw;
        }

        await hub.SendAsync("{\"protocol\":\"json\",\"version\":1}");
        _ = hub.ReceiveAsync();
        return hub;
    }

    /// <summary>The HTTP status with which the server refuses a connection.</summary>
    public static async Task<int> RefusedWithAsync(Uri server, string? credential = null, string? ticket = null, string? origin = null)
    {
        var hub = new HubSocket();
        hub.socket.Options.CollectHttpResponseDetails = true;
        await Assert.ThrowsAsync<WebSocketException>(() => hub.socket.ConnectAsync(hub.Prepare(server, credential, ticket, origin), TestContext.Current.CancellationToken));
        var status = (int)hub.socket.HttpStatusCode;
        hub.socket.Dispose();
        return status;
    }

    /// <summary>Connects and synchronises.</summary>
    public static async Task<HubSocket> SynchronizeAsync(Uri server, string credential)
    {
        var hub = await ConnectAsync(server, credential);
        var answer = await hub.CallAsync("Synchronize", new { });
        Assert.Equal("ok", answer.GetProperty("outcome").GetProperty("code").GetString());
        return hub;
    }

    /// <summary>Calls a method and gives its result; an error of SignalR's is the string after <c>error: </c>.</summary>
    public Task<JsonElement> CallAsync(string method, params object?[] arguments) => CallRawAsync(method, JsonSerializer.Serialize(arguments));

    public async Task<JsonElement> CallRawAsync(string method, string arguments)
    {
        var id = Interlocked.Increment(ref lastCall).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var answer = calls[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await SendAsync($"{{\"type\":1,\"invocationId\":\"{id}\",\"target\":{JsonSerializer.Serialize(method)},\"arguments\":{arguments}}}");
        return await answer.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    /// <summary>The next batch.</summary>
    public async Task<JsonElement> NextPushAsync() =>
        await pushes.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    /// <summary>The next item that fits, over as many batches as it takes.</summary>
    public async Task<JsonElement> NextItemAsync(Func<JsonElement, bool> fits)
    {
        while (true)
        {
            foreach (var item in (await NextPushAsync()).GetProperty("items").EnumerateArray())
            {
                if (fits(item)) return item;
            }
        }
    }

    public Task SendAsync(string message) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(message + RecordSeparator), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    Uri Prepare(Uri server, string? credential, string? ticket, string? origin)
    {
        if (credential is not null) socket.Options.SetRequestHeader("Authorization", $"Bearer {credential}");
        if (origin is not null) socket.Options.SetRequestHeader("Origin", origin);
        return new UriBuilder(new Uri(server, "/hubs/v1/device")) { Scheme = "ws", Query = ticket is null ? "" : $"access_token={ticket}" }.Uri;
    }

    async Task ReceiveAsync()
    {
        var text = new StringBuilder();
        var buffer = new byte[16_384];
        var decoder = Encoding.UTF8.GetDecoder();
        var chars = new char[buffer.Length];
        try
        {
            while (true)
            {
                var received = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                if (received.MessageType == WebSocketMessageType.Close) break;
                text.Append(chars, 0, decoder.GetChars(buffer, 0, received.Count, chars, 0));
                for (var all = text.ToString(); all.IndexOf(RecordSeparator, StringComparison.Ordinal) is >= 0 and var end; all = text.ToString())
                {
                    wire.Enqueue(all[..end]);
                    Take(JsonDocument.Parse(all[..end]).RootElement);
                    text.Remove(0, end + 1);
                }
            }
        }
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Closed without the closing handshake, as an aborted connection is.
        }

        closed.TrySetResult();
        foreach (var call in calls.Values) call.TrySetException(new WebSocketException("The connection was closed."));
        pushes.Writer.TryComplete();
    }

    void Take(JsonElement message)
    {
        if (!message.TryGetProperty("type", out var type)) return;
        if (type.GetInt32() == 1)
        {
            order.Add("push");
            pushes.Writer.TryWrite(message.GetProperty("arguments")[0]);
        }
        else if (type.GetInt32() == 3 && calls.TryRemove(message.GetProperty("invocationId").GetString()!, out var call))
        {
            order.Add("answer");
            call.TrySetResult(message.TryGetProperty("error", out var error)
                ? JsonSerializer.SerializeToElement($"error: {error.GetString()}")
                : message.GetProperty("result"));
        }
    }
}
