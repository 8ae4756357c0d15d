using System.Text.Json.Serialization;
using Rcc.Contracts.Conversations;

namespace Rcc.Contracts.Routing;

/// <summary>
/// A conversation that is offered to an agent, shown on all the agent's devices at once (RCC-8). When it ends it is told once more, with <see cref="Outcome"/>, and is <c>left</c> in the same batch.
/// </summary>
public sealed record OfferState
{
    /// <summary>The number people use for the conversation.</summary>
    public required long DisplayId { get; init; }

    /// <summary>The queue it comes from.</summary>
    public required Guid QueueId { get; init; }

    /// <summary>The customer's name; absent while anonymous.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ContactName { get; init; }

    /// <summary>Since when (UTC).</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>When it is recalled (UTC).</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The agent who transfers it; absent when it comes from a queue.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? FromId { get; init; }

    /// <summary>The agent is asked for advice before the transfer is completed: who accepts is consulted and has not got the conversation yet.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Consultation { get; init; }

    /// <summary>How it ended; absent while it stands.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OfferOutcome? Outcome { get; init; }

    /// <summary>The device that accepted or declined it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? DeviceId { get; init; }
}

/// <summary>How an offer ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OfferOutcome>))]
public enum OfferOutcome
{
    /// <summary>The agent took it.</summary>
    [JsonStringEnumMemberName("accepted")] Accepted = 0,

    /// <summary>The agent refused it.</summary>
    [JsonStringEnumMemberName("declined")] Declined,

    /// <summary>Nobody answered in time.</summary>
    [JsonStringEnumMemberName("expired")] Expired,

    /// <summary>It was given to another, resolved, or recalled.</summary>
    [JsonStringEnumMemberName("withdrawn")] Withdrawn,
}

/// <summary>A conversation that waits in a queue, as all agents of the account see it: the length of a queue is how many of these there are.</summary>
public sealed record WaitingState
{
    /// <summary>The queue.</summary>
    public required Guid QueueId { get; init; }

    /// <summary>The number people use for the conversation.</summary>
    public required long DisplayId { get; init; }

    /// <summary>Since when it waits (UTC).</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>By when the customer is to be answered; absent: the queue asks for no time.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ServiceTarget? FirstResponse { get; init; }

    /// <summary>How urgent it is: the most urgent comes first, of these who waits longest, of these the lower number.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Priority Priority { get; init; }
}
