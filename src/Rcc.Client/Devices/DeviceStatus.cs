namespace Rcc.Client.Devices;

/// <summary>What a <see cref="DeviceClient"/> is doing.</summary>
public enum DeviceStatus
{
    /// <summary>Not started, or disposed.</summary>
    Stopped = 0,

    /// <summary>Opening a connection.</summary>
    Connecting,

    /// <summary>Connected; the server has not yet said that synchronisation begins.</summary>
    Synchronizing,

    /// <summary>Connected: pages and live frames come.</summary>
    Online,

    /// <summary>Waiting for the next attempt to connect.</summary>
    Waiting,

    /// <summary>Offline because the user wants it.</summary>
    Offline,

    /// <summary>The server does not let this device in: see <see cref="DeviceClient.HaltedBy"/>. The outbox is kept.</summary>
    Halted,

    /// <summary>Another person's credential than the store's: one person's outbox must never be sent as another's. Everything is kept.</summary>
    OtherPerson,

    /// <summary>The store, or the client itself, failed: see <see cref="DeviceClient.Failure"/>. A new client on the same store goes on.</summary>
    Failed,
}
