using Microsoft.Extensions.Logging;

namespace Rcc.Core.Customers;

/// <summary>Makes a contact be looked at now. It would be anyway: see <see cref="ContextWatch"/>.</summary>
internal static class ContactNudge
{
    public static void LookSoon(this IGrainFactory grains, TenantId tenant, Guid contact, ILogger logger) => _ = grains.LookAsync(tenant, contact, logger);

    public static async Task LookAsync(this IGrainFactory grains, TenantId tenant, Guid contact, ILogger logger)
    {
        try
        {
            await grains.GetGrain<ICustomerGrain>(tenant.KeyOf(contact)).LookAsync(CancellationToken.None);
        }
        catch (Exception failure)
        {
            logger.NotLookedAt(failure, tenant, contact);
        }
    }
}
