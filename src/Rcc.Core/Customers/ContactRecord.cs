using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rcc.Contracts.Customers;

namespace Rcc.Core.Customers;

/// <summary>Everything durable that is kept of one contact: the state of its item, which no device ever gets. What a person may see of it is made from it.</summary>
public sealed record ContactRecord
{
    internal static ImmutableSortedDictionary<string, string> NoAttributes { get; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    public string? Name { get; init; }

    public string? Email { get; init; }

    public string? Identifier { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public ImmutableArray<ContactAddress> Addresses { get; init; } = [];

    public ImmutableArray<string> Labels { get; init; } = [];

    /// <summary>JSON texts by key.</summary>
    public ImmutableSortedDictionary<string, string> CustomAttributes { get; init; } = NoAttributes;

    public ImmutableArray<ContextEntry> Context { get; init; } = [];

    /// <summary>Until when what the tenant's own server said is as good as new; absent before the first lookup.</summary>
    public DateTimeOffset? FreshUntil { get; init; }

    /// <summary>How the customer's profile was looked up last; absent before the first lookup.</summary>
    public ProfileReading? Profile { get; init; }

    /// <summary>The contacts merged into this one, in the order they were. Each keeps its own record, so that unmerging gives back exactly what it had.</summary>
    public ImmutableArray<Guid> Merged { get; init; } = [];

    /// <summary>The contact this one was merged into.</summary>
    public Guid? MergedInto { get; init; }

    /// <summary>When it was erased: then there is nothing else, and never will be.</summary>
    public DateTimeOffset? ErasedAt { get; init; }

    /// <summary>Whose devices were given a view. They are part of the record, so that who decides without knowing all of them is fenced: it would leave the others behind.</summary>
    public ImmutableArray<Guid> Viewers { get; init; } = [];

    /// <summary>Until when what was looked up there is as good as new.</summary>
    internal DateTimeOffset? FreshUntilOf(LookupOrigin origin) => origin == LookupOrigin.Profile ? Profile?.FreshUntil : FreshUntil;

    /// <summary>The record after a lookup.</summary>
    internal ContactRecord LookedUp(LookupOrigin origin, ImmutableArray<ContextEntry> context, DateTimeOffset freshUntil, DocumentVersion? document) => origin == LookupOrigin.Profile
        ? this with { Context = context, Profile = new(freshUntil, document) }
        : this with { Context = context, FreshUntil = freshUntil };

    /// <summary>The record with less context. A document that says unchanged does not bring back what was taken away, so it is read whole the next time.</summary>
    internal ContactRecord Without(string name, ContextSource? source)
    {
        var rest = ContextInformation.Clear(Context, name, source);
        return rest.Length == Context.Length ? this : this with { Context = rest, Profile = Profile is null ? null : Profile with { Document = null } };
    }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, RecordJson.Default.ContactRecord);

    public static ContactRecord OfJson(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, RecordJson.Default.ContactRecord) ?? throw new InvalidOperationException("A contact is stored without a state.");
}

/// <summary>The volatile context of one principal: the state of an item that is not durable. Empty once it is lost.</summary>
public sealed record VolatileRecord
{
    public ImmutableArray<ContextEntry> Context { get; init; } = [];

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, RecordJson.Default.VolatileRecord);

    public static VolatileRecord OfJson(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, RecordJson.Default.VolatileRecord) ?? throw new InvalidOperationException("Volatile context is stored without a state.");
}

/// <summary>How the room's own records look as JSON.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ContactRecord))]
[JsonSerializable(typeof(AgentContextRecord))]
[JsonSerializable(typeof(VolatileRecord))]
[JsonSerializable(typeof(PresenceRecord))]
[JsonSerializable(typeof(DisclosureRecord))]
[JsonSerializable(typeof(LookupRecord))]
internal sealed partial class RecordJson : JsonSerializerContext;
