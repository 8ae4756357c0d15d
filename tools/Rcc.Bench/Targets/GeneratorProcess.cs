using System.Diagnostics;
using System.Text.Json;
using Rcc.Bench.Load;

namespace Rcc.Bench.Targets;

/// <summary>The load generator, in its own process and with few threads, so that it takes as little as it can from what it measures.</summary>
sealed class GeneratorProcess : IAsyncDisposable
{
    readonly Process process;

    GeneratorProcess(Process process) => this.process = process;

    /// <summary>Starts it and connects every device.</summary>
    public static async Task<(GeneratorProcess Generator, Connected Connected)> StartAsync(Site site, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [typeof(GeneratorProcess).Assembly.Location, Verbs.Generate])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };

        // What arrives is handled where it is noticed, on one thread.
        start.Environment["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1";
        start.Environment["DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT"] = "1";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0";
        var generator = new GeneratorProcess(Process.Start(start)!);
        try
        {
            await generator.SayAsync(site, cancellationToken);
            return (generator, await generator.HearAsync<Connected>(cancellationToken));
        }
        catch
        {
            await generator.DisposeAsync();
            throw;
        }
    }

    /// <summary>Gives an order; what comes back is heard with <see cref="HearAsync"/>.</summary>
    public Task TellAsync(Order order, CancellationToken cancellationToken) => SayAsync(order, cancellationToken);

    /// <summary>The next event, which must be of this kind.</summary>
    public async Task<T> HearAsync<T>(CancellationToken cancellationToken)
        where T : Event
    {
        var line = await process.StandardOutput.ReadLineAsync(cancellationToken)
            ?? throw new IOException("The load generator has ended; its error is above.");
        return JsonSerializer.Deserialize<Event>(line) as T ?? throw new InvalidDataException($"The load generator said: {line}");
    }

    public async ValueTask DisposeAsync()
    {
        // The end of its input ends it.
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    async Task SayAsync<T>(T said, CancellationToken cancellationToken)
    {
        await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(said).AsMemory(), cancellationToken);
        await process.StandardInput.FlushAsync(cancellationToken);
    }
}
