using System.Net;
using System.Net.Sockets;

namespace Rcc.Client.Tests.Devices;

/// <summary>A relay before a server that, once told, keeps its connections open and carries nothing any more: what a lost route looks like.</summary>
sealed class HalfOpenRelay : IAsyncDisposable
{
    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource stop = new();
    readonly int port;
    volatile bool cut;

    public HalfOpenRelay(int port)
    {
        this.port = port;
        listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public void Cut() => cut = true;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        stop.Dispose();
    }

    async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await listener.AcceptTcpClientAsync(stop.Token);
                var far = new TcpClient();
                await far.ConnectAsync(IPAddress.Loopback, port, stop.Token);
                _ = CarryAsync(near, far);
                _ = CarryAsync(far, near);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    async Task CarryAsync(TcpClient from, TcpClient to)
    {
        var bytes = new byte[4096];
        try
        {
            int count;
            while ((count = await from.GetStream().ReadAsync(bytes, stop.Token)) > 0)
            {
                if (!cut)
                    await to.GetStream().WriteAsync(bytes.AsMemory(0, count), stop.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over, or one side has closed.
        }
        finally
        {
            if (!cut)
            {
                from.Dispose();
                to.Dispose();
            }
        }
    }
}
