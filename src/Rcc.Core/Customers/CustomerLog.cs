using Microsoft.Extensions.Logging;

namespace Rcc.Core.Customers;

/// <summary>What the room logs: 2500–2999.</summary>
internal static partial class CustomerLog
{
    [LoggerMessage(2500, LogLevel.Warning, "Looking for contacts that have changed failed; it is tried again")]
    public static partial void LookRoundFailed(this ILogger logger, Exception exception);

    [LoggerMessage(2502, LogLevel.Warning, "Tenant {Tenant}: looking up context failed: {Failure} ({Origin})")]
    public static partial void LookupFailed(this ILogger logger, TenantId tenant, LookupFailure failure, LookupOrigin origin);

    [LoggerMessage(2503, LogLevel.Warning, "Tenant {Tenant}: what was looked up of contact {Contact} could not be kept; it is looked up again")]
    public static partial void LookupNotTaken(this ILogger logger, Exception exception, TenantId tenant, Guid contact);

    [LoggerMessage(2504, LogLevel.Error, "Tenant {Tenant}: what was answered broke a context lookup ({Origin})")]
    public static partial void LookupBroke(this ILogger logger, Exception exception, TenantId tenant, LookupOrigin origin);

    [LoggerMessage(2505, LogLevel.Warning, "Tenant {Tenant}: {Count} values that were looked up are malformed; they count as not found")]
    public static partial void ValuesMalformed(this ILogger logger, TenantId tenant, int count);

    [LoggerMessage(2501, LogLevel.Warning, "Tenant {Tenant}: contact {Contact} could not be looked at; it is tried again")]
    public static partial void NotLookedAt(this ILogger logger, Exception exception, TenantId tenant, Guid contact);
}
