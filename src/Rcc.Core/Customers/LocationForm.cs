using System.Text.Json;
using System.Text.Json.Serialization;
using Rcc.Contracts;
using Rcc.Contracts.Customers;

namespace Rcc.Core.Customers;

/// <summary>The form of locations (RCC-47). Pure.</summary>
public static class LocationForm
{
    /// <summary>Half the way round the earth, in metres: nothing is less certain.</summary>
    internal const double MaxUncertainty = 20_037_509;

    const int MaxElementLength = 256;
    const int MaxMethodLength = 32;

    /// <summary>What a person gets of a location is decided member by member, so there must be none that nobody knows, and none twice.</summary>
    static readonly ContractJson Strict = new(new(ContractJson.Default.Options)
    {
        AllowDuplicateProperties = false, PropertyNameCaseInsensitive = false, TypeInfoResolver = null, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    });

    /// <summary>What is wrong with a value for a name of context information; null when nothing is. Only a location can be wrong.</summary>
    public static string? Refuse(string name, JsonElement value) => IsLocation(name) ? Read(value).Wrong : null;

    /// <summary>As <see cref="Refuse(string, JsonElement)"/>, of a value as JSON text.</summary>
    public static string? Refuse(string name, string json) => IsLocation(name) ? Refuse(name, AttributeValue.Parse(json)) : null;

    /// <summary>The location a value stands for; null for one that stands for none.</summary>
    internal static Location? Find(JsonElement value) => Read(value) is { Wrong: null, Location: var location } ? location : null;

    internal static bool IsLocation(string name) => string.Equals(name, Location.ContextName, StringComparison.Ordinal);

    static (Location? Location, string? Wrong) Read(JsonElement value)
    {
        try
        {
            return value.Deserialize(Strict.Location) is { } location
                ? (location, Refuse(location) ?? (value.TryGetProperty("timestamp", out var timestamp) && timestamp.GetString() is { } text && !HasOffset(text) ? "value.timestamp is no date-time of RFC 3339." : null))
                : (null, "value is no location.");
        }
        catch (JsonException failure)
        {
            return (null, $"value{failure.Path?.TrimStart('$')} is not as a location has it: geodetic with latitude, longitude and perhaps altitude and uncertainty, all numbers; civic with texts by element of RFC 5139; method; timestamp (RFC 3339).");
        }
    }

    static string? Refuse(Location location) => location switch
    {
        { Geodetic: null, Civic: null } => "value has neither geodetic nor civic.",
        { Civic.Count: 0 } => "value.civic has no element.",
        { Method: { } method } when method.Length is 0 or > MaxMethodLength || !method.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-') =>
            $"value.method has 1 … {MaxMethodLength} letters, digits, points and hyphens.",
        _ => Refuse(location.Geodetic) ?? location.Civic?.Select(element => RefuseElement(element.Key, element.Value)).FirstOrDefault(wrong => wrong is not null),
    };

    static string? Refuse(GeodeticLocation? position) => position switch
    {
        null => null,
        { Latitude: not (>= -90 and <= 90) } => "value.geodetic.latitude is -90 … 90 degrees.",
        { Longitude: not (>= -180 and <= 180) } => "value.geodetic.longitude is -180 … 180 degrees.",
        { Altitude: not (null or (>= -20_000 and <= 20_000_000)) } => "value.geodetic.altitude is -20000 … 20000000 metres.",
        { Uncertainty: not (null or (>= 0 and <= MaxUncertainty)) } => $"value.geodetic.uncertainty is 0 … {MaxUncertainty:0} metres.",
        _ => null,
    };

    static string? RefuseElement(string element, string? text) => (element, text) switch
    {
        _ when !ProvideLocation.CivicLevels.ContainsKey(element) => $"value.civic.{element} is no element of RFC 5139 or RFC 6848.",
        (_, not { Length: > 0 and <= MaxElementLength }) => $"value.civic.{element} has 1 … {MaxElementLength} characters.",
        _ when text.Any(char.IsControl) => $"value.civic.{element} has control characters.",
        ("country", not [>= 'A' and <= 'Z', >= 'A' and <= 'Z']) => "value.civic.country has two capital letters (ISO 3166-1).",
        _ => null,
    };

    /// <summary>Without an offset a time would be the server's.</summary>
    static bool HasOffset(string time) => time.Contains('T', StringComparison.Ordinal) && (time[^1] == 'Z' || (time.Length > 6 && time[^6] is '+' or '-'));
}
