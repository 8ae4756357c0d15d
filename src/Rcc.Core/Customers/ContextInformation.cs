using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rcc.Contracts.Customers;

namespace Rcc.Core.Customers;

/// <summary>
/// The rules of context information (RCC-40 … 49), the same for customers and agents. Pure. Each source says at most one thing of each name; the lowest source counts, and what it hides comes back when it is cleared or expires.
/// </summary>
public static class ContextInformation
{
    public const int MaxNameLength = 128;

    /// <summary>Whether a name is namespaced and visible; nothing else is asked of it, so that names nobody here knows pass unmodified (RCC-51).</summary>
    public static bool IsName(string? name) =>
        name is { Length: >= 3 and <= MaxNameLength } && name.IndexOf(':', StringComparison.Ordinal) is >= 1 and var colon && colon < name.Length - 1
        && name.All(character => character is > ' ' and < '\u007f');

    /// <summary>The entries with one added, or put in the place of what its source said of the name before.</summary>
    public static ImmutableArray<ContextEntry> Set(ImmutableArray<ContextEntry> entries, ContextEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return
        [
            .. entries.RemoveAll(other => string.Equals(other.Name, entry.Name, StringComparison.Ordinal) && other.Source == entry.Source && other.Origin == entry.Origin).Add(entry)
                .OrderBy(other => other.Name, StringComparer.Ordinal).ThenBy(other => other.Source).ThenBy(other => other.Origin),
        ];
    }

    /// <summary>Durable and volatile entries with one added to one of them. A source says one thing of a name, durable or not.</summary>
    public static (ImmutableArray<ContextEntry> Durable, ImmutableArray<ContextEntry> Volatile) Set(
        ImmutableArray<ContextEntry> durable, ImmutableArray<ContextEntry> fleeting, ContextEntry entry, bool isVolatile)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var (rest, fleetingRest) = (Clear(durable, entry.Name, entry.Source), Clear(fleeting, entry.Name, entry.Source));
        return isVolatile ? (rest, Set(fleetingRest, entry)) : (Set(rest, entry), fleetingRest);
    }

    /// <summary>The entries without what a source says of a name; without <paramref name="source"/>: what any does.</summary>
    public static ImmutableArray<ContextEntry> Clear(ImmutableArray<ContextEntry> entries, string name, ContextSource? source) =>
        entries.RemoveAll(entry => string.Equals(entry.Name, name, StringComparison.Ordinal) && (source is null || entry.Source == source));

    /// <summary>
    /// The entries that count still: not expired, and inferred only from what goes on. What was looked up where it is <paramref name="refreshed"/> is not taken from under the eyes of who serves the customer: when its time
    /// is over it is marked as stale until the next answer.
    /// </summary>
    public static ImmutableArray<ContextEntry> Current(ImmutableArray<ContextEntry> entries, DateTimeOffset now, IReadOnlyCollection<Guid> openConversations, ImmutableArray<LookupOrigin> refreshed) =>
        [.. entries.Select(entry => entry.Source == ContextSource.Database && entry.ExpiresAt <= now && refreshed.Contains(entry.Origin) ? Lapsed(entry) : entry)
            .Where(entry => !(entry.ExpiresAt <= now) && (!entry.HasLapsed || refreshed.Contains(entry.Origin)) && (entry.ConversationId is not { } cause || openConversations.Contains(cause)))];

    static ContextEntry Lapsed(ContextEntry entry) => entry with { ExpiresAt = null, StaleSince = entry.StaleSince ?? entry.ExpiresAt, HasLapsed = true };

    /// <summary>What a lookup found takes the place of all that was found there before. What is not of the shape its name asks for counts as not found, and spoils nothing else.</summary>
    public static ImmutableArray<ContextEntry> LookedUp(ImmutableArray<ContextEntry> entries, LookupOrigin origin, IEnumerable<FoundContext> values, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(values);
        return values.Where(IsOfShape).Aggregate(
            entries.RemoveAll(entry => IsFrom(entry, origin)),
            (all, value) => Set(all, new() { Name = value.Name, Json = value.Json, Source = ContextSource.Database, Origin = origin, SetAt = at, ExpiresAt = at + value.Lifetime }));
    }

    /// <summary>Whether a value is of the shape its name asks for; names nobody here knows ask for none.</summary>
    public static bool IsOfShape(FoundContext value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return LocationForm.Refuse(value.Name, value.Json) is null && Subscription.Refuse(value) is null;
    }

    /// <summary>A lookup failed: what was found there before stays, and says since when it is not confirmed any more.</summary>
    public static ImmutableArray<ContextEntry> NotLookedUp(ImmutableArray<ContextEntry> entries, LookupOrigin origin, DateTimeOffset at) =>
        [.. entries.Select(entry => IsFrom(entry, origin) ? entry with { StaleSince = entry.StaleSince ?? at } : entry)];

    /// <summary>A lookup found that all is as it was: nobody doubts it any more.</summary>
    public static ImmutableArray<ContextEntry> Confirmed(ImmutableArray<ContextEntry> entries, LookupOrigin origin) =>
        [.. entries.Select(entry => IsFrom(entry, origin) ? entry with { StaleSince = null } : entry)];

    static bool IsFrom(ContextEntry entry, LookupOrigin origin) => entry.Source == ContextSource.Database && entry.Origin == origin;

    /// <summary>What counts: of each name the lowest source, and the lowest origin of what was looked up.</summary>
    public static IEnumerable<ContextEntry> Effective(IEnumerable<ContextEntry> entries) =>
        entries.GroupBy(entry => entry.Name, StringComparer.Ordinal).OrderBy(same => same.Key, StringComparer.Ordinal).Select(same => same.MinBy(entry => (entry.Source, entry.Origin))!);

    /// <summary>When the first entry expires; null when none does.</summary>
    public static DateTimeOffset? NextExpiry(IEnumerable<ContextEntry> entries) => entries.Min(entry => entry.ExpiresAt);

    /// <summary>Bytes the entries take, as they are counted against limits.</summary>
    public static int Size(IEnumerable<ContextEntry> entries) => entries.Sum(entry => entry.Name.Length + System.Text.Encoding.UTF8.GetByteCount(entry.Json));
}

/// <summary>What one source says of one name.</summary>
public sealed record ContextEntry
{
    public required string Name { get; init; }

    /// <summary>The value as JSON text, as it was given.</summary>
    public required string Json { get; init; }

    public required ContextSource Source { get; init; }

    /// <summary>Where it was found, of what was looked up.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public LookupOrigin Origin { get; init; }

    public Guid? SetBy { get; init; }

    public required DateTimeOffset SetAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? StaleSince { get; init; }

    /// <summary>The conversation it was inferred from.</summary>
    public Guid? ConversationId { get; init; }

    /// <summary>Its time is over, and it is shown, as stale, only while it is looked up again for who serves the customer.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool HasLapsed { get; init; }

    /// <summary>As devices see it.</summary>
    public ContextValue ToValue()
    {
        using var json = JsonDocument.Parse(Json);
        return new()
        {
            Name = Name, Value = json.RootElement.Clone(), Source = Source, SetBy = SetBy, SetAt = SetAt, ExpiresAt = ExpiresAt, StaleSince = StaleSince, ConversationId = ConversationId,
        };
    }
}
