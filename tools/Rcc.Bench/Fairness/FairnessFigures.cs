using Rcc.Bench.Load;
using Rcc.Bench.Measuring;

namespace Rcc.Bench.Fairness;

/// <summary>The report of <c>fairness</c>: one tenant's latency alone and beside another that asks for a multiple.</summary>
/// <param name="Connections">Connected devices, of both tenants.</param>
/// <param name="Alone">Medians over the rounds in which the other tenant was silent.</param>
/// <param name="Beside">Medians over the rounds in which it was not.</param>
/// <param name="P95Moves">How much the tenant's p95 moves beside the other, of what it is alone: 0.1 is 10 %.</param>
sealed record FairnessFigures(int Connections, TenantFigures Alone, TenantFigures Beside, double? P95Moves, IReadOnlyList<FairnessRound> Rounds)
{
    public static FairnessFigures Of(int connections, IReadOnlyList<FairnessRound> rounds)
    {
        var (alone, beside) = (TenantFigures.MedianOf([.. rounds.Select(round => round.Alone)]), TenantFigures.MedianOf([.. rounds.Select(round => round.Beside)]));
        return new FairnessFigures(connections, alone, beside, alone.P95Ms is > 0 and var limit ? Math.Round((beside.P95Ms / limit) - 1 ?? 0, 3) : null, rounds);
    }
}

/// <summary>Both halves of a round, one after the other.</summary>
/// <param name="Other">What the other tenant had of it.</param>
sealed record FairnessRound(TenantFigures Alone, TenantFigures Beside, TenantFigures Other);

/// <summary>What a tenant's devices saw.</summary>
/// <param name="OfferedPerSecond">Messages asked for.</param>
/// <param name="MessagesPerSecond">Messages that became complete.</param>
/// <param name="RefusedPerSecond">Messages refused as busy or rate-limited.</param>
/// <param name="P95Ms">From when a message was due to when it was on its last device and acknowledged.</param>
sealed record TenantFigures(double OfferedPerSecond, double? MessagesPerSecond, double? RefusedPerSecond, double? P50Ms, double? P95Ms, double? P99Ms)
{
    public static TenantFigures Of(DrivePhase order, PhaseEnded ended) => new(
        order.Load.Amount,
        Math.Round(ended.CompleteInWindow / ended.WindowSeconds, 1),
        Math.Round(ended.Refused / (order.WarmUpSeconds + order.Seconds), 1),
        ended.Latency.P50Ms,
        ended.Latency.P95Ms,
        ended.Latency.P99Ms);

    public static TenantFigures MedianOf(IReadOnlyList<TenantFigures> rounds)
    {
        return new(
            rounds[0].OfferedPerSecond, Median(round => round.MessagesPerSecond), Median(round => round.RefusedPerSecond), Median(round => round.P50Ms), Median(round => round.P95Ms), Median(round => round.P99Ms));

        double? Median(Func<TenantFigures, double?> figure) => Statistics.Median(rounds.Select(figure));
    }
}
