using System.Text.Json.Serialization;

namespace Rcc.Contracts.Routing;

/// <summary>Asks where a waiting conversation stands in its queue: for its customer, and for agents.</summary>
public sealed record LoadQueuePosition
{
    /// <summary>The conversation.</summary>
    public required Guid ConversationId { get; init; }
}

/// <summary>Where a waiting conversation stood in its queue when it was asked.</summary>
public sealed record QueuePosition
{
    /// <summary><see cref="ErrorCode.Ok"/>, or why there is none: <see cref="ErrorCode.Conflict"/> when it does not wait.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>1: the next. A more urgent one that comes later goes before it.</summary>
    public int Position { get; init; }

    /// <summary>
    /// How long it may still take, in seconds: the position, times the time from one to the next at which the last conversations of this queue (20 at most, of the last hour) came to an agent, the time since the newest of them included;
    /// so it grows while nobody is served. Absent while too few were served to tell, and while the queue is closed.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? EstimatedSeconds { get; init; }

    /// <summary>When the queue opens (UTC); absent: it is open, or does not open any more.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? OpensAt { get; init; }
}
