using System.Text.Json.Serialization;

namespace Rcc.Contracts.Conversations;

/// <summary>Where a conversation stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ConversationStatus>))]
public enum ConversationStatus
{
    /// <summary>Being served, or waiting for an agent when <see cref="ConversationState.AssigneeId"/> is absent.</summary>
    [JsonStringEnumMemberName("open")] Open = 0,

    /// <summary>Done. A customer's message, or an agent, opens it again.</summary>
    [JsonStringEnumMemberName("resolved")] Resolved,
}

/// <summary>The state of a conversation (OMA CPM Conversation; its id is the Conversation-ID). The same for all its participants.</summary>
public sealed record ConversationState
{
    /// <summary>The number people use, unique in the account: 1, 2, 3 … with holes.</summary>
    public required long DisplayId { get; init; }

    /// <summary>The inbox it came in by.</summary>
    public required Guid InboxId { get; init; }

    /// <summary>The customer.</summary>
    public required Guid ContactId { get; init; }

    /// <summary>The customer's name when the conversation last changed; absent while anonymous.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ContactName { get; init; }

    /// <summary>Open or resolved.</summary>
    public required ConversationStatus Status { get; init; }

    /// <summary>The agent it is assigned to; absent while it waits.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? AssigneeId { get; init; }

    /// <summary>The customer is on hold (RCC-10): it may write, and is answered once the conversation is resumed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool OnHold { get; init; }

    /// <summary>When the customer opened it (UTC).</summary>
    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>The current session of the conversation (OMA CPM Contribution-ID): a new one with each reopening.</summary>
    public required Guid ContributionId { get; init; }
}

/// <summary>A person's own read position, shared by the person's devices. It only moves forward.</summary>
/// <param name="Seq">The highest message read.</param>
/// <param name="NotesSeq">The highest internal note read.</param>
public sealed record ReadState(long Seq, long NotesSeq);

/// <summary>A person's unsent text in a conversation, shared by the person's devices.</summary>
/// <param name="Text">The text; empty when there is none.</param>
/// <param name="Lane">Whether it is to become a message or a note.</param>
public sealed record DraftState(string Text, Lane Lane);

/// <summary>Which conversation the person has open on the desk, shared by the person's devices.</summary>
/// <param name="ConversationId">The conversation; absent when none is open.</param>
public sealed record OpenConversationState([property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? ConversationId);
