using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Rcc.Core.Routing;

/// <summary>Takes back what suspended and removed agents still hold, and looks round for tenants in which something waits although an agent is available, so that nothing waits for ever when whoever should have said so has crashed. Runs on every node.</summary>
internal sealed class RoutingWatch(IRoutingStore store, IGrainFactory grains, TimeProvider clock, IOptions<RoutingOptions> options, ILogger<RoutingWatch> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.LookRoundInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                foreach (var held in await store.FindHeldAsync(options.Value.MaxConversationsPerLook, stoppingToken))
                {
                    await grains.GetGrain<IAssignable>(held.Tenant.KeyOf(held.Id)).TakeBackAsync(stoppingToken);
                }

                foreach (var tenant in await store.FindTenantsWithWorkAsync(options.Value.MaxTenantsPerLookRound, stoppingToken))
                {
                    grains.LookSoon(tenant, logger);
                }
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                logger.LookRoundFailed(failure);
            }
        }
    }
}
