using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Rcc.Contracts.Customers;
using Rcc.Core.Sync;

namespace Rcc.Core.Customers;

/// <summary>All labels and attributes that a contact or conversation is found by. A contact is found by those of all that was merged into it; one that was merged into another has none.</summary>
[GenerateSerializer, Immutable, Alias("rcc.customers.TaggingRow")]
public sealed record TaggingRow : RowWrite
{
    [Id(0)] public required AttributeOwner Of { get; init; }

    [Id(1)] public required Guid Id { get; init; }

    [Id(2)] public ImmutableArray<string> Labels { get; init; } = [];

    [Id(3)] public ImmutableArray<AttributeDigest> Attributes { get; init; } = [];

    /// <summary>The row of something; null when it is found by the same as <paramref name="before"/>.</summary>
    internal static TaggingRow? Between(AttributeOwner of, Guid id, (IEnumerable<string> Labels, IEnumerable<KeyValuePair<string, string>> Attributes)? before, IEnumerable<string> labels, IEnumerable<KeyValuePair<string, string>> attributes)
    {
        var isSame = before is { } old && old.Labels.SequenceEqual(labels, StringComparer.Ordinal) && old.Attributes.SequenceEqual(attributes);
        return isSame ? null : new() { Of = of, Id = id, Labels = [.. labels], Attributes = [.. attributes.Select(value => AttributeDigest.Of(value.Key, value.Value))] };
    }
}

/// <summary>An attribute with what its value is found by: equal values have equal digests, however they are written.</summary>
[GenerateSerializer, Immutable, Alias("rcc.customers.AttributeDigest")]
public readonly record struct AttributeDigest([property: Id(0)] string Key, [property: Id(1)] Guid Value)
{
    public static AttributeDigest Of(string key, string json)
    {
        var value = AttributeValue.Parse(json);
        var text = value.ValueKind switch
        {
            JsonValueKind.String => $"s{value.GetString()}",
            JsonValueKind.Number => value.TryGetDecimal(out var number) ? $"n{number.ToString("0.############################", CultureInfo.InvariantCulture)}" : $"n{value.GetDouble().ToString("R", CultureInfo.InvariantCulture)}",
            _ => value.GetRawText(),
        };
        return new(key, new(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16)));
    }
}
