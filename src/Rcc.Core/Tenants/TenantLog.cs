using Microsoft.Extensions.Logging;

namespace Rcc.Core.Tenants;

/// <summary>What the room logs: 1000–1999.</summary>
internal static partial class TenantLog
{
    [LoggerMessage(1000, LogLevel.Information, "Tenant {Tenant} changed to revision {Revision}, suspended: {Suspended}")]
    public static partial void Changed(this ILogger logger, TenantId tenant, int revision, bool suspended);

    [LoggerMessage(1001, LogLevel.Warning, "What was agreed with tenants could not be read again; requests read it themselves")]
    public static partial void TermsNotRead(this ILogger logger, Exception exception);
}
