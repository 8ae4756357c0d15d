using System.Text.Json.Serialization;

namespace Rcc.Contracts.Customers;

/// <summary>
/// A customer's subscription to a service of the company (RCC-50). It is the value of the context information <c>subscription:{service}</c>, or <c>subscription:{service}/{which}</c> where a customer has several to one
/// service, with all that context information has: source, setter, time, expiry, disclosure. Further members are kept and given on as they came (RCC-51). One that is not of this shape is refused, and in
/// the answer of a lookup it counts as not found. It is about customers alone, and never volatile: by it customers are found, and what that rests on is in backups.
/// </summary>
public sealed record SubscriptionValue
{
    /// <summary>What names of subscriptions begin with.</summary>
    public const string Prefix = "subscription:";

    /// <summary>How it stands. Whatever this says, it is <see cref="SubscriptionStatus.Ended"/> once <see cref="Until"/> is over, and <see cref="SubscriptionStatus.Pending"/> before <see cref="Since"/>.</summary>
    public required SubscriptionStatus Status { get; init; }

    /// <summary>Which offer of the service, in the account's own words: 1 … 100 characters; absent where there is only one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Plan { get; init; }

    /// <summary>When it began or will begin: an RFC 3339 date-time, or a full-date, which is that day's beginning in UTC.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Since { get; init; }

    /// <summary>When it ends: an RFC 3339 date-time, or a full-date, which is the last day, in UTC. Absent: it goes on. Not before <see cref="Since"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Until { get; init; }

    /// <summary>What the account's own systems know it by, as a contract number: 1 … 100 characters.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reference { get; init; }
}

/// <summary>How a subscription stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SubscriptionStatus>))]
public enum SubscriptionStatus
{
    /// <summary>Agreed, and not begun.</summary>
    [JsonStringEnumMemberName("pending")] Pending = 0,

    /// <summary>Used on trial, before it is paid for.</summary>
    [JsonStringEnumMemberName("trial")] Trial,

    /// <summary>Used, and paid for.</summary>
    [JsonStringEnumMemberName("active")] Active,

    /// <summary>Used, and a payment is late.</summary>
    [JsonStringEnumMemberName("past_due")] PastDue,

    /// <summary>Not used for now: paused, or barred for a payment that did not come.</summary>
    [JsonStringEnumMemberName("suspended")] Suspended,

    /// <summary>Over: cancelled, terminated or expired.</summary>
    [JsonStringEnumMemberName("ended")] Ended,
}
