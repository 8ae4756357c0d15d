using System.Collections.Concurrent;

namespace Rcc.Replay.Check;

/// <summary>What the check has found. All counts but <see cref="Compared"/> must be 0; every finding is also said in words.</summary>
sealed class Findings
{
    readonly ConcurrentQueue<string> words = [];
    int lost;
    int duplicated;
    int reordered;
    int crossTenant;
    int diverged;
    int compared;
    int capacityExceeded;
    int doubleOwners;
    int stuckInQueue;
    int noteLeaks;

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

    /// <summary>Agents who were seen with more conversations, offers and consultations than their capacity, each once.</summary>
    public int CapacityExceeded => capacityExceeded;

    /// <summary>Conversations with two owners at one revision, and offers that were accepted twice.</summary>
    public int DoubleOwners => doubleOwners;

    /// <summary>Conversations that wait at the end though an agent is available who has a place.</summary>
    public int StuckInQueue => stuckInQueue;

    /// <summary>Customers' connections that delivered something of what colleagues say or do among themselves.</summary>
    public int NoteLeaks => noteLeaks;

    /// <summary>Devices compared with the store.</summary>
    public int Compared => compared;

    public IReadOnlyCollection<string> Words => words;

    public bool Passed => Lost == 0 && Duplicated == 0 && Reordered == 0 && CrossTenant == 0 && Diverged == 0
        && CapacityExceeded == 0 && DoubleOwners == 0 && StuckInQueue == 0 && NoteLeaks == 0;

    public void Lose(string what) => Count(ref lost, what);

    public void Duplicate(string what) => Count(ref duplicated, what);

    public void Reorder(string what) => Count(ref reordered, what);

    public void Cross(string what) => Count(ref crossTenant, what);

    public void Diverge(string what) => Count(ref diverged, what);

    public void Exceed(string what) => Count(ref capacityExceeded, what);

    public void Double(string what) => Count(ref doubleOwners, what);

    public void Stick(string what) => Count(ref stuckInQueue, what);

    public void Leak(string what) => Count(ref noteLeaks, what);

    public void Compare() => Interlocked.Increment(ref compared);

    void Count(ref int count, string what)
    {
        Interlocked.Increment(ref count);
        words.Enqueue(what);
    }
}
