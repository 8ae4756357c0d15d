using System.Diagnostics;
using Npgsql;
using NpgsqlTypes;
using Rcc.Bench.Load;

namespace Rcc.Bench.Limits;

/// <summary>How fast PostgreSQL commits rows that come through Npgsql, as it is set up by default.</summary>
/// <param name="RowsPerCommit">Rows of one <c>INSERT … SELECT unnest</c>.</param>
/// <param name="Connections">How many commit at once.</param>
sealed record CommitRate(int RowsPerCommit, int Connections, double RowsPerSecond, double CommitsPerSecond, Latency Commit)
{
    const int RowBytes = 120;

    public static async Task<CommitRate> MeasureAsync(string connectionString, int rowsPerCommit, int connections, double seconds, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using (var create = source.CreateCommand("DROP TABLE IF EXISTS committed; CREATE TABLE committed (id uuid PRIMARY KEY, content text NOT NULL)"))
        {
            await create.ExecuteNonQueryAsync(cancellationToken);
        }

        var began = Stopwatch.GetTimestamp();
        var ticks = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => CommitAsync(source, rowsPerCommit, began, seconds, cancellationToken)));
        var elapsed = Stopwatch.GetElapsedTime(began).TotalSeconds;
        List<long> all = [.. ticks.SelectMany(list => list)];
        return new CommitRate(rowsPerCommit, connections, Math.Round(all.Count * rowsPerCommit / elapsed), Math.Round(all.Count / elapsed), Latency.Of(all));
    }

    static async Task<List<long>> CommitAsync(NpgsqlDataSource source, int rows, long began, double seconds, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var insert = new NpgsqlCommand("INSERT INTO committed SELECT * FROM unnest($1, $2)", connection);
        insert.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
        insert.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. Enumerable.Repeat(new string('x', RowBytes), rows)] });
        var ticks = new List<long>();
        while (Stopwatch.GetElapsedTime(began).TotalSeconds < seconds)
        {
            insert.Parameters[0].Value = Enumerable.Range(0, rows).Select(_ => Guid.CreateVersion7()).ToArray();
            if (!insert.IsPrepared)
            {
                await insert.PrepareAsync(cancellationToken);
            }

            var from = Stopwatch.GetTimestamp();
            await insert.ExecuteNonQueryAsync(cancellationToken);
            ticks.Add(Stopwatch.GetTimestamp() - from);
        }

        return ticks;
    }
}
