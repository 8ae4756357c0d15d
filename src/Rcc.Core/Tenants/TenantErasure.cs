using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Rcc.Core.Tenants;

/// <summary>
/// Ends tenants whose deletion has waited, and erases what is left of ended ones, some rows at a time. Nothing is remembered but what the store says, so a node that is killed in between, or another one, goes on
/// where it stopped. Runs on every node.
/// </summary>
internal sealed class TenantErasure(IErasureStore store, IGrainFactory grains, TimeProvider clock, IOptions<TenantOptions> options, ILogger<TenantErasure> logger)
    : Rounds(options.Value.ErasureInterval, clock)
{
    /// <summary>Tenants of one round; the others are looked for in the next.</summary>
    const int MaxTenants = 100;

    protected override async Task GoRoundAsync(CancellationToken stoppingToken)
    {
        foreach (var due in await store.ListDueAsync(MaxTenants, stoppingToken))
        {
            await DeleteAsync(due, stoppingToken);
        }
    }

    protected override void OnFailed(Exception failure) => logger.ErasureNotLookedFor(failure);

    async Task DeleteAsync(DueTenant due, CancellationToken stoppingToken)
    {
        try
        {
            if (!due.HasEnded && await grains.GetGrain<ITenantGrain>(due.Tenant.Key).EndAsync(stoppingToken) is { IsOk: false } refused)
            {
                // It was cancelled in this instant, another node was first, or this node's clock is late.
                logger.NotEnded(due.Tenant, refused.Code);
                return;
            }

            var erased = 0L;
            while (await store.EraseAsync(due.Tenant, options.Value.ErasedRows, stoppingToken) is > 0 and var rows)
            {
                erased += rows;
            }

            if (erased > 0)
            {
                logger.Erased(due.Tenant, erased);
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
        {
            // One tenant's trouble keeps no other one.
            logger.NotErased(due.Tenant, failure);
        }
    }
}
