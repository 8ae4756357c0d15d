using Npgsql;
using Rcc.Core.Sync;

namespace Rcc.Postgres;

/// <summary>Tells a store that is away from a defect.</summary>
static class DatabaseFailure
{
    /// <summary>Connection, resources, operator intervention, serialization, lock not available, cancelled by a time limit, system error: try again later.</summary>
    public static bool IsAway(Exception e) => e switch
    {
        PostgresException server => server.IsTransient
            || server.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.ReadOnlySqlTransaction
            || server.SqlState.AsSpan(0, 2) is "08" or "40" or "53" or "57" or "58" or "XX",
        _ => e is NpgsqlException or TimeoutException or IOException,
    };

    public static UnavailableException Explain(Exception e) => new(
        e is PostgresException server ? $"PostgreSQL: {server.SqlState} {server.MessageText}" : $"PostgreSQL cannot be reached: {e.Message}", e);
}
