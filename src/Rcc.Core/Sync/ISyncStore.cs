using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Sync;

namespace Rcc.Core.Sync;

/// <summary>Reads of the log: pages for devices, gaps for nodes.</summary>
public interface ISyncStore
{
    /// <summary>What makes this history of the store different from a restored or rebuilt one: database system id, timeline, and a value the restore command changes.</summary>
    Task<Epoch> ReadEpochAsync(CancellationToken cancellationToken);

    /// <summary>Makes every token handed out so far invalid; part of restoring a backup.</summary>
    Task<Epoch> BeginEpochAsync(CancellationToken cancellationToken);

    /// <summary>The newest number of each tenant, 0 for one without entries; in the order asked.</summary>
    Task<IReadOnlyList<long>> ReadNewestAsync(IReadOnlyList<TenantId> tenants, CancellationToken cancellationToken);

    /// <summary>
    /// The next page of a device: one statement, one snapshot. The statement itself checks that tenant, person and device may still read. With <see cref="DevicePosition.Snapshot"/> it reads
    /// the newest states of what the person may see, else the entries after <see cref="DevicePosition.ModSeq"/> of the audiences the person read since; of several entries of one item only the newest counts.
    /// Where the filter has statuses, a conversation inside it is followed, under its number, by what hangs on it and is older: it may have come back.
    /// </summary>
    Task<DevicePage> ReadPageAsync(PageRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// What a node missed: the entries of the audiences it has devices for, and all membership changes of the persons it has devices for, with a number above <paramref name="after"/>. One snapshot; <see cref="LogBatch.To"/> is its newest number.
    /// Null when what follows <paramref name="after"/> is no longer kept.
    /// </summary>
    Task<LogBatch?> ReadGapAsync(TenantId tenant, long after, IReadOnlyCollection<Audience> audiences, IReadOnlyCollection<Guid> persons, CancellationToken cancellationToken);

    /// <summary>The newest state of an item; null when it does not exist.</summary>
    Task<StoredItem?> FindItemAsync(TenantId tenant, ItemKey key, CancellationToken cancellationToken);

    /// <summary>A secret shared by all nodes of this database, made when first asked for: what seals tokens.</summary>
    Task<ImmutableArray<byte>> GetSealingKeyAsync(CancellationToken cancellationToken);
}

/// <summary>Names one history of the store.</summary>
public readonly record struct Epoch(ulong Value);

/// <summary>Where a device is in its tenant's log.</summary>
/// <param name="ModSeq">Everything up to here is on the device, once a <paramref name="Snapshot"/> under way is finished.</param>
/// <param name="Snapshot">The last item of a start from nothing that is under way; null when there is none.</param>
public sealed record DevicePosition(long ModSeq, ItemKey? Snapshot);

/// <summary>Asks for a page.</summary>
public sealed record PageRequest
{
    public required TenantId Tenant { get; init; }

    public required Guid PersonId { get; init; }

    public required Guid DeviceId { get; init; }

    public required SyncFilter Filter { get; init; }

    /// <summary>Null: start from nothing; the page then tells the number the snapshot stands for.</summary>
    public required DevicePosition? Position { get; init; }

    /// <summary>Rows of the page, 1 or more. What has one number is not split, so a page of one number may be longer.</summary>
    public required int MaxItems { get; init; }
}

/// <summary>Whether a device may read.</summary>
public enum PageVerdict
{
    Ok = 0,

    /// <summary>The device is signed out, its person suspended or unknown.</summary>
    SignedOut,

    /// <summary>The tenant is suspended or unknown.</summary>
    Suspended,

    /// <summary>Entries the device has not seen are no longer kept.</summary>
    BelowFloor,

    /// <summary>The position is above the newest number.</summary>
    Future,
}

/// <summary>A page for a device.</summary>
public sealed record DevicePage
{
    public required PageVerdict Verdict { get; init; }

    /// <summary>What the person may do with conversations now.</summary>
    public Controls Controls { get; init; } = Controls.All;

    /// <summary>In log order; in key order for a snapshot. Membership entries are not among them.</summary>
    public ImmutableArray<LogEntry> Entries { get; init; } = [];

    /// <summary>Where the device is once it has applied the page.</summary>
    public DevicePosition? Position { get; init; }

    /// <summary>More follows right now.</summary>
    public bool More { get; init; }

    /// <summary>On a page without <see cref="More"/>: the audiences the person reads at <see cref="Position"/>.</summary>
    public ImmutableArray<Audience> Audiences { get; init; } = [];

    /// <summary>On a page without <see cref="More"/>: the conversations among them that the filter leaves out.</summary>
    public ImmutableArray<Guid> FilteredOut { get; init; } = [];
}

/// <summary>An item as stored.</summary>
public sealed record StoredItem(ItemKey Key, int Revision, ImmutableArray<byte> State)
{
    public T Read<T>(JsonTypeInfo<T> shape) => JsonSerializer.Deserialize(State.AsSpan(), shape) ?? throw new InvalidOperationException($"{Key} is stored without a state.");
}
