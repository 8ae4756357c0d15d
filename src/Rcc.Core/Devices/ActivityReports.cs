using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Rcc.Core.Devices;

/// <summary>Says again and again which of this node's devices are in use, so that whoever listens may forget it, and stops believing a node that has died.</summary>
internal sealed class ActivityReports(DeviceLinks links, TimeProvider clock, IOptions<DeviceOptions> options, ILogger<ActivityReports> logger)
    : Rounds(options.Value.ActivityInterval, clock)
{
    protected override async Task GoRoundAsync(CancellationToken stoppingToken)
    {
        foreach (var link in links.Synchronized)
        {
            await link.ReportAsync(stoppingToken);
        }
    }

    protected override void OnFailed(Exception failure) => logger.NotReported(failure);
}
