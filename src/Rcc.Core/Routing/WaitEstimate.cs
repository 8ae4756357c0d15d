using Rcc.Contracts.Routing;

namespace Rcc.Core.Routing;

/// <summary>How long a place in a queue may take, by the pace at which the queue is served.</summary>
public static class WaitEstimate
{
    /// <summary>How many of the newest are looked at.</summary>
    public const int Sample = 20;

    /// <summary>Fewer tell nothing.</summary>
    public const int Fewest = 3;

    /// <summary>What is older says nothing of now.</summary>
    public static TimeSpan Window { get; } = TimeSpan.FromHours(1);

    /// <summary>How long a place in a queue may take, and when the queue opens: while it is closed nobody can tell the former, while it is open the latter is nothing to tell.</summary>
    public static (int? EstimatedSeconds, DateTimeOffset? OpensAt) Of(int position, QueueState? queue, IReadOnlyCollection<DateTimeOffset> served, DateTimeOffset at)
    {
        var hours = new BusinessClock(queue?.Hours);
        return hours.IsOpen(at) ? (Of(position, served, at) is { } wait ? (int)Math.Ceiling(wait.TotalSeconds) : null, null) : (null, hours.OpensAt(at));
    }

    /// <summary>
    /// The position, times the time from one to the next. <paramref name="served"/> is when the newest conversations of the queue came to an agent. The time from the oldest of them up to now has gone by for as many steps as were made since:
    /// what nobody was served in counts as well, so that the estimate grows while the queue stands still. Null when too few were served to tell.
    /// </summary>
    public static TimeSpan? Of(int position, IReadOnlyCollection<DateTimeOffset> served, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(served);
        var recent = served.Where(one => one > at - Window && one <= at).OrderDescending().Take(Sample).ToList();
        return recent.Count < Fewest ? null : (at - recent[^1]) / (recent.Count - 1) * position;
    }
}
