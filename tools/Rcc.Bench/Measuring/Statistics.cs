namespace Rcc.Bench.Measuring;

static class Statistics
{
    /// <summary>The middle one, or the mean of the two middle ones; null when there is none.</summary>
    public static double? Median(IEnumerable<double?> values)
    {
        var sorted = values.OfType<double>().Order().ToList();
        return sorted.Count == 0 ? null : Math.Round((sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2, 4);
    }
}
