using System.Collections.Immutable;
using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Customers;
using Rcc.Contracts.Sync;

namespace Rcc.Core.Customers;

/// <summary>
/// Who may see what of a contact (RCC-41, RCC-53). Pure. The first rule that fits decides. Where none fits, agents see a contact's context only while they serve it, and an agent's only if it is their own or of a group they supervise; master agents and applications see all.
/// A name is never hidden: it is part of every conversation.
/// </summary>
public static class Disclosure
{
    /// <summary>What is before the names of a contact's context information.</summary>
    public const string ContextPath = "context.";

    /// <summary>What a viewer may see of a customer, as devices and applications get it; the rest is absent, as if it were not known.</summary>
    public static ContactState Show(Dossier contact, Viewer viewer)
    {
        ArgumentNullException.ThrowIfNull(contact);
        ArgumentNullException.ThrowIfNull(viewer);
        if (contact.Record.MergedInto is { } survivor)
        {
            return new() { CreatedAt = contact.Record.CreatedAt, MergedInto = survivor };
        }

        var all = contact.Combined;
        var labels = contact.Rules.Settings.Labels.Select(label => label.Name).ToHashSet(StringComparer.Ordinal);
        var attributes = contact.Rules.Settings.CustomAttributes.Where(definition => definition.Of == AttributeOwner.Contact).Select(definition => definition.Key).ToHashSet(StringComparer.Ordinal);
        return new()
        {
            Name = all.Name,
            Email = Sees("email") ? all.Email : null,
            Identifier = Sees("identifier") ? all.Identifier : null,
            Addresses = [.. all.Addresses.Where(address => Sees(PathOf(address.Kind)))],
            Labels = [.. all.Labels.Where(label => labels.Contains(label) && Sees($"label.{label}"))],
            CustomAttributes = all.CustomAttributes.Where(value => attributes.Contains(value.Key) && Sees($"custom.{value.Key}"))
                .ToDictionary(value => value.Key, value => AttributeValue.Parse(value.Value), StringComparer.Ordinal),
            Context = ShowContext(contact.Rules.Disclosure, ContextPath, all.Context, viewer),
            CreatedAt = all.CreatedAt,
        };

        bool Sees(string path) => IsDisclosed(contact.Rules.Disclosure, path, viewer);
    }

    /// <summary>The volatile context a viewer may see. It belongs to the contact itself: what was merged into it does not bring its own.</summary>
    public static VolatileContextState ShowVolatile(Dossier contact, Viewer viewer)
    {
        ArgumentNullException.ThrowIfNull(contact);
        ArgumentNullException.ThrowIfNull(viewer);
        return new(contact.Record.MergedInto is not null
            ? []
            : ShowContext(contact.Rules.Disclosure, ContextPath, contact.Volatile, viewer));
    }

    /// <summary>Of context information what counts and a viewer may see; a location as exactly as the viewer may know it (RCC-47).</summary>
    /// <param name="rules">Who may see what.</param>
    /// <param name="path">What is before the names: <see cref="ContextPath"/> or <see cref="AgentContext.Path"/>.</param>
    /// <param name="entries">Everything that is known.</param>
    /// <param name="viewer">Who looks.</param>
    public static IReadOnlyList<ContextValue> ShowContext(DisclosureRecord rules, string path, IEnumerable<ContextEntry> entries, Viewer viewer) =>
        [.. ContextInformation.Effective(entries).Where(entry => IsDisclosed(rules, path + entry.Name, viewer)).Select(entry => Reduced(entry.ToValue(), RuleFor(rules, path + entry.Name, viewer))).OfType<ContextValue>()];

    /// <summary>A value as a rule gives it; null when it gives nothing. What is in the place of a location and is none cannot be reduced, so it is hidden.</summary>
    static ContextValue? Reduced(ContextValue value, DisclosureRule? rule)
    {
        if (rule?.ProvideLocation is not { } provided || !LocationForm.IsLocation(value.Name))
        {
            return value;
        }

        return LocationForm.Find(value.Value) is { } location && provided.Of(location) is { } reduced ? value with { Value = JsonSerializer.SerializeToElement(reduced, ContractJson.Default.Location) } : null;
    }

    /// <summary>Whether a viewer may see an attribute: <c>email</c>, <c>identifier</c>, <c>address.{kind}</c>, <c>label.{name}</c>, <c>custom.{key}</c>, <c>context.{name}</c>, <c>agent_context.{name}</c>.</summary>
    public static bool IsDisclosed(DisclosureRecord rules, string path, Viewer viewer)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(viewer);
        return RuleFor(rules, path, viewer) is { } first
            ? first.Handling == DisclosureHandling.Allow
            : viewer.Role != Role.Agent || viewer.Serves || !(path.StartsWith(ContextPath, StringComparison.Ordinal) || path.StartsWith(AgentContext.Path, StringComparison.Ordinal));
    }

    /// <summary>A search for a text as a viewer may make it: by nothing that the viewer may not see. It is the same for all contacts, so it is judged before any is read.</summary>
    public static ContactSearch SearchFor(DisclosureRecord rules, Viewer viewer, string text) => new(
        text,
        IsDisclosed(rules, "email", viewer),
        IsDisclosed(rules, "identifier", viewer),
        [.. Enum.GetValues<AddressKind>().Where(kind => IsDisclosed(rules, PathOf(kind), viewer))]);

    /// <summary>Whether a viewer may see what a filter names, of any contact.</summary>
    public static bool MayFindBy(DisclosureRecord rules, Viewer viewer, Tags tags)
    {
        ArgumentNullException.ThrowIfNull(tags);
        return (tags.Label is not { } label || IsDisclosed(rules, $"label.{label}", viewer))
            && (tags.Attribute is not { } attribute || IsDisclosed(rules, $"custom.{attribute.Key}", viewer));
    }

    /// <summary>
    /// A search for subscriptions as a person may make it: by none that it may not see of that contact; null when it may see none. What is the same for all contacts is judged before any is read; whom an agent serves
    /// the store knows.
    /// </summary>
    public static SubscriptionQuery? SubscriptionsFor(DisclosureRecord rules, Viewer viewer, Guid person, SubscriptionFilter filter, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(viewer);
        ArgumentNullException.ThrowIfNull(filter);
        var beginning = $"{ContextPath}{SubscriptionValue.Prefix}{filter.Service}";
        var asked = ImmutableArray.CreateBuilder<NameRule>();
        var isDecided = false;
        foreach (var rule in rules.Rules.Where(rule => IsFor(rule, viewer)))
        {
            var (text, isPrefix) = rule.Pattern.EndsWith('*') ? (rule.Pattern[..^1], true) : (rule.Pattern, false);
            isDecided = isPrefix && beginning.StartsWith(text, StringComparison.Ordinal);
            if (isDecided || text.StartsWith(beginning, StringComparison.Ordinal))
            {
                asked.Add(new(text.Length > ContextPath.Length ? text[ContextPath.Length..] : "", isPrefix, rule.Handling == DisclosureHandling.Allow));
            }

            if (isDecided)
            {
                break;
            }
        }

        return isDecided && asked.All(rule => !rule.Allows)
            ? null
            : new() { Filter = filter, At = at, Rules = asked.ToImmutable(), ServedBy = viewer.Role == Role.Agent ? person : null };
    }

    /// <summary>The path of addresses of a kind.</summary>
    public static string PathOf(AddressKind kind) => kind switch
    {
        AddressKind.Tel => "address.tel",
        AddressKind.Mailto => "address.mailto",
        AddressKind.Sip => "address.sip",
        AddressKind.Web => "address.web",
        _ => throw new InvalidOperationException($"Address kind {kind} has no path."),
    };

    /// <summary>Whether a pattern can fit anything that rules are about.</summary>
    public static bool IsPattern(string? pattern)
    {
        const int maxLength = 160;
        if (pattern is not { Length: >= 1 and <= maxLength } || pattern.Any(character => character is <= ' ' or >= '\u007f') || pattern.IndexOf('*', StringComparison.Ordinal) is >= 0 and var star && star < pattern.Length - 1)
        {
            return false;
        }

        string[] prefixes = ["address.", "label.", "custom.", ContextPath, AgentContext.Path];
        return pattern is "*" or "email" or "identifier" || prefixes.Any(prefix => pattern.StartsWith(prefix, StringComparison.Ordinal) && pattern.Length > prefix.Length);
    }

    static DisclosureRule? RuleFor(DisclosureRecord rules, string path, Viewer viewer) => rules.Rules.FirstOrDefault(rule => IsFor(rule, viewer) && IsAbout(rule, path));

    static bool IsFor(DisclosureRule rule, Viewer viewer) => (rule.Role is null || rule.Role == viewer.Role) && (rule.GroupId is null || rule.GroupId == viewer.GroupId);

    /// <summary>Whether a rule is about an attribute, whoever looks.</summary>
    internal static bool IsAbout(DisclosureRule rule, string path) => rule.Pattern.EndsWith('*')
        ? path.AsSpan().StartsWith(rule.Pattern.AsSpan()[..^1], StringComparison.Ordinal)
        : string.Equals(path, rule.Pattern, StringComparison.Ordinal);
}

/// <summary>Who looks.</summary>
/// <param name="Role">As what.</param>
/// <param name="GroupId">An agent's group.</param>
/// <param name="Serves">An agent who takes part in an open conversation of the customer; of an agent's context: the agent itself, or one who supervises it.</param>
public sealed record Viewer(Role Role, Guid? GroupId, bool Serves);

/// <summary>The rules of disclosure of a tenant: the state of its item, which no device ever gets.</summary>
public sealed record DisclosureRecord
{
    /// <summary>The first that fits decides.</summary>
    public ImmutableArray<DisclosureRule> Rules { get; init; } = [];

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, RecordJson.Default.DisclosureRecord);

    public static DisclosureRecord OfJson(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, RecordJson.Default.DisclosureRecord) ?? throw new InvalidOperationException("Rules of disclosure are stored without a state.");
}

/// <summary>One rule of disclosure.</summary>
[GenerateSerializer, Immutable, Alias("rcc.customers.DisclosureRule")]
public sealed record DisclosureRule
{
    /// <summary>Which attributes: a path, or the beginning of paths and <c>*</c>.</summary>
    [Id(0)] public required string Pattern { get; init; }

    /// <summary>For whom; absent: everybody.</summary>
    [Id(1)] public Role? Role { get; init; }

    /// <summary>For agents of this group only.</summary>
    [Id(2)] public Guid? GroupId { get; init; }

    [Id(3)] public required DisclosureHandling Handling { get; init; }

    /// <summary>How exactly a location is given; absent: as it is. Of no effect on anything else.</summary>
    [Id(4)] public ProvideLocation? ProvideLocation { get; init; }
}

/// <summary>What a rule does (RFC 5025 <c>sub-handling</c>).</summary>
public enum DisclosureHandling
{
    /// <summary>May see it.</summary>
    Allow = 0,

    /// <summary>Sees nothing and is not told so: polite-block.</summary>
    Hide,

    /// <summary>As <see cref="Hide"/>, until somebody has confirmed by turning the rule into <see cref="Allow"/>.</summary>
    Confirm,
}
