using Rcc.Contracts.Sync;

namespace Rcc.Client.Devices;

/// <summary>How a <see cref="DeviceClient"/> reaches a server.</summary>
public interface IDeviceTransport
{
    /// <summary>Opens a connection.</summary>
    /// <param name="onPush">Called for every push, in order, one at a time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CredentialRefusedException">The server does not take the credential.</exception>
    /// <exception cref="IOException">The server cannot be reached; it may be later. <see cref="ServerBusyException"/>: and the server has said when.</exception>
    Task<IDeviceLink> OpenAsync(Action<PushBatch> onPush, CancellationToken cancellationToken);
}

/// <summary>An open connection of a device.</summary>
public interface IDeviceLink : IAsyncDisposable
{
    /// <summary>Completes, without a fault, when the connection is over: with the reason, or null when this side closed it.</summary>
    Task<Exception?> Closed { get; }

    /// <summary>Calls a method of <see cref="Contracts.Devices.IDeviceHub"/>.</summary>
    /// <exception cref="HubErrorException">The server does not know the method or its arguments, or failed.</exception>
    /// <exception cref="IOException">The connection is over; whether the server has acted is unknown.</exception>
    Task<TAnswer> InvokeAsync<TAnswer>(string method, object argument, CancellationToken cancellationToken = default);
}

/// <summary>The server does not take the credential (HTTP 401 or 403).</summary>
public sealed class CredentialRefusedException : Exception
{
    public CredentialRefusedException()
    {
    }

    public CredentialRefusedException(string message)
        : base(message)
    {
    }

    public CredentialRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The server takes no connection now (HTTP 429 or 503), and has said when it is worth trying again (<c>Retry-After</c>, RFC 9110 §10.2.3).</summary>
public sealed class ServerBusyException : IOException
{
    public ServerBusyException()
    {
    }

    public ServerBusyException(string message)
        : base(message)
    {
    }

    public ServerBusyException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public ServerBusyException(string message, int retryAfterSeconds, Exception? innerException = null)
        : base(message, innerException) => RetryAfterSeconds = retryAfterSeconds;

    /// <summary>After so many seconds at the earliest.</summary>
    public int RetryAfterSeconds { get; }
}

/// <summary>A call ended in a SignalR error: no answer of the contract, but a mistake on one of the two sides.</summary>
public sealed class HubErrorException : Exception
{
    public HubErrorException()
    {
    }

    public HubErrorException(string message)
        : base(message)
    {
    }

    public HubErrorException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
