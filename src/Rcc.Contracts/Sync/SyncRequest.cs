using System.Text.Json.Serialization;
using Rcc.Contracts.Conversations;

namespace Rcc.Contracts.Sync;

/// <summary>Asks for everything after <see cref="Token"/>, then for live frames from exactly there (catalogue SYNC-9).</summary>
public sealed record SyncRequest
{
    /// <summary>The token of the last batch the device has stored; absent to start from nothing.</summary>
    public string? Token { get; init; }

    /// <summary>What this device keeps; absent: everything.</summary>
    public SyncFilter? Filter { get; init; }

    /// <summary>Rows a page may carry, 1 … <see cref="SyncLimits.MaxPageItems"/>; absent: the server's choice. With a filter by status one conversation and what hangs on it are never cut apart, if they alone are more.</summary>
    public int? PageItems { get; init; }
}

/// <summary>
/// What a device keeps (catalogue SYNC-14). A conversation outside the filter is not on the device, nor is anything that hangs on it. One that comes back brings its receipts and the person's
/// read position and draft with it, under the revisions they have; its messages are loaded.
/// </summary>
public sealed record SyncFilter
{
    /// <summary>Conversations in these states only; absent: in all.</summary>
    public IReadOnlyList<ConversationStatus>? Statuses { get; init; }

    /// <summary>Without what agents say among themselves. Customers never get it.</summary>
    public bool WithoutNotes { get; init; }
}

/// <summary>The OK that precedes the first change (catalogue SYNC-11), or why there is none.</summary>
public sealed record SyncAnswer
{
    /// <summary><see cref="ErrorCode.Ok"/>, and batches follow; else none do.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>Who the device belongs to.</summary>
    public Guid PersonId { get; init; }

    /// <summary>Which device this is.</summary>
    public Guid DeviceId { get; init; }

    /// <summary>The tenant.</summary>
    public Guid AccountId { get; init; }

    /// <summary>The caller's role.</summary>
    public Role Role { get; init; }

    /// <summary>The limits in force.</summary>
    public SyncLimits? Limits { get; init; }
}

/// <summary>The limits a device must keep to; a breach is answered with <see cref="ErrorCode.TooLarge"/> naming the limit.</summary>
public sealed record SyncLimits
{
    /// <summary>Bytes of a message's content, UTF-8.</summary>
    public int MaxContentBytes { get; init; }

    /// <summary>Bytes of a draft, UTF-8.</summary>
    public int MaxDraftBytes { get; init; }

    /// <summary>Rows of a catch-up page or of a page of messages.</summary>
    public int MaxPageItems { get; init; }

    /// <summary>Conversations one confirmation may name.</summary>
    public int MaxConfirmedConversations { get; init; }

    /// <summary>Milliseconds a device may keep a confirmation back to send many at once.</summary>
    public int ConfirmWithinMs { get; init; }
}

/// <summary>Who a person is to the contact centre.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Role>))]
public enum Role
{
    /// <summary>Writes in (catalogue RCC-19).</summary>
    [JsonStringEnumMemberName("customer")] Customer = 0,

    /// <summary>Serves customers, managed by a master agent (RCC-37).</summary>
    [JsonStringEnumMemberName("agent")] Agent,

    /// <summary>Creates and runs groups of sub-agents (RCC-33 … 36).</summary>
    [JsonStringEnumMemberName("masterAgent")] MasterAgent,

    /// <summary>The contact centre itself: system messages (IM-126).</summary>
    [JsonStringEnumMemberName("system")] System,

    /// <summary>An application of the tenant, by API key (STOR-15).</summary>
    [JsonStringEnumMemberName("application")] Application,

    /// <summary>Manages everything of its tenant: master agents and their groups, inboxes, API keys (RCC-20).</summary>
    [JsonStringEnumMemberName("administrator")] Administrator,
}
