using Microsoft.Extensions.Logging;

namespace Rcc.Core.Routing;

/// <summary>Makes routing look at once. It would look anyway: see <see cref="RoutingWatch"/>.</summary>
internal static class RoutingNudge
{
    public static void LookSoon(this IGrainFactory grains, TenantId tenant, ILogger logger) =>
        _ = TellAsync(grains.GetGrain<IRoutingGrain>(tenant.Key), tenant, logger);

    static async Task TellAsync(IRoutingGrain routing, TenantId tenant, ILogger logger)
    {
        try
        {
            await routing.LookAsync(CancellationToken.None);
        }
        catch (Exception failure)
        {
            logger.NotTold(failure, tenant);
        }
    }
}
