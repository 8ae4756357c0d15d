using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Rcc.Core.Agents;

/// <summary>Looks round for agents whose availability may have run out: set by hand until a time that has come, or left to devices that may have fallen silent. Runs on every node.</summary>
internal sealed class AvailabilityWatch(IAgentStore store, IGrainFactory grains, TimeProvider clock, IOptions<AgentOptions> options, ILogger<AvailabilityWatch> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.AvailabilityInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                foreach (var due in await store.FindAvailabilityDueAsync(clock.GetUtcNow(), options.Value.MaxAgentsPerLook, stoppingToken))
                {
                    await grains.GetGrain<IAgentGrain>(due.Tenant.KeyOf(due.AgentId)).CheckAvailabilityAsync(due.Revision, stoppingToken);
                }
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                logger.LookRoundFailed(failure);
            }
        }
    }
}
