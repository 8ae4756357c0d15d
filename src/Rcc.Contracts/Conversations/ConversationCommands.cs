using System.Text.Json.Serialization;

namespace Rcc.Contracts.Conversations;

/// <summary>A customer opens a conversation in the inbox of its session. The id is made by the device, so that messages can be written before the server has answered.</summary>
public sealed record OpenConversation : DeviceCommand
{
    /// <summary>A new UUID (version 7 or 4). <see cref="ErrorCode.Taken"/> when another conversation has it.</summary>
    public required Guid ConversationId { get; init; }

    /// <summary>One of the inbox's <see cref="Tenants.InboxState.Departments"/>, else <see cref="ErrorCode.NotFound"/>; absent: the conversation waits where the inbox says.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? DepartmentId { get; init; }
}

/// <summary>
/// Gives the server a message to append. A customer's message opens a resolved conversation again; an agent's is refused with <see cref="ErrorCode.Closed"/>.
/// </summary>
public sealed record PostMessage : DeviceCommand
{
    /// <summary>The conversation.</summary>
    public required Guid ConversationId { get; init; }

    /// <summary>Made by the device, unique in the account; <see cref="ErrorCode.Taken"/> when it is used. Absent: the server makes one (IM-130).</summary>
    public Guid? MessageId { get; init; }

    /// <summary>Who can see it; customers have only <see cref="Lane.Public"/>.</summary>
    public Lane Lane { get; init; }

    /// <summary>The text: 1 byte … <see cref="Sync.SyncLimits.MaxContentBytes"/> in UTF-8.</summary>
    public required string Content { get; init; }

    /// <summary>MIME type; absent: <c>text/plain</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ContentType { get; init; }

    /// <summary>Agents whom a note mentions: each is told by an item <c>mention</c>, and takes part from now on. Only in <see cref="Lane.Notes"/>; the server limits how many.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Guid>? Mentions { get; init; }
}

/// <summary>Closes a conversation (status <c>resolved</c>). Closing a resolved one changes nothing and is ok. <see cref="ErrorCode.DispositionRequired"/> when its inbox or queue demands one.</summary>
public sealed record ResolveConversation : DeviceCommand
{
    /// <summary>The conversation.</summary>
    public required Guid ConversationId { get; init; }

    /// <summary>How it ended: one of the names of its inbox's or queue's <see cref="DispositionsState"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Disposition { get; init; }
}

/// <summary>Opens a resolved conversation again. Reopening an open one changes nothing and is ok.</summary>
public sealed record ReopenConversation : DeviceCommand
{
    /// <summary>The conversation.</summary>
    public required Guid ConversationId { get; init; }
}

/// <summary>Gives a conversation to an agent, or back to the waiting ones. A sub-agent may take one that waits, where the queue lets it (<see cref="Routing.QueueState.SelfAssign"/>), and give away its own; a master agent any.</summary>
public sealed record AssignConversation : DeviceCommand
{
    /// <summary>The conversation.</summary>
    public required Guid ConversationId { get; init; }

    /// <summary>The agent; absent: nobody, it waits.</summary>
    public Guid? AgentId { get; init; }
}

/// <summary>
/// A person saw the messages up to here on a screen: moves the read position of all the person's devices, and for the public lane <em>displayed</em> (RFC 5438) at the
/// sender. Never sent for opening a list.
/// </summary>
public sealed record MarkRead : DeviceCommand
{
    /// <summary>The conversation.</summary>
    public required Guid ConversationId { get; init; }

    /// <summary>The lane.</summary>
    public Lane Lane { get; init; }

    /// <summary>The highest seq seen; a lower one than before changes nothing and is ok.</summary>
    public required long Seq { get; init; }
}

/// <summary>Keeps an agent's unsent text. An empty text removes it.</summary>
public sealed record SetDraft : DeviceCommand
{
    /// <summary>The conversation.</summary>
    public required Guid ConversationId { get; init; }

    /// <summary>0 … <see cref="Sync.SyncLimits.MaxDraftBytes"/> bytes in UTF-8.</summary>
    public required string Text { get; init; }

    /// <summary>Whether it is to become a message or a note.</summary>
    public Lane Lane { get; init; }

    /// <summary>
    /// The revision of the draft the text was typed on, 0 for none; <see cref="ErrorCode.Conflict"/> when another device has changed it since (MMS-11: no silent loss).
    /// Absent: replace whatever is there.
    /// </summary>
    public int? IfRevision { get; init; }
}

/// <summary>Says which conversation the agent has open, on all the agent's devices.</summary>
public sealed record SetOpenConversation : DeviceCommand
{
    /// <summary>The conversation; absent: none.</summary>
    public Guid? ConversationId { get; init; }
}

/// <summary>Typing or not (RFC 3994). Not kept, not numbered, may be dropped.</summary>
public sealed record Typing
{
    /// <summary>The conversation.</summary>
    public required Guid ConversationId { get; init; }

    /// <summary>What is typed becomes a message, or a note: of that agents alone are told. Customers have only <see cref="Lane.Public"/>.</summary>
    public Lane Lane { get; init; }

    /// <summary>Typing, or stopped.</summary>
    public required bool Active { get; init; }
}

/// <summary>Asks for a page of messages.</summary>
public sealed record LoadMessages
{
    /// <summary>The conversation.</summary>
    public required Guid ConversationId { get; init; }

    /// <summary>The lane.</summary>
    public Lane Lane { get; init; }

    /// <summary>Only messages with a lower seq; absent: the newest.</summary>
    public long? Before { get; init; }

    /// <summary>1 … <see cref="Sync.SyncLimits.MaxPageItems"/>; absent: 50.</summary>
    public int? Limit { get; init; }
}
