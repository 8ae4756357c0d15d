using System.Collections.Concurrent;

namespace Rcc.Replay.Check;

/// <summary>What the check has found. The five counts must be 0; every finding is also said in words.</summary>
sealed class Findings
{
    readonly ConcurrentQueue<string> words = [];
    int lost;
    int duplicated;
    int reordered;
    int crossTenant;
    int diverged;
    int compared;

    /// <summary>Turns that are not in their conversation as they were written.</summary>
    public int Lost => lost;

    /// <summary>Messages beyond the turns: a turn twice, or something nobody wrote.</summary>
    public int Duplicated => duplicated;

    /// <summary>Turns that are not in their place.</summary>
    public int Reordered => reordered;

    /// <summary>Ids of one tenant on a device of another.</summary>
    public int CrossTenant => crossTenant;

    /// <summary>Devices that ended otherwise than the store.</summary>
    public int Diverged => diverged;

    /// <summary>Devices compared with the store.</summary>
    public int Compared => compared;

    public IReadOnlyCollection<string> Words => words;

    public bool Passed => Lost == 0 && Duplicated == 0 && Reordered == 0 && CrossTenant == 0 && Diverged == 0;

    public void Lose(string what) => Count(ref lost, what);

    public void Duplicate(string what) => Count(ref duplicated, what);

    public void Reorder(string what) => Count(ref reordered, what);

    public void Cross(string what) => Count(ref crossTenant, what);

    public void Diverge(string what) => Count(ref diverged, what);

    public void Compare() => Interlocked.Increment(ref compared);

    void Count(ref int count, string what)
    {
        Interlocked.Increment(ref count);
        words.Enqueue(what);
    }
}
