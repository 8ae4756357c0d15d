using System.Diagnostics;

namespace Rcc.Bench.Load;

/// <summary>How long something took, in milliseconds; null where nothing was measured.</summary>
sealed record Latency(double? P50Ms, double? P95Ms, double? P99Ms, double? MaxMs)
{
    /// <summary>By nearest rank, from <see cref="Stopwatch"/> ticks, which are sorted in place.</summary>
    public static Latency Of(List<long> ticks)
    {
        ticks.Sort();
        return new Latency(At(0.50), At(0.95), At(0.99), At(1));

        double? At(double share) => ticks.Count == 0
            ? null
            : Math.Round(Stopwatch.GetElapsedTime(0, ticks[Math.Max(0, (int)Math.Ceiling(share * ticks.Count) - 1)]).TotalMilliseconds, 4);
    }
}
