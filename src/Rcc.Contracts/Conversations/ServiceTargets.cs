using System.Text.Json.Serialization;

namespace Rcc.Contracts.Conversations;

/// <summary>
/// By when the customer is to be answered, and the matter resolved, counted in the open hours of the queue that asks for it: the first of the session that does, wherever the conversation goes on to.
/// While the conversation is on hold neither clock runs. While it is put off the customer still waits for a first response; only the clock of the resolution stands.
/// </summary>
public sealed record ServiceTargets
{
    /// <summary>The queue.</summary>
    public required Guid QueueId { get; init; }

    /// <summary>The first message of an agent to the customer; absent: the queue asks for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ServiceTarget? FirstResponse { get; init; }

    /// <summary>The conversation is resolved; absent: the queue asks for no time.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ServiceTarget? Resolution { get; init; }
}

/// <summary>One target.</summary>
public sealed record ServiceTarget
{
    /// <summary>How it stands.</summary>
    public required TargetStatus Status { get; init; }

    /// <summary>When it is missed (UTC); absent while its clock does not run, and once it is met.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>When it is warned of (UTC); absent likewise, and once it was.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? WarnAt { get; init; }

    /// <summary>Open seconds that are left while its clock does not run.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? LeftSeconds { get; init; }

    /// <summary>Since when its clock has run without a pause (UTC); absent while it does not run.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? RunsSince { get; init; }

    /// <summary>Open seconds that were left then.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? RunsSeconds { get; init; }

    /// <summary>Open seconds before <see cref="DueAt"/> at which it is warned of.</summary>
    public required int WarnSeconds { get; init; }
}

/// <summary>How a target stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TargetStatus>))]
public enum TargetStatus
{
    /// <summary>There is time.</summary>
    [JsonStringEnumMemberName("running")] Running = 0,

    /// <summary>It is about to be missed.</summary>
    [JsonStringEnumMemberName("warned")] Warned,

    /// <summary>It was missed.</summary>
    [JsonStringEnumMemberName("breached")] Breached,

    /// <summary>It was met.</summary>
    [JsonStringEnumMemberName("met")] Met,
}
