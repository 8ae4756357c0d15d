using Microsoft.Extensions.Logging;

namespace Rcc.Core.Routing;

/// <summary>What the room logs: 7000–7999.</summary>
internal static partial class RoutingLog
{
    [LoggerMessage(7000, LogLevel.Warning, "Tenant {Tenant}: routing could not be told that something waits; the next look-round finds it")]
    public static partial void NotTold(this ILogger logger, Exception exception, TenantId tenant);

    [LoggerMessage(7001, LogLevel.Warning, "Tenant {Tenant}: a look at what waits failed; the next look-round tries again")]
    public static partial void LookFailed(this ILogger logger, Exception exception, TenantId tenant);

    [LoggerMessage(7002, LogLevel.Debug, "Tenant {Tenant}: conversation {Conversation} was given to agent {Agent}: {Taken}")]
    public static partial void Given(this ILogger logger, TenantId tenant, Guid conversation, Guid agent, bool taken);

    [LoggerMessage(7003, LogLevel.Warning, "The look-round for what waits failed; it is tried again")]
    public static partial void LookRoundFailed(this ILogger logger, Exception exception);

    [LoggerMessage(7004, LogLevel.Information, "Tenant {Tenant}: queue {Queue} changed at revision {Revision}")]
    public static partial void QueueChanged(this ILogger logger, TenantId tenant, Guid queue, int revision);

    [LoggerMessage(7006, LogLevel.Warning, "Tenant {Tenant}: conversation {Conversation} could not be dealt with, the others go on; the next look-round tries it again")]
    public static partial void ConversationFailed(this ILogger logger, Exception exception, TenantId tenant, Guid conversation);

    [LoggerMessage(7005, LogLevel.Warning, "Tenant {Tenant}: customers could not be told where they stand")]
    public static partial void PlacesNotTold(this ILogger logger, Exception exception, TenantId tenant);
}
