using Rcc.Contracts.Customers;

namespace Rcc.Core.Customers;

/// <summary>What things are looked for by.</summary>
/// <param name="Label">They have this label; null: with any or none.</param>
/// <param name="Attribute">They have this attribute with this value; null: with any or none.</param>
public sealed record Tags(string? Label, AttributeDigest? Attribute)
{
    /// <summary>From words a person or program gives. False when nothing can have them: the label or attribute is not defined, or takes no such value.</summary>
    public static bool TryMake(AttributeOwner owner, TagFilter filter, ContactSettingsState settings, out Tags tags)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(settings);
        var digest = filter.AttributeKey is { } key ? AttributeValue.DigestOf(owner, key, filter.AttributeValue ?? "", settings) : null;
        tags = new(filter.Label, digest);
        return (filter.AttributeKey is null || digest is not null)
            && (filter.Label is null || settings.Labels.Any(label => string.Equals(label.Name, filter.Label, StringComparison.Ordinal)));
    }
}

/// <summary>Which labels and attributes things in a list are to have; absent members ask nothing.</summary>
/// <param name="Label">This label.</param>
/// <param name="AttributeKey">This attribute of the account's own.</param>
/// <param name="AttributeValue">With this value: a text as it is, a number or true and false as JSON has them.</param>
public sealed record TagFilter(string? Label = null, string? AttributeKey = null, string? AttributeValue = null)
{
    public bool IsEmpty => this == new TagFilter();
}
