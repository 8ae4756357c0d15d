using Microsoft.Extensions.Logging;

namespace Rcc.Core.Customers;

/// <summary>Makes a contact be looked at now. It would be anyway: see <see cref="ContextWatch"/>.</summary>
internal static class ContactNudge
{
    public static void LookSoon(this IGrainFactory grains, TenantId tenant, Guid contact, ILogger logger) => _ = grains.LookAsync(tenant, contact, logger);

    public static Task LookAsync(this IGrainFactory grains, TenantId tenant, Guid contact, ILogger logger) =>
        TryAsync(grains, tenant, contact, grain => grain.LookAsync(CancellationToken.None), logger);

    /// <summary>Somebody looks at the contact. Whoever does so does not wait for what is looked up.</summary>
    public static void RefreshSoon(this IGrainFactory grains, TenantId tenant, Guid contact, ILogger logger) =>
        _ = TryAsync(grains, tenant, contact, grain => grain.RefreshAsync(CancellationToken.None), logger);

    static async Task TryAsync(IGrainFactory grains, TenantId tenant, Guid contact, Func<ICustomerGrain, Task> nudge, ILogger logger)
    {
        try
        {
            await nudge(grains.GetGrain<ICustomerGrain>(tenant.KeyOf(contact)));
        }
        catch (Exception failure)
        {
            logger.NotLookedAt(failure, tenant, contact);
        }
    }
}
