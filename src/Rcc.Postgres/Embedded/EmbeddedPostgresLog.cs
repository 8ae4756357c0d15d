using Microsoft.Extensions.Logging;

namespace Rcc.Postgres.Embedded;

static partial class EmbeddedPostgresLog
{
    [LoggerMessage(9100, LogLevel.Information, "Downloading {Name} from npm into {Folder}")]
    public static partial void Restoring(ILogger logger, string name, string folder);

    [LoggerMessage(9101, LogLevel.Information, "Creating a PostgreSQL cluster in {Folder}")]
    public static partial void Initialising(ILogger logger, string folder);

    [LoggerMessage(9102, LogLevel.Information, "Embedded PostgreSQL runs as process {ProcessId} on {Address}, data in {Folder}")]
    public static partial void Started(ILogger logger, int processId, string address, string folder);

    [LoggerMessage(9103, LogLevel.Information, "Embedded PostgreSQL in {Folder} has stopped")]
    public static partial void Stopped(ILogger logger, string folder);

    [LoggerMessage(9104, LogLevel.Warning, "Stopping {Count} PostgreSQL processes that an earlier run left in {Folder}")]
    public static partial void StoppingLeftover(ILogger logger, int count, string folder);

    [LoggerMessage(9105, LogLevel.Error, "Embedded PostgreSQL process {ProcessId} ended by itself; starting it again")]
    public static partial void Died(ILogger logger, int processId);

    [LoggerMessage(9106, LogLevel.Error, "Embedded PostgreSQL did not start again; the next try follows in {Delay}")]
    public static partial void RestartFailed(ILogger logger, TimeSpan delay, Exception exception);
}
