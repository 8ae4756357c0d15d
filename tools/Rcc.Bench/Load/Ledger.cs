using System.Globalization;

namespace Rcc.Bench.Load;

/// <summary>
/// What was posted in one phase, where each message must arrive, where it has, and when. Threads may report at once. The parties of a conversation are bits:
/// 0 the customer, 1 … the agent's devices.
/// </summary>
sealed class Ledger(int phase, int capacity)
{
    const int Acknowledgement = 1 << 31;
    const long Never = -1;

    readonly Entry[] entries = new Entry[capacity];
    readonly Lock noting = new();
    readonly Dictionary<string, int> failureCounts = new(StringComparer.Ordinal);
    int count;
    int refused;

    /// <summary>Messages posted.</summary>
    public int Count => Volatile.Read(ref count);

    /// <summary>Messages refused where they might be.</summary>
    public int Refused => Volatile.Read(ref refused);

    /// <summary>Enters a message before it is posted; its index.</summary>
    /// <param name="conversation">Its conversation.</param>
    /// <param name="sender">The party that posts it, whose own copy may arrive but is not waited for.</param>
    /// <param name="parties">How many parties the conversation has.</param>
    /// <param name="due">When it was to be posted.</param>
    public int Enter(int conversation, int sender, int parties, long due)
    {
        var index = Interlocked.Increment(ref count) - 1;
        if (index >= capacity)
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"The phase has more than {capacity} messages; the ledger's size is wrong."));
        }

        ref var entry = ref entries[index];
        entry.Conversation = conversation;
        entry.Sender = sender;
        entry.Expected = ((1 << parties) - 1) & ~(1 << sender);
        Volatile.Write(ref entry.Due, due);
        return index;
    }

    /// <summary>The message is on a device. True when that made it complete, which happens once.</summary>
    public bool Arrive(Guid messageId, int conversation, int party, long now, out int index)
    {
        (var from, index) = MessageStamp.Read(messageId);
        if (from != phase || index >= Count)
        {
            Note(from < phase ? "pushed after their phase was over" : "unknown messages");
            return false;
        }

        ref var entry = ref entries[index];
        if (party < 0 || entry.Conversation != conversation)
        {
            Note("misdelivered");
            return false;
        }

        var bit = 1 << party;
        var before = Interlocked.Or(ref entry.Got, bit);
        if ((before & bit) != 0)
        {
            Note("doubled");
            return false;
        }

        var after = before | bit;
        if ((before & entry.Expected) != entry.Expected && (after & entry.Expected) == entry.Expected)
        {
            entry.OnDevices = now;
        }

        return Complete(ref entry, before, after, now);
    }

    /// <summary>The sender holds the acknowledgement. True when that made the message complete.</summary>
    public bool Acknowledge(int index, long now)
    {
        ref var entry = ref entries[index];
        var before = Interlocked.Or(ref entry.Got, Acknowledgement);
        if ((before & Acknowledgement) != 0)
        {
            Note("acknowledged twice");
            return false;
        }

        return Complete(ref entry, before, before | Acknowledgement, now);
    }

    /// <summary>The message was refused where it might be: it is finished, and nowhere.</summary>
    public void Refuse(int index)
    {
        entries[index].Done = Never;
        Interlocked.Increment(ref refused);
    }

    public int ConversationOf(int index) => entries[index].Conversation;

    public int SenderOf(int index) => entries[index].Sender;

    /// <summary>Something that must not happen.</summary>
    public void Note(string failure)
    {
        lock (noting)
        {
            failureCounts[failure] = failureCounts.GetValueOrDefault(failure) + 1;
        }
    }

    /// <summary>All that was wrong, unfinished messages included; forgets it.</summary>
    public IReadOnlyList<string> TakeFailures()
    {
        var unfinished = entries.AsSpan(0, Count).ToArray().Count(entry => entry.Done == 0);
        lock (noting)
        {
            List<string> failures = [.. failureCounts.Select(failure => string.Create(CultureInfo.InvariantCulture, $"{failure.Value} {failure.Key}"))];
            if (unfinished > 0)
            {
                failures.Add(string.Create(CultureInfo.InvariantCulture, $"{unfinished} unfinished"));
            }

            failureCounts.Clear();
            return failures;
        }
    }

    /// <summary>Latencies of the messages due in [from, to) and how many became complete then, and since.</summary>
    public (Latency Complete, Latency OnDevices, int DoneInWindow, int DoneSince) Measure(long from, long to)
    {
        var (complete, onDevices) = (new List<long>(), new List<long>());
        var (inWindow, since) = (0, 0);
        foreach (ref readonly var entry in entries.AsSpan(0, Count))
        {
            if (entry.Done is 0 or Never)
            {
                continue;
            }

            inWindow += entry.Done >= from && entry.Done < to ? 1 : 0;
            since += entry.Done >= from ? 1 : 0;
            if (entry.Due >= from && entry.Due < to)
            {
                complete.Add(entry.Done - entry.Due);
                onDevices.Add(entry.OnDevices - entry.Due);
            }
        }

        return (Latency.Of(complete), Latency.Of(onDevices), inWindow, since);
    }

    static bool Complete(ref Entry entry, int before, int after, long now)
    {
        var need = entry.Expected | Acknowledgement;
        if ((before & need) == need || (after & need) != need)
        {
            return false;
        }

        entry.Done = now;
        return true;
    }

    struct Entry
    {
        public long Due;
        public long OnDevices;
        public long Done;
        public int Conversation;
        public int Sender;
        public int Expected;
        public int Got;
    }
}
