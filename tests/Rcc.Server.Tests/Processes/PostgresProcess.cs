using System.Globalization;
using Npgsql;

namespace Rcc.Server.Tests.Processes;

/// <summary>The PostgreSQL that a server process runs in its data folder, as seen from outside.</summary>
internal sealed class PostgresProcess(string dataFolder)
{
    /// <summary>The postmaster now; another one when it died and was started again.</summary>
    public int ProcessId => int.Parse(Lines[0], CultureInfo.InvariantCulture);

    public string ConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = Lines[4] is { Length: > 0 } socket ? socket : "127.0.0.1",
        Port = int.Parse(Lines[3], CultureInfo.InvariantCulture),
        Username = "rcc",
        Password = File.ReadAllText(Path.Combine(dataFolder, "password")).Trim(),
        Database = "rcc",
        Pooling = false,
    }.ConnectionString;

    /// <summary>postmaster.pid: process, data folder, start, port, folder of the socket, …</summary>
    string[] Lines => File.ReadAllLines(Path.Combine(dataFolder, "cluster", "postmaster.pid"));

    /// <summary>Stops (SIGSTOP) all its processes but the one that serves this connection; gives who is to be continued.</summary>
    public async Task<IReadOnlyList<int>> StopAllButAsync(NpgsqlConnection connection)
    {
        // First the one that would start others.
        var stopped = new List<int> { ProcessId };
        await Signals.SendAsync("STOP", stopped);
        await using var command = new NpgsqlCommand("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()", connection);
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync()) stopped.Add(reader.GetInt32(0));
        }

        await Signals.SendAsync("STOP", stopped);
        return stopped;
    }
}
