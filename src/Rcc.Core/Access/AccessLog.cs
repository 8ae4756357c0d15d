using Microsoft.Extensions.Logging;

namespace Rcc.Core.Access;

/// <summary>What the room logs: 8000–8999.</summary>
internal static partial class AccessLog
{
    [LoggerMessage(8000, LogLevel.Warning, "A request was answered busy")]
    public static partial void Busy(this ILogger logger, Exception exception);

    [LoggerMessage(8001, LogLevel.Warning, "A request was answered unavailable")]
    public static partial void OutOfReach(this ILogger logger, Exception exception);

    [LoggerMessage(8002, LogLevel.Error, "The store could not take a change, and nothing was changed")]
    public static partial void AppendFailed(this ILogger logger, Exception exception);

    [LoggerMessage(8003, LogLevel.Error, "{Tenant} has no record of a refused sign-in as agent {Agent}")]
    public static partial void SignInNotRecorded(this ILogger logger, Exception exception, TenantId tenant, Guid agent);
}
