using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Rcc.Bench.Measuring;

namespace Rcc.Bench.Targets;

/// <summary>A server under measurement, in its own process, with a way to make it collect its garbage.</summary>
sealed class ServerProcess : IAsyncDisposable
{
    const int KeptLines = 20;
    static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);
    static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(30);

    readonly Process child;
    readonly string controlPath;
    readonly Queue<string> lines = new();
    readonly TaskCompletionSource<string> readiness = new(TaskCreationOptions.RunContinuationsAsynchronously);
    Socket? control;

    ServerProcess(Process process, string socketPath) => (child, controlPath) = (process, socketPath);

    public int Id => child.Id;

    /// <summary>CPU seconds so far, without PostgreSQL.</summary>
    public double CpuSeconds => ProcessFigures.CpuSeconds(Id);

    /// <summary>Starts <c>dotnet {assembly} {arguments}</c> and waits for the line that says it is ready.</summary>
    /// <param name="isReady">What to take from the line that says so; null for other lines.</param>
    public static async Task<(ServerProcess Server, string Ready)> StartAsync(
        string assembly, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?> environment, Func<string, string?> isReady, CancellationToken cancellationToken)
    {
        var socketPath = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"rcc-bench-{Environment.ProcessId}-{Guid.NewGuid():N}.sock"));
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [assembly, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(ServerProcess).Assembly.Location;
        start.Environment[StartupHook.SocketVariable] = socketPath;
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        var server = new ServerProcess(process, socketPath);
        process.OutputDataReceived += (_, line) => server.Hear(line.Data, isReady);
        process.ErrorDataReceived += (_, line) => server.Hear(line.Data, _ => null);
        process.Exited += (_, _) => server.readiness.TrySetException(new IOException($"{Path.GetFileName(assembly)} ended while starting:\n{server.Said}"));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            var ready = await server.readiness.Task.WaitAsync(StartTimeout, cancellationToken);
            return (server, ready);
        }
        catch (TimeoutException e)
        {
            var said = server.Said;
            await server.DisposeAsync();
            throw new IOException($"{Path.GetFileName(assembly)} was not ready within {StartTimeout}:\n{said}", e);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>The last lines it wrote.</summary>
    public string Said
    {
        get
        {
            lock (lines)
            {
                return string.Join('\n', lines);
            }
        }
    }

    /// <summary>Resident memory in MB (10⁶ bytes) after a forced, compacting collection.</summary>
    public async Task<double> CollectAndReadRssAsync(CancellationToken cancellationToken)
    {
        if (control is null)
        {
            control = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await control.ConnectAsync(new UnixDomainSocketEndPoint(controlPath), cancellationToken);
        }

        var one = new[] { StartupHook.Collect };
        await control.SendAsync(one, SocketFlags.None, cancellationToken);
        return await control.ReceiveAsync(one, SocketFlags.None, cancellationToken) == 1
            ? ProcessFigures.RssMb(Id)
            : throw new IOException($"The server ended when told to collect:\n{Said}");
    }

    /// <summary>Stops it as Ctrl-C does; kills it when that takes too long.</summary>
    public async ValueTask DisposeAsync()
    {
        control?.Dispose();
        if (!child.HasExited)
        {
            PosixSignals.Interrupt(child.Id);
            using var limit = new CancellationTokenSource(StopTimeout);
            try
            {
                await child.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                child.Kill();
            }
        }

        child.Dispose();
        File.Delete(controlPath);
    }

    void Hear(string? line, Func<string, string?> isReady)
    {
        if (line is null)
        {
            return;
        }

        lock (lines)
        {
            lines.Enqueue(line);
            if (lines.Count > KeptLines)
            {
                lines.Dequeue();
            }
        }

        if (isReady(line) is { } ready)
        {
            readiness.TrySetResult(ready);
        }
    }
}
