using System.Collections.Concurrent;
using System.Diagnostics;

namespace Rcc.Web.Tests;

/// <summary>The program as <c>--demo</c> starts it, on an empty data folder and a free port.</summary>
internal sealed class DemoServer : IAsyncDisposable
{
    static readonly TimeSpan StartsWithin = TimeSpan.FromMinutes(3);

    readonly Process process;
    readonly ConcurrentQueue<string> printed;

    DemoServer(Process process, ConcurrentQueue<string> printed, Uri page)
    {
        this.process = process;
        this.printed = printed;
        Page = page;
    }

    public Uri Page { get; }

    /// <summary>Everything it has printed, to tell why a test failed.</summary>
    public string Printed => string.Join('\n', printed);

    public static async Task<DemoServer> StartAsync(string dataFolder, CancellationToken cancellationToken)
    {
        var lines = new ConcurrentQueue<string>();
        var page = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var server = new Process
        {
            StartInfo = new ProcessStartInfo("dotnet", [Built.ServerProgram, "--demo", "--data", dataFolder, "--urls", "http://127.0.0.1:0"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            },
            EnableRaisingEvents = true,
        };
        void Read(string? line)
        {
            if (line is null)
            {
                return;
            }

            lines.Enqueue(line);
            if (line.TrimStart().StartsWith("Page", StringComparison.Ordinal))
            {
                page.TrySetResult(new Uri(line.Trim().Split(' ')[^1]));
            }
        }

        server.OutputDataReceived += (_, data) => Read(data.Data);
        server.ErrorDataReceived += (_, data) => Read(data.Data);
        server.Exited += (_, _) => page.TrySetException(new InvalidOperationException($"The server ended before the demo was ready:\n{string.Join('\n', lines)}"));
        server.Start();
        server.BeginOutputReadLine();
        server.BeginErrorReadLine();
        try
        {
            return new DemoServer(server, lines, await page.Task.WaitAsync(StartsWithin, cancellationToken));
        }
        catch
        {
            server.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>As a crash of the machine's owner's patience would: no goodbye.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            using var term = Process.Start("kill", ["-TERM", $"{process.Id}"]);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException exception)
            {
                process.Kill(entireProcessTree: true);
                throw new TimeoutException($"The server did not stop when it was told to:\n{Printed}", exception);
            }
        }

        process.Dispose();
    }
}
