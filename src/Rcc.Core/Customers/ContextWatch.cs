using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Rcc.Core.Customers;

/// <summary>
/// Looks for contacts and agents whose context has expired or who is shown it has changed, so that what agents see of a customer follows even when whoever should have said so has crashed. Runs on every node.
/// </summary>
internal sealed class ContextWatch(ICustomerStore store, IGrainFactory grains, TimeProvider clock, IOptions<CustomerOptions> options, ILogger<ContextWatch> logger)
    : Rounds(options.Value.LookRoundInterval, clock)
{
    const int AtOnce = 16;

    protected override async Task GoRoundAsync(CancellationToken stoppingToken) =>
        await Parallel.ForEachAsync(
            await store.ListDueAsync(options.Value.MaxContactsPerLookRound, stoppingToken),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stoppingToken },
            async (due, _) => await (due.IsAgent ? grains.LookAtAgentAsync(due.Tenant, due.Id, logger) : grains.LookAsync(due.Tenant, due.Id, logger)));

    protected override void OnFailed(Exception failure) => logger.LookRoundFailed(failure);
}
