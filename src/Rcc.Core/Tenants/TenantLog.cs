using Microsoft.Extensions.Logging;

namespace Rcc.Core.Tenants;

/// <summary>What the room logs: 1000–1999.</summary>
internal static partial class TenantLog
{
    [LoggerMessage(1000, LogLevel.Information, "Tenant {Tenant} changed to revision {Revision}, suspended: {Suspended}")]
    public static partial void Changed(this ILogger logger, TenantId tenant, int revision, bool suspended);

    [LoggerMessage(1002, LogLevel.Information, "Tenant {Tenant} was deleted and erased: {Rows} rows by this node")]
    public static partial void Erased(this ILogger logger, TenantId tenant, long rows);

    [LoggerMessage(1003, LogLevel.Warning, "Tenant {Tenant} could not be ended or erased; it is tried again")]
    public static partial void NotErased(this ILogger logger, TenantId tenant, Exception exception);

    [LoggerMessage(1004, LogLevel.Warning, "Tenants to be deleted could not be looked for; it is tried again")]
    public static partial void ErasureNotLookedFor(this ILogger logger, Exception exception);

    [LoggerMessage(1005, LogLevel.Information, "Tenant {Tenant} was not ended: {Code}")]
    public static partial void NotEnded(this ILogger logger, TenantId tenant, Contracts.ErrorCode code);

    [LoggerMessage(1001, LogLevel.Warning, "What was agreed with tenants could not be read again; requests read it themselves")]
    public static partial void TermsNotRead(this ILogger logger, Exception exception);
}
