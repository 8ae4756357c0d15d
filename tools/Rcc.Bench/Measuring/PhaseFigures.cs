namespace Rcc.Bench.Measuring;

/// <summary>The figures of one phase, or the medians of several rounds of it.</summary>
sealed record PhaseFigures
{
    /// <summary>Messages that became complete per measured second.</summary>
    public required double? MessagesPerSecond { get; init; }

    /// <summary>From when a message was due to when it was on its last expected device and its sender held the acknowledgement.</summary>
    public required double? P50Ms { get; init; }

    public required double? P95Ms { get; init; }

    public required double? P99Ms { get; init; }

    /// <summary>The same, without the acknowledgement.</summary>
    public required double? ToLastDeviceP50Ms { get; init; }

    public required double? ToLastDeviceP99Ms { get; init; }

    /// <summary>Of server and PostgreSQL, from the end of the warm-up to the last receipt, per 1,000 messages completed then.</summary>
    public required double? CpuSecondsPer1000 { get; init; }

    /// <summary>Of the server alone.</summary>
    public required double? ServerCpuSecondsPer1000 { get; init; }

    /// <summary>Resident memory of the server after a forced collection, MB (10⁶ bytes).</summary>
    public required double? RssMb { get; init; }

    /// <summary>Of the whole phase, receipts included.</summary>
    public required double? WalSyncsPerMessage { get; init; }

    /// <summary>Share of one core the generator used; near 1 it is the generator that was measured.</summary>
    public required double? GeneratorBusy { get; init; }

    /// <summary>What was unfinished, doubled, misdelivered or refused; empty in a good run.</summary>
    public required IReadOnlyList<string> Failures { get; init; }

    /// <summary>Median of each figure by itself.</summary>
    public static PhaseFigures MedianOf(IReadOnlyList<PhaseFigures> rounds)
    {
        return new PhaseFigures
        {
            MessagesPerSecond = Median(figures => figures.MessagesPerSecond),
            P50Ms = Median(figures => figures.P50Ms),
            P95Ms = Median(figures => figures.P95Ms),
            P99Ms = Median(figures => figures.P99Ms),
            ToLastDeviceP50Ms = Median(figures => figures.ToLastDeviceP50Ms),
            ToLastDeviceP99Ms = Median(figures => figures.ToLastDeviceP99Ms),
            CpuSecondsPer1000 = Median(figures => figures.CpuSecondsPer1000),
            ServerCpuSecondsPer1000 = Median(figures => figures.ServerCpuSecondsPer1000),
            RssMb = Median(figures => figures.RssMb),
            WalSyncsPerMessage = Median(figures => figures.WalSyncsPerMessage),
            GeneratorBusy = Median(figures => figures.GeneratorBusy),
            Failures = [.. rounds.SelectMany(figures => figures.Failures)],
        };

        double? Median(Func<PhaseFigures, double?> figure) => Statistics.Median(rounds.Select(figure));
    }
}
