using Rcc.Bench.Measuring;

namespace Rcc.Bench.Fanout;

/// <summary>The report of <c>fanout</c>.</summary>
/// <param name="Connections">Connected devices, at the product and at the bare hub each.</param>
sealed record FanoutFigures(int Connections, IReadOnlyList<FanoutPhase> Phases);

/// <summary>One phase of the plan: medians over the rounds, and every round.</summary>
/// <param name="RatioToLimit">Product divided by bare hub.</param>
sealed record FanoutPhase(
    string Name, PhaseFigures? Product, PhaseFigures? BareHub, RatioToLimit? RatioToLimit, IReadOnlyList<PhaseFigures> ProductRounds, IReadOnlyList<PhaseFigures> BareHubRounds)
{
    public static FanoutPhase Of(string name, List<PhaseFigures>? product, List<PhaseFigures>? bareHub)
    {
        var (ofProduct, ofBareHub) = (MedianOf(product), MedianOf(bareHub));
        return new FanoutPhase(
            name, ofProduct, ofBareHub, ofProduct is null || ofBareHub is null ? null : RatioToLimit.Of(ofProduct, ofBareHub), product ?? [], bareHub ?? []);
    }

    static PhaseFigures? MedianOf(List<PhaseFigures>? rounds) => rounds is null ? null : PhaseFigures.MedianOf(rounds);
}

/// <summary>The product's figure divided by the bare hub's, measure by measure.</summary>
sealed record RatioToLimit(
    double? MessagesPerSecond, double? P50Ms, double? P95Ms, double? P99Ms, double? ToLastDeviceP50Ms, double? ToLastDeviceP99Ms, double? CpuSecondsPer1000, double? RssMb, double? WalSyncsPerMessage)
{
    public static RatioToLimit Of(PhaseFigures product, PhaseFigures bareHub)
    {
        return new RatioToLimit(
            Ratio(figures => figures.MessagesPerSecond),
            Ratio(figures => figures.P50Ms),
            Ratio(figures => figures.P95Ms),
            Ratio(figures => figures.P99Ms),
            Ratio(figures => figures.ToLastDeviceP50Ms),
            Ratio(figures => figures.ToLastDeviceP99Ms),
            Ratio(figures => figures.CpuSecondsPer1000),
            Ratio(figures => figures.RssMb),
            Ratio(figures => figures.WalSyncsPerMessage));

        double? Ratio(Func<PhaseFigures, double?> figure) => figure(bareHub) is > 0 and var limit ? Math.Round(figure(product) / limit ?? 0, 3) : null;
    }
}
