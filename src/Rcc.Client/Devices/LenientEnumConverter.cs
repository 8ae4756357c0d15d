using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rcc.Client.Devices;

/// <summary>Reads a name that a newer server may have added as the nearest thing this client knows, so that one new word does not make a whole page unreadable.</summary>
sealed class LenientEnumConverter<T>(T unknown) : JsonConverter<T>
    where T : struct, Enum
{
    static readonly JsonConverter<T> Strict = (JsonConverter<T>)new JsonStringEnumConverter<T>(namingPolicy: null, allowIntegerValues: false).CreateConverter(typeof(T), JsonSerializerOptions.Default);

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String)
            return Strict.Read(ref reader, typeToConvert, options);
        try
        {
            return Strict.Read(ref reader, typeToConvert, options);
        }
        catch (JsonException)
        {
            return unknown;
        }
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => Strict.Write(writer, value, options);
}
