using System.Text.Json.Serialization;
using Rcc.Contracts.Sync;

namespace Rcc.Contracts.Conversations;

/// <summary>Who can see a message. Each lane numbers its messages densely by itself, so that a customer meets no hole and can count nothing hidden.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Lane>))]
public enum Lane
{
    /// <summary>The customer and the agents.</summary>
    [JsonStringEnumMemberName("public")] Public = 0,

    /// <summary>Internal notes: agents only.</summary>
    [JsonStringEnumMemberName("notes")] Notes,
}

/// <summary>A message. It never changes.</summary>
public sealed record MessageItem
{
    /// <summary>The conversation (Conversation-ID).</summary>
    public required Guid ConversationId { get; init; }

    /// <summary>Who can see it.</summary>
    public required Lane Lane { get; init; }

    /// <summary>Its place in the lane: 1, 2, 3 … without holes. Devices order by it, never by time (INV-10).</summary>
    public required long Seq { get; init; }

    /// <summary><c>imdn.Message-ID</c> (RFC 5438 §6.3). Made by the sending device, which finds its own optimistic copy by it (INV-20).</summary>
    public required Guid MessageId { get; init; }

    /// <summary>Who wrote it.</summary>
    public required Guid PersonId { get; init; }

    /// <summary>As what.</summary>
    public required Role Role { get; init; }

    /// <summary>When it was committed, by the database's clock (UTC).</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>MIME type of <see cref="Content"/>: <c>text/plain</c> for now.</summary>
    public required string ContentType { get; init; }

    /// <summary>The text. Any Unicode text, U+0000 included.</summary>
    public required string Content { get; init; }
}

/// <summary>A page of a conversation's messages, oldest first.</summary>
public sealed record MessagePage
{
    /// <summary><see cref="ErrorCode.Ok"/>, or why there are none.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>Messages with rising, dense seq.</summary>
    public IReadOnlyList<MessageItem> Messages { get; init; } = [];

    /// <summary>The highest seq of the lane when the page was read; 0 when it is empty.</summary>
    public long LastSeq { get; init; }
}
