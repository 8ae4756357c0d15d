using System.Net;
using System.Net.Sockets;

namespace Rcc.Server.Customers;

/// <summary>Connections to hosts that tenants name. The address is checked when it connects, so that no name can be made to lead elsewhere in between.</summary>
internal static class PublicConnection
{
    public static Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> Callback(bool allowsPrivate) => (context, cancellationToken) => ConnectAsync(context.DnsEndPoint, allowsPrivate, cancellationToken);

    static async ValueTask<Stream> ConnectAsync(DnsEndPoint host, bool allowsPrivate, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(host.Host, cancellationToken);
        if (!allowsPrivate)
        {
            addresses = [.. addresses.Where(PublicAddress.Is)];
            if (addresses.Length == 0)
            {
                throw new NotPublicException();
            }
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, host.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>A host has only addresses of private networks.</summary>
internal sealed class NotPublicException() : Exception("The host has no public address.");
