using Microsoft.AspNetCore.SignalR;

namespace Rcc.Server.Devices;

/// <summary>Hands each connection's context to its hub, since the hub's own view of it cannot send what is serialised already.</summary>
internal sealed class DeviceConnections(ILogger<DefaultHubLifetimeManager<DeviceHub>> logger) : DefaultHubLifetimeManager<DeviceHub>(logger)
{
    public override Task OnConnectedAsync(HubConnectionContext connection)
    {
        connection.Features.Set(new HubPort(connection));
        return base.OnConnectedAsync(connection);
    }
}
