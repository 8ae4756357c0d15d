namespace Rcc.Core.Access;

/// <summary>Which refusals of one person are recorded: one of each operation a minute, and so many an hour, so that nobody can fill the action record by asking. Pure; the clock is given.</summary>
public sealed class RecordedRefusals(int perHour)
{
    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    readonly Dictionary<string, DateTimeOffset> last = new(StringComparer.Ordinal);
    readonly Queue<DateTimeOffset> recorded = [];

    /// <summary>How many were left out since the last one that was recorded.</summary>
    public int LeftOut { get; private set; }

    /// <summary>Whether one is to be recorded; if not, it is counted as left out.</summary>
    public bool IsDue(string operation, DateTimeOffset at)
    {
        while (recorded.TryPeek(out var oldest) && oldest <= at - Hour)
        {
            recorded.Dequeue();
        }

        if (recorded.Count < perHour && !(last.TryGetValue(operation, out var before) && before > at - Minute))
        {
            return true;
        }

        LeftOut++;
        return false;
    }

    /// <summary>One was recorded.</summary>
    public void Record(string operation, DateTimeOffset at)
    {
        foreach (var (old, when) in last)
        {
            if (when <= at - Minute)
            {
                last.Remove(old);
            }
        }

        last[operation] = at;
        recorded.Enqueue(at);
        LeftOut = 0;
    }
}
