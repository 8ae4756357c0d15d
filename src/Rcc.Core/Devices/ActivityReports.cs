using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Rcc.Core.Devices;

/// <summary>Says again and again which of this node's devices are in use, so that whoever listens may forget it, and stops believing a node that has died.</summary>
internal sealed class ActivityReports(DeviceLinks links, TimeProvider clock, IOptions<DeviceOptions> options, ILogger<ActivityReports> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.ActivityInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                foreach (var link in links.Synchronized)
                {
                    await link.ReportAsync(stoppingToken);
                }
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                logger.NotReported(failure);
            }
        }
    }
}
