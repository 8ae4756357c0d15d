using System.Diagnostics;
using System.Globalization;

namespace Rcc.Postgres.Tests.Embedded;

static class ProcessTable
{
    /// <summary>Whether the process runs; one that has ended and waits for its parent to notice does not.</summary>
    public static bool IsRunning(int id)
    {
        try
        {
            return Stat(id)[0] is not ("Z" or "X");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    /// <summary>The ids of the processes of a program within the session of a process (proc_pid_stat(5), field 6).</summary>
    public static IReadOnlyList<int> InSessionOf(int id, string program)
    {
        var session = Session(id);
        return
        [
            .. from process in Process.GetProcessesByName(program)
               where Session(process.Id) == session
               select process.Id,
        ];
    }

    public static int Session(int id) => int.Parse(Stat(id)[3], CultureInfo.InvariantCulture);

    /// <summary>The fields after the program's name: the third, the state, is the first here.</summary>
    static string[] Stat(int id)
    {
        var stat = File.ReadAllText($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
    }
}
