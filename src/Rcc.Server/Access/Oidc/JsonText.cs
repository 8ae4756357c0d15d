using System.Text.Json;

namespace Rcc.Server.Access.Oidc;

/// <summary>Reads texts of JSON that strangers wrote.</summary>
internal static class JsonText
{
    /// <summary>A member that is a text; null when there is none.</summary>
    public static string? Text(this JsonElement json, string member) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(member, out var value) ? value.Text() : null;

    /// <summary>The text it is; null when it is none. One with half characters parses, and cannot be read.</summary>
    public static string? Text(this JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.String) return null;
        try
        {
            return json.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
