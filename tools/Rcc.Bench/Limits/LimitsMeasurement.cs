using System.CommandLine;
using System.Globalization;
using Rcc.Bench.Load;
using Rcc.Bench.Measuring;
using Rcc.Bench.Targets;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Rcc.Bench.Limits;

/// <summary>What this machine can do at most, product left out: commits, fan-out, and both together.</summary>
sealed class LimitsMeasurement() : Measurement("limits", "What this machine can do at most: commits through Npgsql, a bare SignalR hub's fan-out, and both together (the bare hub).")
{
    static readonly (int Rows, int Connections)[] Commits = [(1, 1), (1, 8), (1, 32), (10, 1), (100, 1)];
    static readonly Cast Cast = new(Customers: 200, Agents: 50, Devices: 3);

    protected override async Task<(object Figures, IReadOnlyList<string> Failures)> MeasureAsync(Run run, ParseResult options, CancellationToken cancellationToken)
    {
        var plan = PhaseLoad.ParsePlan("closed:1,closed:32,closed:200");
        run.Expect(Commits.Length + (2 * plan.Count));
        var commits = new List<CommitRate>();
        foreach (var (rows, connections) in Commits)
        {
            commits.Add(await run.StepAsync(
                string.Create(CultureInfo.InvariantCulture, $"{rows} rows a commit, {connections} connections"),
                () => CommitRate.MeasureAsync(run.Database.ConnectionString, rows, connections, run.Seconds, cancellationToken)));
        }

        var fanOut = await DriveAsync("fan-out", connectionString: null);
        var bareHub = await DriveAsync("bare hub", await run.Database.CreateAsync("bare_hub", cancellationToken));
        return (new LimitsFigures(commits, fanOut, bareHub), [.. fanOut.Concat(bareHub).SelectMany(phase => phase.Figures.Failures)]);

        async Task<List<NamedPhase>> DriveAsync(string name, string? connectionString)
        {
            await using var contestant = await BareHubProcess.StartAsync(name, connectionString, Cast, ProductRuntime.Settings, cancellationToken);
            var phases = new List<NamedPhase>();
            foreach (var load in plan)
            {
                phases.Add(await run.StepAsync(
                    $"{name} {load}",
                    async () => new NamedPhase($"{load}", await contestant.RunAsync(run.Database, new DrivePhase(load, run.WarmUpSeconds, run.Seconds), cancellationToken))));
            }

            return phases;
        }
    }

    protected override IRenderable Show(object figures)
    {
        var limits = (LimitsFigures)figures;
        var table = new Table().AddColumns("what", "per second", "p50 ms", "p99 ms");
        foreach (var commit in limits.Commits)
        {
            table.AddRow(
                string.Create(CultureInfo.InvariantCulture, $"{commit.RowsPerCommit} rows a commit, {commit.Connections} connections"),
                string.Create(CultureInfo.InvariantCulture, $"{commit.RowsPerSecond:N0} rows"),
                $"{commit.Commit.P50Ms}",
                $"{commit.Commit.P99Ms}");
        }

        AddPhases("fan-out 1→3, no store", limits.FanOut);
        AddPhases("bare hub", limits.BareHub);
        return table;

        void AddPhases(string what, IReadOnlyList<NamedPhase> phases)
        {
            foreach (var (name, phase) in phases)
            {
                table.AddRow($"{what}, {name}", string.Create(CultureInfo.InvariantCulture, $"{phase.MessagesPerSecond:N0} messages"), $"{phase.P50Ms}", $"{phase.P99Ms}");
            }
        }
    }

    sealed record LimitsFigures(IReadOnlyList<CommitRate> Commits, IReadOnlyList<NamedPhase> FanOut, IReadOnlyList<NamedPhase> BareHub);

    sealed record NamedPhase(string Name, PhaseFigures Figures);
}
