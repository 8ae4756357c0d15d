using System.CommandLine;
using System.Globalization;
using Rcc.Bench.Load;
using Rcc.Bench.Measuring;
using Rcc.Bench.Targets;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Rcc.Bench.Fanout;

/// <summary>The main job: messages of customers to all devices of their agents and back, product and bare hub in turn.</summary>
sealed class FanoutMeasurement() : Measurement("fanout", "Messages between customers and all devices of their agents: the product and the bare hub in turn, on one PostgreSQL.")
{
    const string Product = "product";
    const string BareHub = "bare-hub";

    readonly Option<string> planOption = Choice.Of(
        "--plan",
        "Phases: closed:N (N conversations with a message in flight each), open:R (Poisson arrivals, R messages per second).",
        "closed:1,closed:32,closed:200,open:500,open:4000",
        PhaseLoad.ParsePlan);

    readonly Option<int> customersOption = Choice.Of("--customers", "Customers, each with one device and one conversation", 200, 1, 20_000);
    readonly Option<int> agentsOption = Choice.Of("--agents", "Agents", 50, 1, 5000);
    readonly Option<int> devicesOption = Choice.Of("--devices", "Devices of each agent", 3, 2, 10);
    readonly Option<int> roundsOption = Choice.Of("--rounds", "Rounds of the whole plan, of which the medians are reported", 5, 1, 100);
    readonly Option<string> onlyOption = Choice.Of("--only", $"Measure only {Product} or only {BareHub}, e.g. for a profile; default: both.", "", ReadOnly);

    protected override IReadOnlyList<Option> Options => [planOption, customersOption, agentsOption, devicesOption, roundsOption, onlyOption];

    protected override string? FindMistake(ParseResult options) =>
        options.GetValue(customersOption) is var customers
        && PhaseLoad.ParsePlan(options.GetValue(planOption)!).FirstOrDefault(load => !load.Open && load.Amount > customers) is { Amount: > 0 } tooMany
            ? string.Create(CultureInfo.InvariantCulture, $"The plan has {tooMany}, but there are only {customers} customers with a conversation each; give --customers.")
            : null;

    protected override async Task<(object Figures, IReadOnlyList<string> Failures)> MeasureAsync(Run run, ParseResult options, CancellationToken cancellationToken)
    {
        var plan = PhaseLoad.ParsePlan(options.GetValue(planOption)!);
        var cast = new Cast(options.GetValue(customersOption), options.GetValue(agentsOption), options.GetValue(devicesOption));
        var rounds = options.GetValue(roundsOption);
        var only = options.GetValue(onlyOption)!;

        await using var contestants = new Contestants();
        run.Expect(2 + (plan.Count * (rounds + 1) * (only.Length == 0 ? 2 : 1)));
        if (only is not Product)
        {
            contestants.Add(await run.StepAsync("start the bare hub", async () => await BareHubProcess.StartAsync(
                BareHub, await run.Database.CreateAsync("bare_hub", cancellationToken), cast, ProductRuntime.Settings, cancellationToken)));
        }

        if (only is not BareHub)
        {
            contestants.Add(await run.StepAsync("start the product and sign everybody in", async () => await ProductProcess.StartAsync(
                Product, await run.Database.CreateAsync("product", cancellationToken), cast, cancellationToken)));
        }

        var found = new Dictionary<(string, PhaseLoad), List<PhaseFigures>>();
        for (var round = 0; round <= rounds; round++)
        {
            foreach (var load in plan)
            {
                // Who goes first changes from round to round: the second finds a warmer machine.
                foreach (var contestant in round % 2 == 0 ? contestants.All : contestants.All.Reverse())
                {
                    var figures = await run.StepAsync(
                        string.Create(CultureInfo.InvariantCulture, $"round {round} of {rounds}: {contestant.Name} {load}"),
                        () => contestant.RunAsync(run.Database, new DrivePhase(load, run.WarmUpSeconds, run.Seconds), cancellationToken));

                    // Round 0 compiles the hot paths; it is checked like the others and not counted.
                    found.TryAdd((contestant.Name, load), []);
                    if (round > 0)
                    {
                        found[(contestant.Name, load)].Add(figures);
                    }
                    else if (figures.Failures.Count > 0)
                    {
                        contestants.Failures.AddRange(figures.Failures.Select(failure => $"{failure} (uncounted round)"));
                    }
                }
            }
        }

        var phases = plan.Select(load => FanoutPhase.Of($"{load}", found.GetValueOrDefault((Product, load)), found.GetValueOrDefault((BareHub, load)))).ToList();
        contestants.Failures.AddRange(phases.SelectMany(phase => (IEnumerable<string>)[.. phase.Product?.Failures ?? [], .. phase.BareHub?.Failures ?? []]));
        return (new FanoutFigures(cast.Connections, phases), contestants.Failures);
    }

    static string ReadOnly(string only) => only is "" or Product or BareHub ? only : throw new FormatException($"'{only}' is neither {Product} nor {BareHub}.");

    protected override IRenderable Show(object figures)
    {
        var table = new Table().AddColumns("phase", "", "messages/s", "p50 ms", "p95 ms", "p99 ms", "CPU s/1000", "RSS MB", "WAL syncs/message", "generator");
        foreach (var phase in ((FanoutFigures)figures).Phases)
        {
            AddRow(phase.Name, Product, phase.Product);
            AddRow(phase.Name, BareHub, phase.BareHub);
            if (phase.RatioToLimit is { } ratio)
            {
                table.AddRow(phase.Name, "ratio", $"{ratio.MessagesPerSecond}", $"{ratio.P50Ms}", $"{ratio.P95Ms}", $"{ratio.P99Ms}", $"{ratio.CpuSecondsPer1000}", $"{ratio.RssMb}", $"{ratio.WalSyncsPerMessage}", "");
            }
        }

        return table;

        void AddRow(string phase, string who, PhaseFigures? f)
        {
            if (f is not null)
            {
                table.AddRow(
                    phase, who, string.Create(CultureInfo.InvariantCulture, $"{f.MessagesPerSecond:N0}"), $"{f.P50Ms}", $"{f.P95Ms}", $"{f.P99Ms}", $"{f.CpuSecondsPer1000}", $"{f.RssMb}", $"{f.WalSyncsPerMessage}", $"{f.GeneratorBusy}");
            }
        }
    }
}
