using System.Diagnostics;
using System.Globalization;

namespace Rcc.Postgres.Embedded;

/// <summary>
/// One run of PostgreSQL's parent process. A small shell stands between it and us: it holds the read end of a pipe whose
/// write end only this process has. When the pipe closes, because we stop or because we were killed, the shell asks the
/// postmaster for a fast shutdown. So a crash of ours leaves no server behind, and no process id is signalled that could have been given to another.
/// </summary>
sealed class Postmaster : IDisposable
{
    // The watcher starts after the trap, so that neither it nor the shell ends before the postmaster when a supervisor signals the whole group.
    const string Watch = """
        exec 3<&0
        "$@" 3<&- </dev/null >&2 &
        postmaster=$!
        echo $postmaster
        trap '' HUP INT TERM
        { read -r _ <&3; kill -INT $postmaster; } >/dev/null 2>&1 &
        watcher=$!
        exec 3<&-
        wait $postmaster
        status=$?
        kill -KILL $watcher 2>/dev/null
        exit $status
        """;

    static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);
    static readonly TimeSpan ImmediateTimeout = TimeSpan.FromSeconds(10);

    readonly Task logged;
    readonly Process shell;

    Postmaster(Process shell, int processId, Task logged)
    {
        this.shell = shell;
        ProcessId = processId;
        this.logged = logged;
    }

    public int ProcessId { get; }

    public bool HasExited => shell.HasExited;

    public static async Task<Postmaster> StartAsync(string binaries, IEnumerable<string> arguments, ServerLogFile log, CancellationToken cancellationToken)
    {
        // Where there is no setsid, job control gives the postmaster a process group of its own.
        var options = OperatingSystem.IsLinux() ? "-c" : "-mc";
        var start = UnprivilegedProcess.Describe(
            "/bin/sh", [options, Watch, "postgres-watch", Path.Combine(binaries, "postgres"), .. arguments], ownSession: true);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        var started = Process.Start(start)!;
        var copied = CopyAsync(started.StandardError, log);
        try
        {
            var line = await started.StandardOutput.ReadLineAsync(cancellationToken);
            if (!int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var processId))
            {
                await copied.WaitAsync(cancellationToken);
                throw new EmbeddedPostgresException($"PostgreSQL could not be started: {log.Tail}{UnprivilegedProcess.Advice(log.Tail)}");
            }

            return new Postmaster(started, processId, copied);
        }
        catch
        {
            started.StandardInput.Dispose();
            started.Dispose();
            throw;
        }
    }

    /// <summary>Ends when the postmaster has; what it said last is in the log by then.</summary>
    public async Task WaitForExitAsync(CancellationToken cancellationToken)
    {
        await shell.WaitForExitAsync(cancellationToken);

        // A child that outlives a killed postmaster, busy with a query, keeps the pipe open.
        await Task.WhenAny(logged, Task.Delay(LastWords, cancellationToken));
    }

    /// <summary>A fast shutdown; an immediate one when that takes too long, which costs a recovery at the next start and nothing else.</summary>
    public async Task StopAsync(TimeSpan timeout)
    {
        shell.StandardInput.Close();
        if (await ExitsWithinAsync(timeout))
        {
            return;
        }

        LibC.Signal(ProcessId, LibC.Quit);
        if (!await ExitsWithinAsync(ImmediateTimeout))
        {
            LibC.Signal(ProcessId, LibC.Kill);
            await WaitForExitAsync(CancellationToken.None);
        }
    }

    public void Dispose()
    {
        // Disposing a process leaves the pipe open, and the pipe is what keeps the postmaster running.
        shell.StandardInput.Dispose();
        shell.Dispose();
    }

    async Task<bool> ExitsWithinAsync(TimeSpan timeout)
    {
        using var cancellation = new CancellationTokenSource(timeout);
        try
        {
            await WaitForExitAsync(cancellation.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    static async Task CopyAsync(StreamReader errors, ServerLogFile log)
    {
        while (await errors.ReadLineAsync() is { } line)
        {
            log.Append(line);
        }
    }
}
