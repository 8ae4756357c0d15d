using Microsoft.Extensions.Logging;

namespace Rcc.Postgres;

static partial class PostgresLog
{
    [LoggerMessage(4100, LogLevel.Information, "Applied schema migration {Name}")]
    public static partial void Migrated(ILogger logger, string name);

    [LoggerMessage(4101, LogLevel.Critical, "PostgreSQL may lose what was acknowledged: {Settings}. Running all the same because data loss was allowed")]
    public static partial void DataLossAllowed(ILogger logger, string settings);

    [LoggerMessage(4102, LogLevel.Information, "Cut {Entries} entries and {Answers} answers that are no longer kept")]
    public static partial void Trimmed(ILogger logger, long entries, long answers);

    [LoggerMessage(4103, LogLevel.Warning, "Cutting what is no longer kept failed; it is tried again in {Delay}")]
    public static partial void TrimFailed(ILogger logger, TimeSpan delay, Exception exception);
}
