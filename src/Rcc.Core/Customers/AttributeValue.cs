using System.Globalization;
using System.Text;
using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Customers;

namespace Rcc.Core.Customers;

/// <summary>The values of attributes an account has defined. Pure.</summary>
public static class AttributeValue
{
    /// <summary>The value a JSON text stands for.</summary>
    public static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    /// <summary>What is wrong with values for the attributes of an owner; null when nothing is. A null value takes an attribute away, also one that is no longer defined.</summary>
    public static string? Refuse(IEnumerable<KeyValuePair<string, string>> values, AttributeOwner owner, ContactSettingsState settings, int maxBytes)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(settings);
        foreach (var (key, json) in values)
        {
            var value = Parse(json);
            if (value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            if (settings.CustomAttributes.FirstOrDefault(candidate => candidate.Of == owner && string.Equals(candidate.Key, key, StringComparison.Ordinal)) is not { } definition)
            {
                return $"The account has not defined the attribute {key}.";
            }

            if (Encoding.UTF8.GetByteCount(json) > maxBytes)
            {
                return $"The attribute {key} has more than {maxBytes} bytes (MaxAttributeBytes).";
            }

            if (!Fits(definition, value))
            {
                return $"The attribute {key} {Rule(definition.Type)}";
            }
        }

        return null;
    }

    /// <summary>What an attribute with a value, given as plain text, is found by; null when the owner has no such attribute, or it takes no such value.</summary>
    public static AttributeDigest? DigestOf(AttributeOwner owner, string key, string text, ContactSettingsState settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.CustomAttributes.FirstOrDefault(candidate => candidate.Of == owner && string.Equals(candidate.Key, key, StringComparison.Ordinal)) is not { } definition)
        {
            return null;
        }

        var json = JsonSerializer.Serialize(text, ContractJson.Default.String);
        if (definition.Type is AttributeType.Number or AttributeType.Checkbox)
        {
            try
            {
                json = Parse(text).GetRawText();
            }
            catch (JsonException)
            {
                return null;
            }
        }

        return Fits(definition, Parse(json)) ? AttributeDigest.Of(key, json) : null;
    }

    static bool Fits(AttributeDefinition definition, JsonElement value) => definition.Type switch
    {
        _ when value.ValueKind == JsonValueKind.String && !IsPlain(value) => false,
        AttributeType.Text => value.ValueKind == JsonValueKind.String,
        AttributeType.Number => value.ValueKind == JsonValueKind.Number,
        AttributeType.Checkbox => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        AttributeType.Date => value.ValueKind == JsonValueKind.String && DateOnly.TryParseExact(value.GetString(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        AttributeType.Link => value.ValueKind == JsonValueKind.String && Uri.TryCreate(value.GetString(), UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https",
        AttributeType.List => value.ValueKind == JsonValueKind.String && definition.Values.Contains(value.GetString(), StringComparer.Ordinal),
        _ => false,
    };

    /// <summary>Whether it is text that any store and any screen takes: JSON can also write characters that are none, and half ones.</summary>
    internal static bool IsPlain(JsonElement value)
    {
        try
        {
            return !value.GetString()!.Any(character => char.IsControl(character) && character is not ('\n' or '\r' or '\t'));
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair.
            return false;
        }
    }

    static string Rule(AttributeType type) => type switch
    {
        AttributeType.Text => "is text without control characters other than tabs and line ends.",
        AttributeType.Number => "is a number.",
        AttributeType.Checkbox => "is true or false.",
        AttributeType.Date => "is a day as yyyy-MM-dd.",
        AttributeType.Link => "is an http or https URL.",
        _ => "has one of the values defined for it.",
    };
}
