using System.Diagnostics.CodeAnalysis;
using Rcc.Core.Sync;

namespace Rcc.Core.Devices;

/// <summary>
/// What the tail has for one device and the sender has not taken yet. It is bounded: when it is full it is dropped, and says so (<see cref="IsBehind"/>), and the device catches up by pages.
/// The tail fills it under its own lock; one sender takes.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "A semaphore without a wait handle has nothing to free, and the tail may still wake a queue that nobody reads any more.")]
internal sealed class DeviceQueue(int maxEntries, SyncMetrics metrics)
{
    readonly Lock gate = new();
    readonly SemaphoreSlim signal = new(0, 1);

    // The tail's: what it has found for the device in the batch it is going through.
    readonly List<WireEntry> staged = [];

    // Guarded by gate.
    List<WireEntry> queue = [];
    List<WireEntry> spare = [];
    List<EphemeralEvent> ephemeral = [];
    long queuedTo;
    bool behind;

    /// <summary>The queue does not bring all the device lacks: pages must be sent.</summary>
    public bool IsBehind
    {
        get
        {
            lock (gate)
            {
                return behind;
            }
        }
    }

    /// <summary>Of one change the batch has an entry for each audience; the device gets one.</summary>
    public bool HasStaged(LogEntry entry) => staged is [.., var last] && last.Entry.ModSeq == entry.ModSeq;

    /// <summary>True for the first entry of the batch.</summary>
    public bool Stage(WireEntry entry)
    {
        staged.Add(entry);
        return staged.Count == 1;
    }

    /// <summary>What was staged may be taken, as a whole: with it the device is complete up to <paramref name="to"/>. <paramref name="needsPage"/>: entries alone do not bring what the device lacks.</summary>
    public void Publish(long to, bool needsPage)
    {
        lock (gate)
        {
            if (!behind && queue.Count + staged.Count > maxEntries)
            {
                metrics.QueueDropped();
                behind = true;
            }

            behind |= needsPage;
            if (behind)
            {
                queue.Clear();
            }
            else
            {
                queue.AddRange(staged);
                queuedTo = to;
            }
        }

        staged.Clear();
        Wake();
    }

    /// <summary>Something that is not kept; of one kind, conversation and person only the newest counts.</summary>
    public void Tell(EphemeralEvent fact)
    {
        lock (gate)
        {
            ephemeral.RemoveAll(earlier => earlier.Kind == fact.Kind && earlier.ConversationId == fact.ConversationId && earlier.PersonId == fact.PersonId);
            if (ephemeral.Count < maxEntries)
            {
                ephemeral.Add(fact);
            }
        }

        Wake();
    }

    /// <summary>Waits until something has come since the last time.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => signal.WaitAsync(cancellationToken);

    /// <summary>Takes all there is. The entries, with which the device is complete up to <paramref name="to"/>, are the sender's until it takes again, and it clears them when they are sent.</summary>
    public (List<WireEntry> Entries, List<EphemeralEvent> Facts) Take(out long to)
    {
        lock (gate)
        {
            (var entries, queue, spare) = (queue, spare, queue);
            var facts = ephemeral;
            ephemeral = facts.Count == 0 ? facts : [];
            to = queuedTo;
            return (entries, facts);
        }
    }

    /// <summary>The device has all there is by pages, also what a stopped sender had taken.</summary>
    public void Restart()
    {
        lock (gate)
        {
            queue.Clear();
            spare.Clear();
            behind = false;
        }
    }

    void Wake()
    {
        if (signal.CurrentCount == 0)
        {
            try
            {
                signal.Release();
            }
            catch (SemaphoreFullException)
            {
                // Somebody else has just woken the sender.
            }
        }
    }
}
