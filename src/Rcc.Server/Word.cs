using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rcc.Server;

/// <summary>A word of an enumeration in a path or query, written as in bodies. The framework itself would take the names of our types, and numbers.</summary>
internal readonly record struct Word<T>(T Value) : IParsable<Word<T>>
    where T : struct, Enum
{
    static readonly JsonSerializerOptions Names = new() { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) } };

    static readonly Dictionary<string, T> Words = Enum.GetValues<T>().ToDictionary(value => JsonSerializer.SerializeToElement(value, Names).GetString()!, StringComparer.Ordinal);

    public static Word<T> Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var word) ? word : throw new FormatException($"{typeof(T).Name} has no such word.");

    public static bool TryParse(string? s, IFormatProvider? provider, out Word<T> result)
    {
        var isWord = Words.TryGetValue(s ?? "", out var value);
        result = new(value);
        return isWord;
    }
}
