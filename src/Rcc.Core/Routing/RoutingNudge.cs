using Microsoft.Extensions.Logging;

namespace Rcc.Core.Routing;

/// <summary>Makes routing look at once. It would look anyway: see <see cref="RoutingWatch"/>.</summary>
internal static class RoutingNudge
{
    public static void LookSoon(this IGrainFactory grains, TenantId tenant, ILogger logger) =>
        _ = TellAsync(() => grains.GetGrain<IRoutingGrain>(tenant.Key).LookAsync(CancellationToken.None), tenant, logger);

    /// <summary>An agent has gone: what it cannot keep is taken back first.</summary>
    public static void TakeBackSoon(this IGrainFactory grains, TenantId tenant, ILogger logger) =>
        _ = TellAsync(() => grains.GetGrain<IRoutingGrain>(tenant.Key).TakeBackAsync(CancellationToken.None), tenant, logger);

    static async Task TellAsync(Func<Task> tell, TenantId tenant, ILogger logger)
    {
        try
        {
            await tell();
        }
        catch (Exception failure)
        {
            logger.NotTold(failure, tenant);
        }
    }
}
