using System.Text.Json.Serialization;

namespace Rcc.Contracts.Sync;

/// <summary>
/// The one thing a server sends to a device: a page of catch-up, a live frame, or ephemeral facts. A push only makes early what catch-up would bring
/// anyway (INV-15).
/// <para>
/// Rule for devices: apply the batch and store <see cref="To"/>, in one local transaction, if and only if <see cref="From"/> equals the
/// stored token, compared as text. Otherwise ignore the batch and call <see cref="Devices.IDeviceHub.Synchronize"/> with the stored token.
/// A batch without <see cref="To"/> carries <see cref="Ephemeral"/> facts only and moves nothing.
/// </para>
/// </summary>
public sealed record PushBatch
{
    /// <summary>The last token this device was given or presented, byte for byte; absent on the first batch after <see cref="Resync"/> or without a token.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? From { get; init; }

    /// <summary>Up to where the device is complete once it has applied the batch. Opaque; compared for equality only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? To { get; init; }

    /// <summary>More pages follow; conversations are complete only when a batch says there is no more (INV-16).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool More { get; init; }

    /// <summary>
    /// Present on the first page of a start from nothing: the device marks what it holds as stale (and forgets all messages when
    /// <see cref="Resync.Discard"/> says so), applies this and the following pages, and drops what is still stale at the first page without <see cref="More"/>.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Resync? Resync { get; init; }

    /// <summary>Changes in log order. Kinds a device does not know are ignored.</summary>
    public IReadOnlyList<SyncItem> Items { get; init; } = [];

    /// <summary>What is not kept: typing, places in queues. Neither ordered with <see cref="Items"/> nor repeated.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<EphemeralFact>? Ephemeral { get; init; }
}

/// <summary>Why a device starts from nothing. INV-6: an explicit answer, never silence.</summary>
/// <param name="Reason">Why the presented token did not do.</param>
/// <param name="Discard">The messages the device holds may not be the store's: forget them too. False after a change of filter.</param>
public sealed record Resync(ResyncReason Reason, bool Discard);

/// <summary>Why a device starts from nothing.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ResyncReason>))]
public enum ResyncReason
{
    /// <summary>No token was presented.</summary>
    [JsonStringEnumMemberName("new")] New = 0,

    /// <summary>The token is garbled, or was made for another tenant, person or device: these cannot be told apart (INV-24).</summary>
    [JsonStringEnumMemberName("unknownToken")] UnknownToken,

    /// <summary>The store was restored or rebuilt since (INV-7).</summary>
    [JsonStringEnumMemberName("epoch")] Epoch,

    /// <summary>Entries that the device has not seen are no longer kept.</summary>
    [JsonStringEnumMemberName("floor")] Floor,

    /// <summary>The token is newer than the store.</summary>
    [JsonStringEnumMemberName("future")] Future,

    /// <summary>The device asked with another filter than the token's.</summary>
    [JsonStringEnumMemberName("filter")] Filter,
}
