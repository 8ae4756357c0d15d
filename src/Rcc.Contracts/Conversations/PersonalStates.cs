namespace Rcc.Contracts.Conversations;

/// <summary>
/// The newest note in a conversation that mentions the person, shown on all its devices. It is unread while the person's <see cref="ReadState.NotesSeq"/> is below <see cref="NotesSeq"/>: reading the note on
/// one device reads it on all.
/// </summary>
public sealed record MentionState
{
    /// <summary>The place of the note among the notes.</summary>
    public required long NotesSeq { get; init; }

    /// <summary>The note.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>Who wrote it.</summary>
    public required Guid ById { get; init; }

    /// <summary>When it was decided (UTC).</summary>
    public required DateTimeOffset At { get; init; }
}

/// <summary>What was whispered to the person in a conversation, or by it: the newest, oldest first.</summary>
public sealed record WhispersState
{
    /// <summary>As many as the server keeps.</summary>
    public IReadOnlyList<Whisper> Whispers { get; init; } = [];
}

/// <summary>What a supervisor says to the agent who has the conversation.</summary>
/// <param name="Id">Its id, the same at both.</param>
/// <param name="FromId">The supervisor.</param>
/// <param name="ToId">The agent.</param>
/// <param name="At">When it was decided (UTC).</param>
/// <param name="Text">What is said.</param>
public sealed record Whisper(Guid Id, Guid FromId, Guid ToId, DateTimeOffset At, string Text);
