using System.Text.Json.Serialization;

namespace Rcc.Contracts.Conversations;

/// <summary>
/// A transfer of a conversation from the agent who has it to an agent, a group or a queue; one of the three is named. Until it is completed the conversation stays with <see cref="FromId"/>, and if it fails
/// nothing has changed for anybody (RCC-15). Transferred blindly to a queue it waits there, and goes back to <see cref="FromId"/> when nobody takes it.
/// </summary>
public sealed record Transfer
{
    /// <summary>Blind (RCC-12) or attended (RCC-13).</summary>
    public required TransferKind Kind { get; init; }

    /// <summary>The agent who had it when the transfer began.</summary>
    public required Guid FromId { get; init; }

    /// <summary>Who asked for the transfer: mostly <see cref="FromId"/> itself.</summary>
    public required Guid ById { get; init; }

    /// <summary>The agent it is to go to.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? AgentId { get; init; }

    /// <summary>The group to one of whose agents it is to go (RCC-14).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? GroupId { get; init; }

    /// <summary>The queue it is to wait in, or with an attended transfer one of whose agents is consulted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? QueueId { get; init; }

    /// <summary>The queue it had come through to <see cref="FromId"/>: when it fails, that is its queue again.</summary>
    public required Guid FromQueueId { get; init; }

    /// <summary>Since when (UTC).</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>When it fails unless somebody has accepted it by then (UTC); what is being offered at that time is answered first.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>The agent who is being consulted; absent before it has accepted, and with a blind transfer.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? ConsultantId { get; init; }

    /// <summary>Agents who did not take it.</summary>
    public IReadOnlyList<Guid> Passed { get; init; } = [];

    /// <summary>How it ended; absent while it is under way.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TransferOutcome? Outcome { get; init; }

    /// <summary>Whether it is under way.</summary>
    [JsonIgnore]
    public bool IsUnderWay => Outcome is null;

    /// <summary>Whether the conversation waits in the queue it was transferred to.</summary>
    [JsonIgnore]
    public bool WaitsInQueue => this is { Outcome: null, Kind: TransferKind.Blind, QueueId: not null };
}

/// <summary>How a conversation is transferred.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TransferKind>))]
public enum TransferKind
{
    /// <summary>It goes to whoever accepts it.</summary>
    [JsonStringEnumMemberName("blind")] Blind = 0,

    /// <summary>Whoever accepts is consulted first, and gets it when the transfer is completed.</summary>
    [JsonStringEnumMemberName("attended")] Attended,
}

/// <summary>How a transfer ended. With all but the first the conversation is where it was, or waits in the queue it had come through when the agent who had it cannot have it back.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TransferOutcome>))]
public enum TransferOutcome
{
    /// <summary>Somebody else has it now.</summary>
    [JsonStringEnumMemberName("completed")] Completed = 0,

    /// <summary>The agent, or the last of those it was offered to, refused.</summary>
    [JsonStringEnumMemberName("declined")] Declined,

    /// <summary>Nobody took it in time, or the queue it waited in has closed.</summary>
    [JsonStringEnumMemberName("noAnswer")] NoAnswer,

    /// <summary>Whoever began it called it off.</summary>
    [JsonStringEnumMemberName("cancelled")] Cancelled,

    /// <summary>The conversation was resolved, or assigned to somebody, meanwhile.</summary>
    [JsonStringEnumMemberName("withdrawn")] Withdrawn,
}
