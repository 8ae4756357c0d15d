using System.CommandLine;
using System.Globalization;
using Rcc.Bench.Load;
using Rcc.Bench.Targets;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Rcc.Bench.Fairness;

/// <summary>Whether one tenant slows another: a tenant at its usual load, alone and beside a tenant that asks for a multiple, in turn, on one server with its default settings.</summary>
sealed class FairnessMeasurement() : Measurement("fairness", "One tenant's latency at its usual load, alone and beside a tenant that asks for a multiple.")
{
    /// <summary>The product's defaults, where other measurements lift them.</summary>
    static readonly string[] Shares = ["--Rcc:Access:TenantRequestBurst=10000", "--Rcc:Access:TenantRequestsPerSecond=5000", "--Rcc:Access:TenantRequestsPerSecondContended=300"];

    readonly Option<int> rateOption = Choice.Of("--rate", "Messages per second of the tenant that is measured", 20, 1, 10_000);
    readonly Option<int> timesOption = Choice.Of("--times", "How many times as much the other tenant asks for", 100, 1, 10_000);
    readonly Option<int> customersOption = Choice.Of("--customers", "Customers of the tenant that is measured", 20, 1, 10_000);
    readonly Option<int> otherCustomersOption = Choice.Of("--other-customers", "Customers of the other tenant", 200, 1, 10_000);
    readonly Option<int> roundsOption = Choice.Of("--rounds", "Rounds, of which the medians are reported", 5, 1, 100);

    protected override IReadOnlyList<Option> Options => [rateOption, timesOption, customersOption, otherCustomersOption, roundsOption];

    protected override async Task<(object Figures, IReadOnlyList<string> Failures)> MeasureAsync(Run run, ParseResult options, CancellationToken cancellationToken)
    {
        var (rate, times, rounds) = (options.GetValue(rateOption), options.GetValue(timesOption), options.GetValue(roundsOption));
        var (cast, otherCast) = (CastOf(options.GetValue(customersOption)), CastOf(options.GetValue(otherCustomersOption)));
        run.Expect(3 + (2 * (rounds + 1)));
        await using var product = await run.StepAsync("start the product", () => Product.StartAsync(run.Database, cancellationToken, Shares));
        await using var measured = await run.StepAsync("sign the measured tenant in", () => ConnectAsync(product, product.Account, cast, cancellationToken));
        using var otherAccount = await product.Account.OnboardAnotherAsync("other", cancellationToken);
        await using var other = await run.StepAsync("sign the other tenant in", () => ConnectAsync(product, otherAccount, otherCast, cancellationToken));

        var usual = new DrivePhase(new(Open: true, rate), run.WarmUpSeconds, run.Seconds);
        // The other one begins before, so that the whole of what is measured is beside it.
        var flood = new DrivePhase(new(Open: true, rate * times), run.WarmUpSeconds, run.Seconds + run.WarmUpSeconds, MayBeRefused: true);
        List<FairnessRound> found = [];
        List<string> failures = [];
        for (var round = 0; round <= rounds; round++)
        {
            var figures = new Dictionary<bool, (TenantFigures Measured, TenantFigures? Other)>();
            foreach (var isBeside in round % 2 == 0 ? new[] { false, true } : [true, false])
            {
                figures[isBeside] = await run.StepAsync(
                    string.Create(CultureInfo.InvariantCulture, $"round {round} of {rounds}: {(isBeside ? "beside the other" : "alone")}"),
                    () => DriveAsync(measured, usual, isBeside ? other : null, flood, failures, cancellationToken));
            }

            // Round 0 compiles the hot paths; it is checked like the others and not counted.
            if (round > 0)
            {
                found.Add(new FairnessRound(figures[false].Measured, figures[true].Measured, figures[true].Other!));
            }
        }

        return (FairnessFigures.Of(cast.Connections + otherCast.Connections, found), failures);
    }

    protected override IRenderable Show(object figures)
    {
        var found = (FairnessFigures)figures;
        var table = new Table().AddColumns("", "offered/s", "messages/s", "refused/s", "p50 ms", "p95 ms", "p99 ms");
        AddRow("alone", found.Alone);
        AddRow("beside the other", found.Beside);
        AddRow("the other", TenantFigures.MedianOf([.. found.Rounds.Select(round => round.Other)]));
        table.AddRow("p95 moves by", "", "", "", "", string.Create(CultureInfo.InvariantCulture, $"{found.P95Moves:P1}"), "");
        return table;

        void AddRow(string who, TenantFigures f) => table.AddRow(who, $"{f.OfferedPerSecond}", $"{f.MessagesPerSecond}", $"{f.RefusedPerSecond}", $"{f.P50Ms}", $"{f.P95Ms}", $"{f.P99Ms}");
    }

    static Cast CastOf(int customers) => new(customers, Math.Max(1, customers / 4), Devices: 3);

    static async Task<GeneratorProcess> ConnectAsync(Product product, ProductAccount account, Cast cast, CancellationToken cancellationToken) =>
        (await product.ConnectAsync(await account.AddAsync(cast, ProductProcess.HubPath, cancellationToken), cancellationToken)).Generator;

    static async Task<(TenantFigures Measured, TenantFigures? Other)> DriveAsync(
        GeneratorProcess measured, DrivePhase usual, GeneratorProcess? other, DrivePhase flood, List<string> failures, CancellationToken cancellationToken)
    {
        if (other is not null)
        {
            await other.TellAsync(flood, cancellationToken);
            await other.HearAsync<WarmedUp>(cancellationToken);
        }

        await measured.TellAsync(usual, cancellationToken);
        await measured.HearAsync<WarmedUp>(cancellationToken);
        var ended = await measured.HearAsync<PhaseEnded>(cancellationToken);
        var otherEnded = other is null ? null : await other.HearAsync<PhaseEnded>(cancellationToken);
        foreach (var (generator, who) in new[] { (measured, "the measured tenant"), (other, "the other tenant") })
        {
            if (generator is not null)
            {
                await generator.TellAsync(new PostProbe(), cancellationToken);
                failures.AddRange((await generator.HearAsync<Checked>(cancellationToken)).Failures.Select(failure => $"{who}: {failure}"));
            }
        }

        return (TenantFigures.Of(usual, ended), otherEnded is null ? null : TenantFigures.Of(flood, otherEnded));
    }
}
