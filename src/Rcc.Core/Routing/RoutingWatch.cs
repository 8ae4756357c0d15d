using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Rcc.Core.Routing;

/// <summary>Takes back what agents cannot keep who were suspended, were removed or have gone, and looks round for tenants in which something waits although an agent is available, so that nothing waits for ever when whoever should have said so has crashed. Runs on every node.</summary>
internal sealed class RoutingWatch(IRoutingStore store, IGrainFactory grains, TimeProvider clock, IOptions<RoutingOptions> options, ILogger<RoutingWatch> logger)
    : Rounds(options.Value.LookRoundInterval, clock)
{
    protected override async Task GoRoundAsync(CancellationToken stoppingToken)
    {
        foreach (var held in await store.FindHeldAsync(null, options.Value.MaxConversationsPerLook, stoppingToken))
        {
            await grains.GetGrain<IAssignable>(held.Tenant.KeyOf(held.Id)).TakeBackAsync(stoppingToken);
        }

        foreach (var tenant in await store.FindTenantsWithWorkAsync(options.Value.MaxTenantsPerLookRound, stoppingToken))
        {
            grains.LookSoon(tenant, logger);
        }
    }

    protected override void OnFailed(Exception failure) => logger.LookRoundFailed(failure);
}
