using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Rcc.Core.Agents;

/// <summary>Looks round for agents whose availability may have run out: set by hand until a time that has come, or left to devices that may have fallen silent. Runs on every node.</summary>
internal sealed class AvailabilityWatch(IAgentStore store, IGrainFactory grains, TimeProvider clock, IOptions<AgentOptions> options, ILogger<AvailabilityWatch> logger)
    : Rounds(options.Value.AvailabilityInterval, clock)
{
    protected override async Task GoRoundAsync(CancellationToken stoppingToken)
    {
        // Again by the next round, which may begin a moment early.
        var at = Clock.GetUtcNow();
        foreach (var due in await store.TakeAvailabilityDueAsync(at, at + (options.Value.AvailabilityInterval / 2), options.Value.MaxAgentsPerLook, stoppingToken))
        {
            await grains.GetGrain<IAgentGrain>(due.Tenant.KeyOf(due.AgentId)).CheckAvailabilityAsync(due.Revision, stoppingToken);
        }
    }

    protected override void OnFailed(Exception failure) => logger.LookRoundFailed(failure);
}
