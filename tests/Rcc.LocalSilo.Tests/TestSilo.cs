using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;

namespace Rcc.LocalSilo.Tests;

/// <summary>A host with a silo on a manual clock, and the journal its grains write to.</summary>
sealed class TestSilo : IAsyncDisposable
{
    readonly IHost host;

    TestSilo(IHost host) => this.host = host;

    public ManualClock Clock { get; } = new();

    public Journal Journal => host.Services.GetRequiredService<Journal>();

    public IClusterClient Grains => host.Services.GetRequiredService<IClusterClient>();

    public static async Task<TestSilo> StartAsync(Action<LocalSiloOptions>? configure = null, Action<IServiceCollection>? add = null)
    {
        var silo = Build(configure, add);
        await silo.host.StartAsync();
        return silo;
    }

    public static TestSilo Build(Action<LocalSiloOptions>? configure = null, Action<IServiceCollection>? add = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLocalSilo(options =>
        {
            options.Assemblies.Add(typeof(ProbeGrain).Assembly);
            configure?.Invoke(options);
        });
        add?.Invoke(builder.Services);
        builder.Services.AddSingleton<Journal>();
        builder.Services.AddScoped<Belongings>();
        TestSilo? silo = null;
        builder.Services.AddSingleton<TimeProvider>(_ => silo!.Clock);
        silo = new TestSilo(builder.Build());
        return silo;
    }

    public Task StartHostAsync() => host.StartAsync();

    public Task StopAsync() => host.StopAsync();

    public IProbe Probe(string key) => Grains.GetGrain<IProbe>(key);

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
    }
}

/// <summary>What happened, in the order it happened.</summary>
sealed class Journal
{
    readonly ConcurrentQueue<string> lines = new();

    public string[] Lines => [.. lines];

    public void Write(string line) => lines.Enqueue(line);

    public int Count(string line) => lines.Count(written => string.Equals(written, line, StringComparison.Ordinal));

    public Task UntilAsync(string line, int times = 1) => Eventually.HoldsAsync(() => Count(line) >= times, () => $"'{line}' written {times} times, but the journal is: {string.Join(" | ", Lines)}");
}

/// <summary>Something of the activation's own scope.</summary>
sealed class Belongings(Journal journal) : IDisposable
{
    public void Dispose() => journal.Write("scope disposed");
}
