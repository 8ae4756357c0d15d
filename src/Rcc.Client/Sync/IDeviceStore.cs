using System.Runtime.InteropServices;
using Rcc.Client.Conversations;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;

namespace Rcc.Client.Sync;

/// <summary>
/// What a device keeps across restarts. The client reads everything once, then only writes: whatever one event changes (a batch and its token, an outcome and its message)
/// is one <see cref="Commit"/>. A client whose commit failed is stopped; a new one on the same store goes on from the last commit.
/// </summary>
public interface IDeviceStore
{
    /// <summary>Everything committed so far.</summary>
    DeviceSnapshot Load();

    /// <summary>Keeps all of it or, when it throws, none. Called by one thread at a time; durable when it returns.</summary>
    void Commit(DeviceChanges changes);
}

/// <summary>Where the device stands.</summary>
public sealed record DevicePosition
{
    /// <summary>The token of the last batch stored; null: none.</summary>
    public string? Token { get; init; }

    /// <summary>Counts the resyncs: items with a lower mark are stale.</summary>
    public int Mark { get; init; }

    /// <summary>A resync is under way: what is stale goes at its last page.</summary>
    public bool SweepDue { get; init; }

    /// <summary>The last batch said that there is no more.</summary>
    public bool Complete { get; init; }

    /// <summary>The last command number taken.</summary>
    public long LastNumber { get; init; }

    /// <summary>Who the device belongs to; empty before the first answer of the server.</summary>
    public Guid PersonId { get; init; }

    /// <summary>As what; null before the first answer of the server.</summary>
    public Role? Role { get; init; }

    /// <summary>The limits the server last named.</summary>
    public SyncLimits? Limits { get; init; }
}

/// <summary>
/// How the messages of a lane lie: <c>held</c> is what is shown, <c>above</c> what waits beyond a hole. Both ends are inclusive, an end below its start is empty. <c>Based</c>: the newest page was loaded
/// once; before, a message that came live says nothing about those before it.
/// </summary>
public sealed record LaneRecord(long HeldStart, long HeldEnd, long AboveStart, long AboveEnd, bool NewestDue, bool Exhausted, bool Based);

/// <summary>A message's place.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct MessageKey(LaneId Lane, long Seq);

/// <summary>All that a store holds.</summary>
public sealed record DeviceSnapshot
{
    public DevicePosition Position { get; init; } = new();

    public IReadOnlyCollection<ReplicaItem> Items { get; init; } = [];

    public IReadOnlyDictionary<LaneId, LaneRecord> Lanes { get; init; } = new Dictionary<LaneId, LaneRecord>();

    public IReadOnlyDictionary<MessageKey, MessageItem> Messages { get; init; } = new Dictionary<MessageKey, MessageItem>();

    public IReadOnlyCollection<OutboxEntry> Outbox { get; init; } = [];

    /// <summary>Per conversation the seq up to which the server knows that the device holds it.</summary>
    public IReadOnlyDictionary<Guid, long> Confirmed { get; init; } = new Dictionary<Guid, long>();
}

/// <summary>What one transaction changes: the new value per key, null for what goes. It is also what observers are told after the commit.</summary>
public sealed class DeviceChanges
{
    public DevicePosition? Position { get; internal set; }

    public Dictionary<ItemKey, ReplicaItem?> Items { get; } = [];

    public Dictionary<LaneId, LaneRecord?> Lanes { get; } = [];

    public Dictionary<MessageKey, MessageItem?> Messages { get; } = [];

    /// <summary>By command number.</summary>
    public Dictionary<long, OutboxEntry?> Outbox { get; } = [];

    /// <summary>By conversation.</summary>
    public Dictionary<Guid, long?> Confirmed { get; } = [];

    public bool IsEmpty => Position is null && Items.Count == 0 && Lanes.Count == 0 && Messages.Count == 0 && Outbox.Count == 0 && Confirmed.Count == 0;
}
