using System.Diagnostics;

namespace Rcc.Postgres.Embedded;

/// <summary>
/// PostgreSQL refuses to run as root. Root therefore starts it in a user namespace in which root's own id bears another
/// number: PostgreSQL sees an ordinary user, and still may enter the folders only root may enter.
/// </summary>
static class UnprivilegedProcess
{
    /// <summary>The id of <c>nobody</c>; any but 0 does.</summary>
    const string Id = "65534";

    /// <summary>The program as an ordinary user; in a session of its own when a Ctrl-C at the terminal must not reach it.</summary>
    public static ProcessStartInfo Describe(string program, IEnumerable<string> arguments, bool ownSession = false)
    {
        var words = new List<string>();
        if (ownSession && OperatingSystem.IsLinux())
        {
            words.Add(Require("setsid"));
        }

        if (Environment.IsPrivilegedProcess)
        {
            if (!OperatingSystem.IsLinux())
            {
                throw new EmbeddedPostgresException("PostgreSQL does not run as root; start as an ordinary user, or give the connection string of a PostgreSQL server.");
            }

            words.AddRange([Require("unshare"), "--user", $"--map-user={Id}", $"--map-group={Id}", "--"]);
        }

        words.Add(program);
        words.AddRange(arguments);
        var start = new ProcessStartInfo(words[0], words.Skip(1)) { UseShellExecute = false };

        // Settings of the caller's own clients would reach the server and its tools.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["LC_ALL"] = "C";
        return start;
    }

    /// <summary>What to add to an error when the output shows that this machine gives root no user namespace.</summary>
    public static string Advice(string output) =>
        output.Contains("unshare", StringComparison.Ordinal)
            ? " This machine lets root make no user namespace, which PostgreSQL needs to run under root: start as an ordinary user, or give the connection string of a PostgreSQL server."
            : "";

    static string Require(string program) =>
        ChildProcess.Find(program)
        ?? throw new EmbeddedPostgresException($"'{program}' was not found on PATH; it belongs to the package util-linux.");
}
