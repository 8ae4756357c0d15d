using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Rcc.Postgres.Embedded;

/// <summary>
/// Ends what a crash left running on a cluster: a postmaster, or the children of one that was killed. The caller holds
/// the folder's lock, so nobody else's server can be meant. A process id alone proves nothing, since ids are used again.
/// </summary>
static class LeftoverPostmaster
{
    static readonly TimeSpan ImmediateTimeout = TimeSpan.FromSeconds(10);

    public static async Task StopAsync(string cluster, TimeSpan timeout, ILogger logger, CancellationToken cancellationToken)
    {
        var pidFile = Path.Combine(cluster, "postmaster.pid");
        var postmaster = ReadProcessId(pidFile);
        var running = await FindAsync(cluster, postmaster, cancellationToken);
        if (running.Count > 0)
        {
            EmbeddedPostgresLog.StoppingLeftover(logger, running.Count, cluster);
            if (running.Contains(postmaster))
            {
                LibC.Signal(postmaster, LibC.Interrupt);
                running = await WaitUntilGoneAsync(timeout);
            }

            running.ForEach(process => LibC.Signal(process, LibC.Quit));
            running = await WaitUntilGoneAsync(ImmediateTimeout);
            running.ForEach(process => LibC.Signal(process, LibC.Kill));
            running = await WaitUntilGoneAsync(ImmediateTimeout);
            if (running.Count > 0)
            {
                throw new EmbeddedPostgresException($"PostgreSQL processes of an earlier run do not end: {string.Join(", ", running)}.");
            }
        }

        // PostgreSQL takes any living process with the id in this file for its predecessor.
        File.Delete(pidFile);

        async Task<List<int>> WaitUntilGoneAsync(TimeSpan limit)
        {
            // Only a parent can await a process, and these are not our children.
            using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            var waited = Stopwatch.StartNew();
            while (true)
            {
                var left = await FindAsync(cluster, postmaster, cancellationToken);
                if (left.Count == 0 || waited.Elapsed > limit)
                {
                    return left;
                }

                await tick.WaitForNextTickAsync(cancellationToken);
            }
        }
    }

    /// <summary>The first line of the file is the id (PostgreSQL, <c>miscadmin.h</c>, LOCK_FILE_LINE_PID); 0 when there is none.</summary>
    static int ReadProcessId(string pidFile) =>
        File.Exists(pidFile) && int.TryParse(File.ReadLines(pidFile).FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0;

    static Task<List<int>> FindAsync(string cluster, int postmaster, CancellationToken cancellationToken) =>
        OperatingSystem.IsLinux() ? Task.FromResult(FindInProc(LibC.RealPath(cluster))) : FindByPsAsync(cluster, postmaster, cancellationToken);

    /// <summary>Every PostgreSQL process works in its cluster's folder.</summary>
    static List<int> FindInProc(string cluster)
    {
        var found = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                continue;
            }

            try
            {
                if (string.Equals(File.ReadAllText(Path.Combine(folder, "comm")).Trim(), "postgres", StringComparison.Ordinal)
                    && string.Equals(new DirectoryInfo(Path.Combine(folder, "cwd")).LinkTarget, cluster, StringComparison.Ordinal))
                {
                    found.Add(id);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended while we looked, or is another user's, and then it cannot have our folder.
            }
        }

        return found;
    }

    static async Task<List<int>> FindByPsAsync(string cluster, int postmaster, CancellationToken cancellationToken)
    {
        if (postmaster == 0)
        {
            return [];
        }

        var start = new ProcessStartInfo("ps", ["-o", "command=", "-p", postmaster.ToString(CultureInfo.InvariantCulture)]);
        var (_, command) = await ChildProcess.RunAsync(start, cancellationToken);
        return command.Contains("postgres", StringComparison.Ordinal) && command.Contains(cluster, StringComparison.Ordinal) ? [postmaster] : [];
    }
}
