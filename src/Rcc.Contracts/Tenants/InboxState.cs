using System.Text.Json.Serialization;

namespace Rcc.Contracts.Tenants;

/// <summary>A way in for customers, as the account's agents see it.</summary>
public sealed record InboxState
{
    /// <summary>1 … 100 characters.</summary>
    public required string Name { get; init; }

    /// <summary>Where its conversations wait; absent: in the queue every account has.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? QueueId { get; init; }

    /// <summary>It takes no new customers and no new conversations (<see cref="ErrorCode.Archived"/>); what there is goes on.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Archived { get; init; }
}
