using System.Text.Json.Serialization;

namespace Rcc.Contracts.Routing;

/// <summary>
/// A queue, as all agents of the account see it: what waits in it, and how that comes to an agent. The account's own id is the queue every account has: all its agents serve it, and it is what this record's defaults say
/// until somebody changes it.
/// </summary>
public sealed record QueueState
{
    /// <summary>1 … 100 characters, unique in the account.</summary>
    public required string Name { get; init; }

    /// <summary>The master agent who made it and runs it; absent: it belongs to the account.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? MasterAgentId { get; init; }

    /// <summary>0 … 100: of what waits equally urgently in two queues, the one of the higher number comes first.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Priority { get; init; }

    /// <summary>Who of those who could take it gets a conversation.</summary>
    public QueuePolicy Policy { get; init; }

    /// <summary>Which agents may take by hand what waits here. A master agent whose queue it is, or whose groups serve it, may give it to agents it manages.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public SelfAssignment SelfAssign { get; init; }

    /// <summary>Up to 200 groups (<c>Rcc:Routing:MaxNamedByQueue</c>) whose agents serve it. With no group and no agent named, all agents of the account do.</summary>
    public IReadOnlyList<Guid> GroupIds { get; init => field = value ?? []; } = [];

    /// <summary>As many agents who serve it besides.</summary>
    public IReadOnlyList<Guid> AgentIds { get; init => field = value ?? []; } = [];

    /// <summary>As many skills: only an agent with all of these is given what waits here; compared without regard to case.</summary>
    public IReadOnlyList<string> Skills { get; init => field = value ?? []; } = [];

    /// <summary>A conversation is offered, and an agent has this many seconds to accept it, 1 … 600 (<c>Rcc:Routing:MaxOfferSeconds</c>); absent: it is given without asking.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? OfferSeconds { get; init; }

    /// <summary>When it is served; absent: always. Outside, nothing is given or offered, and what comes in waits.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BusinessHours? Hours { get; init; }

    /// <summary>What is transferred here and nobody takes goes back to the agent who had it after so many seconds, 1 … 604,800 (<c>Rcc:Routing:MaxWaitSeconds</c>); absent: as many as the server gives.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? TransferSeconds { get; init; }

    /// <summary>Open seconds within which an agent is to write to the customer for the first time, 1 … 2,592,000 (<c>Rcc:Routing:MaxTargetSeconds</c>); absent: no target.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? FirstResponseSeconds { get; init; }

    /// <summary>Open seconds within which the conversation is to be resolved, 1 … 2,592,000 (<c>Rcc:Routing:MaxTargetSeconds</c>); absent: no target.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ResolutionSeconds { get; init; }

    /// <summary>An agent who has not answered what the customer wrote for so many seconds loses the conversation: it waits again, in its place, and others are asked first. Time on hold does not count, nor while it is being transferred; absent: it keeps it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ReassignAfterSeconds { get; init; }

    /// <summary>
    /// What an agent has answered, and then nobody has written in for so many hours, is resolved; absent: never. What waits, is put off, on hold or being transferred stays open, and the customer's next message opens it again.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? AutoResolveAfterHours { get; init; }

    /// <summary>What the customer is told then; absent: nothing. As long as <see cref="OfflineMessage"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AutoResolveMessage { get; init; }

    /// <summary><see cref="OfflineMessage"/> is also told within the hours, while no agent who serves the queue is available.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool OfflineMessageWhenUnattended { get; init; }

    /// <summary>What a customer whose conversation waits outside the hours is told, once; absent: nothing. 1 byte … <see cref="Sync.SyncLimits.MaxContentBytes"/> in UTF-8.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? OfflineMessage { get; init; }

    /// <summary>The queue that what waits here too long, or in vain, goes on to; each conversation once until it has an agent, and not while that queue is closed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? OverflowQueueId { get; init; }

    /// <summary>What has waited for so many seconds, 1 … 604,800 (<c>Rcc:Routing:MaxWaitSeconds</c>), goes on to <see cref="OverflowQueueId"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MaxWaitSeconds { get; init; }

    /// <summary>So many may wait here, 1 … 199 (less than <c>Rcc:Routing:MaxConversationsPerLook</c>): what comes after them goes on to <see cref="OverflowQueueId"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MaxLength { get; init; }
}

/// <summary>Which agents may take by hand what waits in a queue.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SelfAssignment>))]
public enum SelfAssignment
{
    /// <summary>Those who serve the queue: whom it names, with all its skills.</summary>
    [JsonStringEnumMemberName("members")] Members = 0,

    /// <summary>All agents of the account.</summary>
    [JsonStringEnumMemberName("anyone")] Anyone,

    /// <summary>None: nobody chooses, it is given or offered to whose turn it is.</summary>
    [JsonStringEnumMemberName("nobody")] Nobody,
}

/// <summary>Who of those who could take a conversation gets it.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<QueuePolicy>))]
public enum QueuePolicy
{
    /// <summary>Who serves the fewest; of these, who was given one longest ago.</summary>
    [JsonStringEnumMemberName("leastBusy")] LeastBusy = 0,

    /// <summary>Who was given one longest ago, however many it serves.</summary>
    [JsonStringEnumMemberName("longestIdle")] LongestIdle,
}
