using Microsoft.Extensions.Logging;

namespace Rcc.Core.Agents;

/// <summary>What the room logs: 2000–2999.</summary>
internal static partial class AgentLog
{
    [LoggerMessage(2000, LogLevel.Information, "Tenant {Tenant}: agent {Agent} changed to revision {Revision}, suspended: {Suspended}")]
    public static partial void Changed(this ILogger logger, TenantId tenant, Guid agent, int revision, bool suspended);

    [LoggerMessage(2001, LogLevel.Warning, "The look-round for availability that has run out failed; it is tried again")]
    public static partial void LookRoundFailed(this ILogger logger, Exception exception);

    [LoggerMessage(2002, LogLevel.Warning, "The look-round for sessions that have ended failed; it is tried again")]
    public static partial void SessionRoundFailed(this ILogger logger, Exception exception);

    [LoggerMessage(2003, LogLevel.Warning, "Tenant {Tenant}: which devices of agent {Agent} are there could not be kept; it is tried again")]
    public static partial void PresenceNotTold(this ILogger logger, Exception exception, TenantId tenant, Guid agent);
}
