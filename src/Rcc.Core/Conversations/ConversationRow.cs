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

    /// <summary>When it began to wait for an agent; orders the waiting ones.</summary>
    [Id(7)] public DateTimeOffset? WaitingSince { get; init; }
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
}

/// <summary>What a conversation's rules decide on.</summary>
/// <param name="Id">The conversation.</param>
/// <param name="Revision">The revision of its item: every decision is fenced by it.</param>
/// <param name="State">Its state.</param>
/// <param name="WaitingSince">When it began to wait for an agent.</param>
/// <param name="Agents">The agents who take part.</param>
/// <param name="LastSeq">The newest message; 0 for none.</param>
/// <param name="LastNotesSeq">The newest note; 0 for none.</param>
public sealed record ConversationSnapshot(
    Guid Id,
    int Revision,
    ConversationState State,
    DateTimeOffset? WaitingSince,
    ImmutableArray<Guid> Agents,
    long LastSeq,
    long LastNotesSeq);
