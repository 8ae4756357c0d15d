using Microsoft.Extensions.Logging;

namespace Rcc.Core.Delivery;

/// <summary>What the room logs: 6000–6999.</summary>
internal static partial class DeliveryLog
{
    [LoggerMessage(6000, LogLevel.Warning, "Tenant {Tenant}: {Receipts} receipts could not be handed over and are kept for the next time")]
    public static partial void NotHandedOver(this ILogger logger, Exception exception, TenantId tenant, int receipts);

    [LoggerMessage(6001, LogLevel.Error, "Tenant {Tenant}: {Receipts} receipts were refused by the store")]
    public static partial void Dropped(this ILogger logger, Exception exception, TenantId tenant, int receipts);
}
