using System.Net.Sockets;
using Rcc.Client.Devices;
using Rcc.Contracts.Sync;
using Rcc.Replay.Control;

namespace Rcc.Replay.Play;

/// <summary>The product's WebSocket transport on sockets that can be reset, as a network does it: no good-bye, and what was under way is lost.</summary>
sealed class CuttableTransport : IDeviceTransport, IDisposable
{
    readonly SocketsHttpHandler handler;
    readonly HttpMessageInvoker invoker;
    readonly WebSocketTransport transport;
    readonly ReceivedBytes? received;
    volatile Socket? socket;
    volatile IDeviceLink? link;

    /// <param name="received">Where every byte its connections deliver is kept; null: nowhere.</param>
    public CuttableTransport(Uri server, string accessToken, ReceivedBytes? received = null)
    {
        this.received = received;
        handler = new SocketsHttpHandler { ConnectCallback = ConnectAsync };
        invoker = new HttpMessageInvoker(handler);
        Options = new DeviceConnectionOptions { Invoker = invoker, AccessToken = accessToken };
        transport = new WebSocketTransport(server, _ => ValueTask.FromResult(accessToken), Options);
    }

    /// <summary>What a further connection of the same device is opened with.</summary>
    public DeviceConnectionOptions Options { get; }

    /// <summary>The connection last opened; it may be over.</summary>
    public IDeviceLink? Link => link;

    public async Task<IDeviceLink> OpenAsync(Action<PushBatch> onPush, CancellationToken cancellationToken) =>
        link = await transport.OpenAsync(onPush, cancellationToken);

    /// <summary>Resets the connection last opened.</summary>
    public void Cut()
    {
        // A lingering time of nothing makes closing send a reset.
        socket?.Close(timeout: 0);
    }

    public void Dispose()
    {
        invoker.Dispose();
        handler.Dispose();
    }

    async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var opened = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await opened.ConnectAsync(context.DnsEndPoint, cancellationToken);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
        socket = opened;
        var connection = new NetworkStream(opened, ownsSocket: true);
        return received?.Tap(connection) ?? connection;
    }
}
