using Rcc.Contracts.Sync;

namespace Rcc.Client.Devices;

/// <summary>Reaches the device hub of an Rcc server by WebSocket.</summary>
/// <param name="server">The server's base address; the hub is below it at <c>hubs/v1/device</c>.</param>
/// <param name="accessToken">The device's credential, asked for before each connection; an <see cref="HttpRequestException"/> counts as a server that cannot be reached.</param>
/// <param name="options">Time-outs and limits; what belongs to one connection is set by this transport.</param>
public sealed class WebSocketTransport(Uri server, Func<CancellationToken, ValueTask<string>> accessToken, DeviceConnectionOptions? options = null) : IDeviceTransport
{
    readonly DeviceConnectionOptions options = options ?? new DeviceConnectionOptions();
    readonly Uri hub = new(server.AbsoluteUri.EndsWith('/') ? server : new Uri(server.AbsoluteUri + "/"), "hubs/v1/device");

    public async Task<IDeviceLink> OpenAsync(Action<PushBatch> onPush, CancellationToken cancellationToken)
    {
        string token;
        try
        {
            token = await accessToken(cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw new IOException($"No credential to be had: {e.Message}", e);
        }
        return await DeviceConnection.OpenAsync(hub, options with { AccessToken = token, OnPush = onPush, OnPushBytes = null }, cancellationToken).ConfigureAwait(false);
    }
}
