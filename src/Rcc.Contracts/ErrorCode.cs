using System.Text.Json.Serialization;

namespace Rcc.Contracts;

/// <summary>
/// Why a request was not carried out. On the wire these are camelCase strings. A client treats a code it does not know
/// like <see cref="Forbidden"/>: it does not repeat the request.
/// </summary>
[JsonConverter(typeof(JsonStringEnumConverter<ErrorCode>))]
public enum ErrorCode
{
    /// <summary>Carried out, now or by an earlier attempt with the same command number.</summary>
    [JsonStringEnumMemberName("ok")] Ok = 0,

    /// <summary>The shape is wrong; <see cref="Outcome.Detail"/> names the member and the rule.</summary>
    [JsonStringEnumMemberName("malformed")] Malformed,

    /// <summary>A size or count is over its limit; <see cref="Outcome.Detail"/> names the limit and its value.</summary>
    [JsonStringEnumMemberName("tooLarge")] TooLarge,

    /// <summary>No valid credential, or one that was revoked.</summary>
    [JsonStringEnumMemberName("unauthenticated")] Unauthenticated,

    /// <summary>The caller may not do this.</summary>
    [JsonStringEnumMemberName("forbidden")] Forbidden,

    /// <summary>There is no such thing among what the caller may see.</summary>
    [JsonStringEnumMemberName("notFound")] NotFound,

    /// <summary>The tenant or the person is suspended (catalogue RCC-20, RCC-35).</summary>
    [JsonStringEnumMemberName("suspended")] Suspended,

    /// <summary>The state has moved: what the caller decided on is no longer so; the current state reaches it by synchronisation.</summary>
    [JsonStringEnumMemberName("conflict")] Conflict,

    /// <summary>The same command number was used before with another body.</summary>
    [JsonStringEnumMemberName("numberReused")] NumberReused,

    /// <summary>The command number is older than what is still remembered; the command was not and will not be executed.</summary>
    [JsonStringEnumMemberName("tooOld")] TooOld,

    /// <summary>The name, address or id is already used.</summary>
    [JsonStringEnumMemberName("taken")] Taken,

    /// <summary>The conversation is resolved; it must be reopened first.</summary>
    [JsonStringEnumMemberName("closed")] Closed,

    /// <summary>The inbox is archived: it takes no new customers and no new conversations, and a customer's message reopens none.</summary>
    [JsonStringEnumMemberName("archived")] Archived,

    /// <summary>The customer is on hold (RCC-10); the conversation must be resumed first.</summary>
    [JsonStringEnumMemberName("onHold")] OnHold,

    /// <summary>Resolving needs a disposition of the inbox's or queue's list.</summary>
    [JsonStringEnumMemberName("dispositionRequired")] DispositionRequired,

    /// <summary>The server knows no such control operation (RCC-18).</summary>
    [JsonStringEnumMemberName("unknownOperation")] UnknownOperation,

    /// <summary>Too many requests of this caller; try again later with the same command number.</summary>
    [JsonStringEnumMemberName("rateLimited")] RateLimited,

    /// <summary>A bounded queue is full; try again later with the same command number.</summary>
    [JsonStringEnumMemberName("busy")] Busy,

    /// <summary>The store or a node cannot be reached, and the outcome may be unknown; try again with the same command number.</summary>
    [JsonStringEnumMemberName("unavailable")] Unavailable,

    /// <summary>The tenant has not contracted the service; <see cref="Outcome.Detail"/> names it.</summary>
    [JsonStringEnumMemberName("notEntitled")] NotEntitled,

    /// <summary>The password is right, and a code of the agent's second factor is needed besides.</summary>
    [JsonStringEnumMemberName("secondFactorRequired")] SecondFactorRequired,

    /// <summary>The password is right, but a second factor is required of the agent and it has none yet: it is to enrol one.</summary>
    [JsonStringEnumMemberName("secondFactorEnrolmentRequired")] SecondFactorEnrolmentRequired,

    /// <summary>A secret that the server keeps sealed cannot be opened with the keys it has; <see cref="Outcome.Detail"/> says which, and who must set it again.</summary>
    [JsonStringEnumMemberName("secretLost")] SecretLost,
}
