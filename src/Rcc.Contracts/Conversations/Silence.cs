using System.Text.Json.Serialization;

namespace Rcc.Contracts.Conversations;

/// <summary>What becomes of a conversation in which somebody is silent: as its queue had it when it came in, and has it whenever something comes of it.</summary>
public sealed record Silence
{
    /// <summary>The queue whose settings these are.</summary>
    public required Guid QueueId { get; init; }

    /// <summary>An agent who does not answer the customer for so many seconds loses it; absent: it does not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ReassignAfterSeconds { get; init; }

    /// <summary>Since when the customer is waiting for an answer of whoever has it now (UTC); absent: nobody owes one, or nobody counts.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? UnansweredSince { get; init; }

    /// <summary>When it is seen whether it has been silent for so long that it is resolved (UTC); absent: never.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? ResolveAt { get; init; }
}
