using System.Text.Json;

namespace Rcc.Client.Tests.Sync;

/// <summary>Every member expected is there and matches; null also matches an absent member; arrays match element by element at the same length.</summary>
static class JsonSubset
{
    public static bool Matches(JsonElement expected, JsonElement? actual) => Difference(expected, actual, "$") is null;

    public static string? Difference(JsonElement expected, JsonElement? actual, string path)
    {
        if (expected.ValueKind == JsonValueKind.Null)
            return actual is null or { ValueKind: JsonValueKind.Null } ? null : $"{path} is there: {actual}";
        if (actual is not { } value)
            return $"{path} is absent";
        switch (expected.ValueKind)
        {
            case JsonValueKind.Object when value.ValueKind == JsonValueKind.Object:
                foreach (var member in expected.EnumerateObject())
                {
                    JsonElement? found = value.TryGetProperty(member.Name, out var there) ? there : null;
                    if (Difference(member.Value, found, $"{path}.{member.Name}") is { } difference)
                        return difference;
                }
                return null;
            case JsonValueKind.Array when value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == expected.GetArrayLength():
                for (var i = 0; i < expected.GetArrayLength(); i++)
                {
                    if (Difference(expected[i], value[i], $"{path}[{i}]") is { } difference)
                        return difference;
                }
                return null;
            default:
                return JsonElement.DeepEquals(expected, value) ? null : $"{path} is {value.GetRawText()}, not {expected.GetRawText()}";
        }
    }
}
