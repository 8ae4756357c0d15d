using System.Text.Json.Serialization;

namespace Rcc.Contracts.Customers;

/// <summary>
/// Where a customer or an agent is (RCC-47; GEOPRIV, RFC 4119): the value of the context information named <see cref="ContextName"/>. It has <see cref="Geodetic"/>, <see cref="Civic"/> or both, and no other members than
/// these; whoever sets anything else is refused as malformed, and one that was looked up is left out. A disclosure rule may reduce it (RFC 4745 §7, RFC 6772 §6.5): then a person gets only as much of it as the rule provides, and neither method nor altitude.
/// </summary>
public sealed record Location
{
    /// <summary>The one name of context information with a shape that is checked.</summary>
    public const string ContextName = "geopriv:location";

    /// <summary>The position.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public GeodeticLocation? Geodetic { get; init; }

    /// <summary>
    /// The address, by element of RFC 5139 §3.1 and RFC 6848: <c>country</c> (ISO 3166-1, two capital letters), <c>A1</c> … <c>A6</c>, <c>PC</c>, <c>RD</c>, <c>HNO</c>, <c>FLR</c>, <c>LOC</c> … At least one; each a text of
    /// 1 … 256 characters without control characters.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Civic { get; init; }

    /// <summary>How it was found out, a word of IANA's registry of method tokens, such as <c>GPS</c>, <c>Cell</c> or <c>Manual</c>: 1 … 32 letters, digits, points and hyphens.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Method { get; init; }

    /// <summary>When it was found out (RFC 3339).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? Timestamp { get; init; }
}

/// <summary>A point, or a circle around one (RFC 5491 §5.2), in WGS 84, with the terms of RFC 5870.</summary>
public sealed record GeodeticLocation
{
    /// <summary>Degrees, -90 … 90, north positive.</summary>
    public required double Latitude { get; init; }

    /// <summary>Degrees, -180 … 180, east positive.</summary>
    public required double Longitude { get; init; }

    /// <summary>Metres above the ellipsoid, -20 000 … 20 000 000.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Altitude { get; init; }

    /// <summary>The radius in metres in which it is, 0 … 20 037 509; absent: unknown.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Uncertainty { get; init; }
}
