using Rcc.Bench.Load;
using Rcc.Bench.Measuring;

namespace Rcc.Bench.Targets;

/// <summary>A server and the generator whose devices are connected to it.</summary>
sealed class Contestant(string name, ServerProcess server, GeneratorProcess generator) : IAsyncDisposable
{
    /// <summary>A PostgreSQL session reports what it has counted at its first commit a second or more after its last report (<c>PGSTAT_MIN_INTERVAL</c>).</summary>
    static readonly TimeSpan StatisticsDelay = TimeSpan.FromMilliseconds(1100);

    bool isSettled;

    public string Name => name;

    public ServerProcess Server => server;

    public GeneratorProcess Generator => generator;

    /// <summary>Drives one phase, then checks everything.</summary>
    public async Task<PhaseFigures> RunAsync(Database database, DrivePhase order, CancellationToken cancellationToken)
    {
        // Every phase ends settled, this contestant's and the other's.
        var syncsBefore = isSettled ? await database.ReadWalSyncsAsync(cancellationToken) : (await SettleAsync(database, cancellationToken)).Syncs;
        await generator.TellAsync(order, cancellationToken);
        await generator.HearAsync<WarmedUp>(cancellationToken);
        var cpuBefore = server.CpuSeconds + database.CpuSeconds;
        var serverCpuBefore = server.CpuSeconds;
        var ended = await generator.HearAsync<PhaseEnded>(cancellationToken);
        var serverCpu = server.CpuSeconds - serverCpuBefore;
        var cpu = server.CpuSeconds + database.CpuSeconds - cpuBefore;
        var syncsAfter = await SettleAsync(database, cancellationToken);
        var rss = await server.CollectAndReadRssAsync(cancellationToken);
        return new PhaseFigures
        {
            MessagesPerSecond = Math.Round(ended.CompleteInWindow / ended.WindowSeconds, 1),
            P50Ms = ended.Latency.P50Ms,
            P95Ms = ended.Latency.P95Ms,
            P99Ms = ended.Latency.P99Ms,
            ToLastDeviceP50Ms = ended.ToLastDevice.P50Ms,
            ToLastDeviceP99Ms = ended.ToLastDevice.P99Ms,
            CpuSecondsPer1000 = Per1000(cpu),
            ServerCpuSecondsPer1000 = Per1000(serverCpu),
            RssMb = rss,
            WalSyncsPerMessage = ended.Posted == 0 ? null : Math.Round((double)(syncsAfter.Syncs - syncsBefore) / ended.Posted, 4),
            GeneratorBusy = ended.GeneratorBusy,
            Failures = [.. syncsAfter.Failures.Select(failure => $"{name} {order.Load}: {failure}")],
        };

        double? Per1000(double seconds) => ended.CompleteSinceMeasuring == 0 ? null : Math.Round(seconds / ended.CompleteSinceMeasuring * 1000, 4);
    }

    public async ValueTask DisposeAsync()
    {
        await generator.DisposeAsync();
        await server.DisposeAsync();
    }

    /// <summary>What is pushed too late or twice has time to arrive meanwhile.</summary>
    async Task<(long Syncs, IReadOnlyList<string> Failures)> SettleAsync(Database database, CancellationToken cancellationToken)
    {
        await Task.Delay(StatisticsDelay, cancellationToken);
        await generator.TellAsync(new PostProbe(), cancellationToken);
        var failures = (await generator.HearAsync<Checked>(cancellationToken)).Failures;
        isSettled = true;
        return (await database.ReadWalSyncsAsync(cancellationToken), failures);
    }
}
