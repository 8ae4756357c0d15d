namespace Rcc.Core.Devices;

/// <summary>One live connection of a device, as the server's transport offers it.</summary>
public interface IDevicePort
{
    /// <summary>Sends one batch: UTF-8 JSON of a <see cref="Contracts.Sync.PushBatch"/>. Completes when the transport has taken it, so that a slow device slows only its own sender.</summary>
    ValueTask SendAsync(ReadOnlyMemory<byte> batch, CancellationToken cancellationToken);

    /// <summary>Ends the connection: its device was signed out, its tenant suspended, or its node cannot vouch for either.</summary>
    void Close(string reason);
}
