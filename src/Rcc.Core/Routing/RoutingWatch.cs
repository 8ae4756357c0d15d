using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Rcc.Core.Routing;

/// <summary>
/// Looks round for tenants in which agents have what they cannot keep who were suspended, were removed or have gone, and for those in which something waits although an agent is available, so that nothing waits for ever when
/// whoever should have said so has crashed. Runs on every node. It only tells the tenants' routing, and waits for none of them: whatever is wrong in one keeps no other waiting.
/// </summary>
internal sealed class RoutingWatch(IRoutingStore store, IGrainFactory grains, TimeProvider clock, IOptions<RoutingOptions> options, ILogger<RoutingWatch> logger)
    : Rounds(options.Value.LookRoundInterval, clock)
{
    TenantId? held;
    TenantId? work;

    protected override async Task GoRoundAsync(CancellationToken stoppingToken)
    {
        held = await GoOnAsync(store.FindTenantsWithHeldAsync, held, tenant => grains.TakeBackSoon(tenant, logger), stoppingToken);
        work = await GoOnAsync(store.FindTenantsWithWorkAsync, work, tenant => grains.LookSoon(tenant, logger), stoppingToken);
    }

    protected override void OnFailed(Exception failure) => logger.LookRoundFailed(failure);

    /// <summary>Goes on where the last round ended that found as many as it may; answers where this one did.</summary>
    async Task<TenantId?> GoOnAsync(
        Func<TenantId?, int, CancellationToken, Task<IReadOnlyList<TenantId>>> find, TenantId? after, Action<TenantId> tell, CancellationToken stoppingToken)
    {
        try
        {
            var found = await find(after, options.Value.MaxTenantsPerLookRound, stoppingToken);
            foreach (var tenant in found)
            {
                tell(tenant);
            }

            return found.Count < options.Value.MaxTenantsPerLookRound ? null : found[^1];
        }
        catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
        {
            OnFailed(failure);
            return after;
        }
    }
}
