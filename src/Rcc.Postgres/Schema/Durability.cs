using Microsoft.Extensions.Logging;
using Npgsql;

namespace Rcc.Postgres.Schema;

/// <summary>What is acknowledged must be kept: settings of the server that void this are refused.</summary>
static class Durability
{
    public static async Task CheckAsync(PostgresOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(options.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(
            "SELECT current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes, current_setting('synchronous_commit') AS synchronous_commit", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        List<string> wrong = [];
        for (var i = 0; i < reader.FieldCount; i++)
        {
            if (reader.GetString(i) is "off")
            {
                wrong.Add($"{reader.GetName(i)} = off");
            }
        }

        if (wrong.Count == 0)
        {
            return;
        }

        var settings = string.Join(", ", wrong);
        if (!options.AllowDataLoss)
        {
            throw new SchemaException(
                $"PostgreSQL may lose what was acknowledged: {settings}. Change that, or set {nameof(PostgresOptions.AllowDataLoss)} for throw-away data.");
        }

        PostgresLog.DataLossAllowed(logger, settings);
    }
}
