using System.Text.Json.Serialization;

namespace Rcc.Contracts.Customers;

/// <summary>What an account has defined for its contacts, as its agents see it.</summary>
public sealed record ContactSettingsState
{
    /// <summary>The labels there are, by name.</summary>
    public IReadOnlyList<LabelDefinition> Labels { get; init; } = [];

    /// <summary>The account's own attributes, by key.</summary>
    public IReadOnlyList<AttributeDefinition> CustomAttributes { get; init; } = [];
}

/// <summary>A label.</summary>
/// <param name="Name">1 … 50 of <c>a–z 0–9 - _</c>; never changes.</param>
/// <param name="Color">As <c>#rrggbb</c>, in lower case.</param>
/// <param name="Description">For people: 1 … 500 characters; absent: none.</param>
public sealed record LabelDefinition(
    string Name, string Color, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Description = null);

/// <summary>An attribute an account has defined for itself.</summary>
public sealed record AttributeDefinition
{
    /// <summary>1 … 50 of <c>a–z 0–9 _</c>; never changes, nor do <see cref="Of"/> and <see cref="Type"/>.</summary>
    public required string Key { get; init; }

    /// <summary>What it is an attribute of.</summary>
    public required AttributeOwner Of { get; init; }

    /// <summary>What values it takes.</summary>
    public required AttributeType Type { get; init; }

    /// <summary>For people: 1 … 100 characters.</summary>
    public required string DisplayName { get; init; }

    /// <summary>The values of a <see cref="AttributeType.List"/>; else empty.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];
}

/// <summary>What has attributes.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AttributeOwner>))]
public enum AttributeOwner
{
    /// <summary>Contacts.</summary>
    [JsonStringEnumMemberName("contact")] Contact = 0,

    /// <summary>Conversations.</summary>
    [JsonStringEnumMemberName("conversation")] Conversation,
}

/// <summary>The values an attribute takes.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AttributeType>))]
public enum AttributeType
{
    /// <summary>Any text.</summary>
    [JsonStringEnumMemberName("text")] Text = 0,

    /// <summary>A number.</summary>
    [JsonStringEnumMemberName("number")] Number,

    /// <summary>True or false.</summary>
    [JsonStringEnumMemberName("checkbox")] Checkbox,

    /// <summary>A day, <c>yyyy-MM-dd</c> (RFC 3339 full-date).</summary>
    [JsonStringEnumMemberName("date")] Date,

    /// <summary>An <c>http</c> or <c>https</c> URL.</summary>
    [JsonStringEnumMemberName("link")] Link,

    /// <summary>One of the values defined.</summary>
    [JsonStringEnumMemberName("list")] List,
}
