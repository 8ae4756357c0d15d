using System.Diagnostics;
using System.Globalization;

namespace Rcc.Postgres.Tests.Embedded;

static class ProcessTable
{
    /// <summary>Whether the process runs; one that has ended and waits for its parent to notice does not.</summary>
    public static bool IsRunning(int id) => Stat(id) is [not ("Z" or "X"), ..];

    /// <summary>The ids of the processes of a program within the session of a process (proc_pid_stat(5), field 6).</summary>
    public static IReadOnlyList<int> InSessionOf(int id, string program)
    {
        var session = Session(id) ?? throw new InvalidOperationException($"Process {id} has ended.");
        return
        [
            .. from process in Process.GetProcessesByName(program)
               where Session(process.Id) == session
               select process.Id,
        ];
    }

    /// <summary>Null when the process has ended.</summary>
    public static int? Session(int id) => Stat(id) is { } fields ? int.Parse(fields[3], CultureInfo.InvariantCulture) : null;

    /// <summary>The fields after the program's name: the third, the state, is the first here. Null when the process has ended.</summary>
    static string[]? Stat(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            // It was never there, or ended while it was read.
            return null;
        }
    }
}
