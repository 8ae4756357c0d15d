using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rcc.Bench.Load;

/// <summary>
/// How messages arrive. <c>closed:N</c>: N conversations with one message in flight each. <c>open:R</c>: Poisson arrivals at R messages per second.
/// </summary>
[JsonConverter(typeof(AsText))]
readonly record struct PhaseLoad(bool Open, int Amount)
{
    /// <summary>Reads <c>closed:1,open:500</c>.</summary>
    /// <exception cref="FormatException">A part has another form; the message names it.</exception>
    public static IReadOnlyList<PhaseLoad> ParsePlan(string plan) =>
        plan.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Parse).ToList() is { Count: > 0 } loads
            ? loads
            : throw new FormatException("The plan is empty; give e.g. closed:32,open:500.");

    /// <summary>Reads <c>closed:N</c> or <c>open:R</c>.</summary>
    public static PhaseLoad Parse(string text) =>
        text.Split(':') is [("closed" or "open") and var kind, var number]
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var amount) && amount is > 0 and <= 1_000_000
            ? new PhaseLoad(kind is "open", amount)
            : throw new FormatException($"'{text}' is no phase; it is closed:N (conversations) or open:R (messages per second), 1 … 1000000.");

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(Open ? "open" : "closed")}:{Amount}");

    sealed class AsText : JsonConverter<PhaseLoad>
    {
        public override PhaseLoad Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Parse(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, PhaseLoad value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
