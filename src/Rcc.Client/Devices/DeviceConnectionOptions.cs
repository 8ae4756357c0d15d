using Rcc.Contracts.Sync;

namespace Rcc.Client.Devices;

/// <summary>Takes the JSON of a <see cref="PushBatch"/> as it came. The bytes are valid during the call only.</summary>
public delegate void PushBytesHandler(ReadOnlySpan<byte> batch);

/// <summary>How a <see cref="DeviceConnection"/> is opened and watched.</summary>
public sealed record DeviceConnectionOptions
{
    /// <summary>Sent as bearer token in the WebSocket handshake; null: none.</summary>
    public string? AccessToken { get; init; }

    /// <summary>Called for every push, in order, on the receive loop: it must not block. Null: pushes are not read.</summary>
    public Action<PushBatch>? OnPush { get; init; }

    /// <summary>In the place of <see cref="OnPush"/>: the pushed JSON unread, for those who only count or measure.</summary>
    public PushBytesHandler? OnPushBytes { get; init; }

    /// <summary>A ping is sent when nothing else was for so long. Less than half the server's time-out. Default 10 s.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A server that sends nothing for so long, not even a ping, is gone: the link is half-open. More than twice the server's keep-alive interval. Default 30 s.</summary>
    public TimeSpan ServerTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>From the first byte to the end of the SignalR handshake. Default 15 s.</summary>
    public TimeSpan OpenTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Bytes of the largest record taken; a longer one closes the connection. Default 16 MiB.</summary>
    public int MaxRecordBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>What opens the sockets; null: the framework's shared one. Many connections to many hosts may want their own.</summary>
    public HttpMessageInvoker? Invoker { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
