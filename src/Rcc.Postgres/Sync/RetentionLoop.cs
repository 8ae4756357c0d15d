using Microsoft.Extensions.Logging;
using Rcc.Core;

namespace Rcc.Postgres.Sync;

/// <summary>Trims from time to time. Several servers may do so at once: it is harmless.</summary>
sealed class RetentionLoop(Retention retention, Database database, ILogger<RetentionLoop> logger) : Rounds(database.Options.TrimEvery, TimeProvider.System)
{
    protected override async Task GoRoundAsync(CancellationToken stoppingToken)
    {
        var trimmed = await retention.TrimAsync(stoppingToken);
        if (trimmed != default)
        {
            PostgresLog.Trimmed(logger, trimmed.Entries, trimmed.Answers);
        }
    }

    protected override void OnFailed(Exception failure) => PostgresLog.TrimFailed(logger, database.Options.TrimEvery, failure);
}
