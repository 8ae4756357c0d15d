using Microsoft.Extensions.Logging;

namespace Rcc.Core.Customers;

/// <summary>Makes a person's context be looked at now. It would be anyway: see <see cref="ContextWatch"/>.</summary>
internal static class ContactNudge
{
    public static void LookSoon(this IGrainFactory grains, TenantId tenant, Guid contact, ILogger logger) => _ = grains.LookAsync(tenant, contact, logger);

    public static Task LookAsync(this IGrainFactory grains, TenantId tenant, Guid contact, ILogger logger) =>
        TryAsync(grains.GetGrain<ICustomerGrain>(tenant.KeyOf(contact)).LookAsync, tenant, contact, logger);

    public static Task LookAtAgentAsync(this IGrainFactory grains, TenantId tenant, Guid agent, ILogger logger) =>
        TryAsync(grains.GetGrain<IAgentContextGrain>(tenant.KeyOf(agent)).LookAsync, tenant, agent, logger);

    /// <summary>Somebody looks at the contact. Whoever does so does not wait for what is looked up.</summary>
    public static void RefreshSoon(this IGrainFactory grains, TenantId tenant, Guid contact, ILogger logger) =>
        _ = TryAsync(grains.GetGrain<ICustomerGrain>(tenant.KeyOf(contact)).RefreshAsync, tenant, contact, logger);

    static async Task TryAsync(Func<CancellationToken, Task> look, TenantId tenant, Guid person, ILogger logger)
    {
        try
        {
            await look(CancellationToken.None);
        }
        catch (Exception failure)
        {
            logger.NotLookedAt(failure, tenant, person);
        }
    }
}
