using System.Collections.Immutable;
using Rcc.Contracts.Conversations;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>The conversation's row: what is listed and counted.</summary>
[GenerateSerializer, Immutable, Alias("rcc.conversations.ConversationRow")]
public sealed record ConversationRow : RowWrite
{
    [Id(0)] public required Guid Id { get; init; }

    [Id(1)] public required long DisplayId { get; init; }

    [Id(2)] public required Guid InboxId { get; init; }

    [Id(3)] public required Guid ContactId { get; init; }

    [Id(4)] public required ConversationStatus Status { get; init; }

    [Id(5)] public Guid? AssigneeId { get; init; }

    [Id(6)] public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>When it began to wait for an agent.</summary>
    [Id(7)] public DateTimeOffset? WaitingSince { get; init; }

    /// <summary>The queue it waits in or came through.</summary>
    [Id(8)] public required Guid QueueId { get; init; }

    /// <summary>The agent it is offered to: it takes a place of that agent's as if it were assigned.</summary>
    [Id(9)] public Guid? OfferedTo { get; init; }

    /// <summary>When something is to happen to it by time alone.</summary>
    [Id(10)] public DateTimeOffset? DueAt { get; init; }

    /// <summary>Orders the waiting ones before their time does.</summary>
    [Id(11)] public Priority Priority { get; init; }

    /// <summary>It is open and put off: from the commit that puts it off to the one that ends that, whether time, the customer or an agent does.</summary>
    [Id(12)] public bool IsSnoozed { get; init; }

    /// <summary>Since when its session lasts: orders the waiting ones that are equally urgent.</summary>
    [Id(14)] public required DateTimeOffset SessionSince { get; init; }

    /// <summary><see cref="OfferedTo"/> is consulted: it has accepted, and keeps its place while it is away.</summary>
    [Id(13)] public bool IsConsulted { get; init; }
}

/// <summary>A person's part in a conversation.</summary>
[GenerateSerializer, Immutable, Alias("rcc.conversations.ParticipantRow")]
public sealed record ParticipantRow : RowWrite
{
    [Id(0)] public required Guid ConversationId { get; init; }

    [Id(1)] public required Guid PersonId { get; init; }

    /// <summary>Agents read the notes as well.</summary>
    [Id(2)] public required bool IsAgent { get; init; }

    /// <summary>The person takes no part any more.</summary>
    [Id(3)] public bool Left { get; init; }

    /// <summary>The person reads along unseen: what it receives and reads is nobody's business.</summary>
    [Id(4)] public bool Hidden { get; init; }
}

/// <summary>What a conversation's rules decide on. Every decision is fenced by both revisions.</summary>
/// <param name="Id">The conversation.</param>
/// <param name="Revision">The revision of its item.</param>
/// <param name="State">What all its participants see.</param>
/// <param name="HandlingRevision">The revision of its handling.</param>
/// <param name="Handling">What its agents see.</param>
/// <param name="WaitingSince">When it began to wait for an agent.</param>
/// <param name="WaitingRevision">The revision of what the agents of its queue see while it waits.</param>
/// <param name="LastSeq">The newest message; 0 for none.</param>
/// <param name="LastNotesSeq">The newest note; 0 for none.</param>
public sealed record ConversationSnapshot(
    Guid Id,
    int Revision,
    ConversationState State,
    int HandlingRevision,
    HandlingState Handling,
    DateTimeOffset? WaitingSince,
    int WaitingRevision,
    long LastSeq,
    long LastNotesSeq)
{
    /// <summary>The revisions of what the conversation keeps for single agents: mentions, whispers.</summary>
    public ImmutableDictionary<ItemKey, int> Personal { get; init; } = ImmutableDictionary<ItemKey, int>.Empty;

    /// <summary>The agents who take part.</summary>
    public IEnumerable<Guid> Agents => Handling.Agents.Select(one => one.AgentId);

    /// <summary>Whether the agent takes part unseen by the customer.</summary>
    public bool IsHidden(Guid agent) => Handling.Agents.Any(one => one.AgentId == agent && !one.Part.IsSeen());

    /// <summary>Whether the agent takes part, and keeps apart.</summary>
    public bool IsApart(Guid agent) => Handling.Agents.Any(one => one.AgentId == agent && one.Part.IsApart());

    /// <summary>The agent whose place is reserved: it is offered to it, or it is consulted before it gets it.</summary>
    public Guid? ReservedFor => Handling.Offer?.AgentId ?? (Handling.Transfer is { IsUnderWay: true } transfer ? transfer.ConsultantId : null);

    /// <summary>The agents of whose capacity it takes a place.</summary>
    public IEnumerable<Guid> Places => State.Status == ConversationStatus.Open ? new[] { State.AssigneeId, ReservedFor }.OfType<Guid>() : [];

    /// <summary>When something is to happen to it by time alone; null for never.</summary>
    public DateTimeOffset? DueAt => new[] { Handling.Offer?.ExpiresAt, Handling.Snooze?.Until, GivenBackAt, ServiceLevels.NextAt(this), Silences.NextAt(this) }.Min();

    /// <summary>When a transfer that waits in a queue goes back, unless it is being offered; null for never.</summary>
    public DateTimeOffset? GivenBackAt => Handling is { Offer: null, Transfer: { WaitsInQueue: true } transfer } ? transfer.Until : null;

    /// <summary>Whether the agent takes part other than by reading on what it had before.</summary>
    public bool WorksOn(Guid agent) => Handling.Agents.Any(one => one.AgentId == agent && one.Part != Part.Former);

    /// <summary>Whether the agent takes part.</summary>
    public bool TakesPart(Guid agent) => Handling.Agents.Any(one => one.AgentId == agent);
}
