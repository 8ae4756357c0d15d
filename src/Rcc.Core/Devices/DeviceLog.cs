using Microsoft.Extensions.Logging;

namespace Rcc.Core.Devices;

/// <summary>What the room logs: 5000–5999.</summary>
internal static partial class DeviceLog
{
    [LoggerMessage(5000, LogLevel.Warning, "Tenant {Tenant}: sending to device {Device} failed; its connection is closed")]
    public static partial void SendingFailed(this ILogger logger, Exception exception, TenantId tenant, Guid device);

    [LoggerMessage(5002, LogLevel.Debug, "Tenant {Tenant}: that a conversation is open could not be said; it is said again")]
    public static partial void ViewingNotTold(this ILogger logger, Exception exception, TenantId tenant);

    [LoggerMessage(5001, LogLevel.Warning, "Which devices are in use could not be said; it is said again")]
    public static partial void NotReported(this ILogger logger, Exception exception);
}
