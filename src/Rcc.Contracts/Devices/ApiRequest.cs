using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rcc.Contracts.Devices;

/// <summary>
/// A request of the REST API on a connection of the hub: what can be done to the device's account by HTTP can be done here too, with the same routes, bodies, rights and refusals. The OpenAPI document
/// (<c>/openapi/v1.json</c>) lists them.
/// </summary>
public sealed record ApiRequest
{
    /// <summary><c>GET</c>, <c>POST</c>, <c>PUT</c>, <c>PATCH</c> or <c>DELETE</c>.</summary>
    public required string Method { get; init; }

    /// <summary>
    /// The path below <c>/api/v1/accounts/{account_id}</c>, with its query, percent-encoded as in a URL: <c>/agents?limit=10</c>. Empty: the account itself. The account is the device's own and is not named.
    /// </summary>
    public required string Path { get; init; }

    /// <summary>The body; absent: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Body { get; init; }

    /// <summary>The header <c>Idempotency-Key</c>: what a repetition of a request that changes something is known by.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? IdempotencyKey { get; init; }
}

/// <summary>The answer to an <see cref="ApiRequest"/>.</summary>
public sealed record ApiAnswer
{
    /// <summary>
    /// Whether and why not: the code and detail that HTTP has in its problem. Besides those of the route <see cref="ErrorCode.TooLarge"/> for an answer above the limit <c>maxApiAnswerBytes</c>, and
    /// <see cref="ErrorCode.UnknownOperation"/> for one that is no JSON: both are to be had by HTTP.
    /// </summary>
    public required Outcome Outcome { get; init; }

    /// <summary>The body of what succeeded; absent where HTTP has none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Body { get; init; }
}
