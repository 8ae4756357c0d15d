using System.Text.Json.Serialization;
using Rcc.Contracts.Conversations;

namespace Rcc.Contracts;

/// <summary>
/// The answer to a command. Its repeated number gets the first answer, member by member, refusals included: what was once refused is never carried out behind the sender's back. Only what was refused before
/// anybody decided is judged again: <see cref="ErrorCode.Malformed"/>, <see cref="ErrorCode.TooLarge"/>, <see cref="ErrorCode.Forbidden"/> and <see cref="ErrorCode.NotEntitled"/> of the door,
/// <see cref="ErrorCode.RateLimited"/>, <see cref="ErrorCode.Busy"/>, <see cref="ErrorCode.Unavailable"/>, <see cref="ErrorCode.Suspended"/>
/// (<see href="https://www.rfc-editor.org/rfc/rfc8620">RFC 8620</see> has no such rule for creates; catalogue <c>ONCE</c>, INV-8).
/// </summary>
public sealed record Outcome
{
    /// <summary>Whether and why not.</summary>
    public required ErrorCode Code { get; init; }

    /// <summary>For people: what exactly was wrong. Never the content of a message, never a secret.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Detail { get; init; }

    /// <summary>The conversation the command opened or changed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? ConversationId { get; init; }

    /// <summary>The message the command appended (<c>imdn.Message-ID</c>, RFC 5438 §6.3).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? MessageId { get; init; }

    /// <summary>The message's place in its conversation and lane: 1, 2, 3 … without holes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Seq { get; init; }

    /// <summary>The revision the changed item has now.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Revision { get; init; }

    /// <summary>The id of the thing the command made (an agent, a group, an inbox …).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? Id { get; init; }

    /// <summary>When the change was committed, by the database's clock (UTC).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? At { get; init; }

    /// <summary>With <see cref="ErrorCode.RateLimited"/>, <see cref="ErrorCode.Busy"/> and <see cref="ErrorCode.Unavailable"/>: after how many seconds it is worth trying again, 1 or more. Absent: soon.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? RetryAfterSeconds { get; init; }

    /// <summary>With <see cref="ErrorCode.Conflict"/> of an offer that is over: the conversation as it was then, so that who lost the race need not wait to be told (RCC-9).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ConversationState? Conversation { get; init; }

    /// <summary>Whether the command was carried out.</summary>
    [JsonIgnore]
    public bool IsOk => Code == ErrorCode.Ok;

    /// <summary>Carried out, with nothing more to say.</summary>
    public static Outcome Done { get; } = new() { Code = ErrorCode.Ok };

    /// <summary>Not carried out.</summary>
    /// <param name="code">Why.</param>
    /// <param name="detail">For people: what exactly was wrong.</param>
    public static Outcome Refused(ErrorCode code, string? detail = null) => new() { Code = code, Detail = detail };

    /// <summary>Not carried out: there were too many.</summary>
    /// <param name="detail">For people: too many of what, and the limit.</param>
    /// <param name="after">After how long it is worth trying again.</param>
    public static Outcome TooMany(string detail, TimeSpan after) =>
        new() { Code = ErrorCode.RateLimited, Detail = detail, RetryAfterSeconds = (int)Math.Clamp(Math.Ceiling(after.TotalSeconds), 1, int.MaxValue) };
}
