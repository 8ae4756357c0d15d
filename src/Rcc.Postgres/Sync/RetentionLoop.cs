using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Rcc.Postgres.Sync;

/// <summary>Trims from time to time. Several servers may do so at once: it is harmless.</summary>
sealed class RetentionLoop(Retention retention, Database database, ILogger<RetentionLoop> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var every = database.Options.TrimEvery;
        using var timer = new PeriodicTimer(every);
        while (await WaitAsync(timer, stoppingToken))
        {
            try
            {
                var trimmed = await retention.TrimAsync(stoppingToken);
                if (trimmed != default)
                {
                    PostgresLog.Trimmed(logger, trimmed.Entries, trimmed.Answers);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                PostgresLog.TrimFailed(logger, every, e);
            }
        }
    }

    static async Task<bool> WaitAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
