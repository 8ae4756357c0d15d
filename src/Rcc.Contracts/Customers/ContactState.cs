using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rcc.Contracts.Customers;

/// <summary>
/// A customer as the person whose device this is may see it (RCC-41, RCC-52): an agent gets it while it serves an open conversation of the customer. What the account's disclosure rules hide is absent, as if it were not
/// known. A contact that was merged into another has <see cref="MergedInto"/> and nothing else: look there.
/// </summary>
public sealed record ContactState
{
    /// <summary>Absent while unknown.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    /// <summary>The e-mail address the customer gave, unproven; proven ones are among <see cref="Addresses"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Email { get; init; }

    /// <summary>The account's own id for the customer.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Identifier { get; init; }

    /// <summary>Where the customer can be reached, in the order they were added.</summary>
    public IReadOnlyList<ContactAddress> Addresses { get; init; } = [];

    /// <summary>Names of labels (<see cref="ContactSettingsState.Labels"/>), sorted.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Values of the account's own attributes by their key (<see cref="ContactSettingsState.CustomAttributes"/>).</summary>
    public IReadOnlyDictionary<string, JsonElement> CustomAttributes { get; init; } = new Dictionary<string, JsonElement>(StringComparer.Ordinal);

    /// <summary>Persistent context information, one value for each name. The volatile ones are in an item of their own, <see cref="Sync.ItemKinds.VolatileContext"/>.</summary>
    public IReadOnlyList<ContextValue> Context { get; init; } = [];

    /// <summary>When the customer was first known (UTC).</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The contact this one was merged into.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? MergedInto { get; init; }
}

/// <summary>Where a customer can be reached. Unique in the account by kind and value.</summary>
/// <param name="Kind">What kind of address.</param>
/// <param name="Value">In canonical form, without the scheme.</param>
/// <param name="Verified">Somebody of the account, or a channel, has made sure that it is the customer's.</param>
public sealed record ContactAddress(AddressKind Kind, string Value, bool Verified);

/// <summary>The kinds of addresses.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AddressKind>))]
public enum AddressKind
{
    /// <summary>A telephone number (RFC 3966), in E.164: <c>+</c> and 2 … 15 digits.</summary>
    [JsonStringEnumMemberName("tel")] Tel = 0,

    /// <summary>An e-mail address (RFC 6068), in lower case.</summary>
    [JsonStringEnumMemberName("mailto")] Mailto,

    /// <summary>A SIP address of record (RFC 3261 §19.1), host in lower case, without parameters.</summary>
    [JsonStringEnumMemberName("sip")] Sip,

    /// <summary>A page or profile on the web: an <c>http</c> or <c>https</c> URL in normal form.</summary>
    [JsonStringEnumMemberName("web")] Web,
}

/// <summary>
/// One piece of context information (RCC-40 … 46) about a customer or an agent. Where several values of one name are given, the lowest <see cref="Source"/> counts: manual before inferred before database, and volatile before
/// persistent of the same source. A value that is gone says nothing; it is not the opposite.
/// </summary>
public sealed record ContextValue
{
    /// <summary>Namespaced, <c>{namespace}:{name}</c>: 3 … 128 visible characters. Names the server does not know are kept and given on as they came (RCC-51).</summary>
    public required string Name { get; init; }

    /// <summary>Any JSON value, as it was set; of <see cref="Location.ContextName"/> a <see cref="Location"/>, as exactly as the person may know it.</summary>
    public required JsonElement Value { get; init; }

    /// <summary>Where it comes from.</summary>
    public required ContextSource Source { get; init; }

    /// <summary>Who set it; absent for the server itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? SetBy { get; init; }

    /// <summary>When it was set (UTC).</summary>
    public required DateTimeOffset SetAt { get; init; }

    /// <summary>From when on it does not count any more (UTC); a device drops it then by itself. Absent: it stays until it is cleared.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Since when the database it was looked up in has not confirmed it (UTC); absent: it is fresh.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? StaleSince { get; init; }

    /// <summary>The conversation it was inferred from; it is removed when that one is resolved.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? ConversationId { get; init; }
}

/// <summary>Where a piece of context information comes from; the lower one wins.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ContextSource>))]
public enum ContextSource
{
    /// <summary>Somebody said so (RCC-44).</summary>
    [JsonStringEnumMemberName("manual")] Manual = 0,

    /// <summary>It follows from something else (RCC-45).</summary>
    [JsonStringEnumMemberName("inferred")] Inferred,

    /// <summary>It was looked up (RCC-46).</summary>
    [JsonStringEnumMemberName("database")] Database,
}

/// <summary>Context information that is not kept durably (RCC-42): it is in no backup, is lost when the database crashes, and always expires.</summary>
/// <param name="Context">One value for each name; empty when there is none.</param>
public sealed record VolatileContextState(IReadOnlyList<ContextValue> Context);
