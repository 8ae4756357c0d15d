using System.Text.Json;
using Rcc.Contracts.Customers;
using Rcc.Core.Access;
using Rcc.Server.Conversations;

namespace Rcc.Server.Customers;

/// <summary>A customer, as the caller may see it. What the account's disclosure rules hide looks as if it were not known.</summary>
/// <param name="Id">The contact.</param>
/// <param name="Name">Null while unknown.</param>
/// <param name="Email">What the customer gave, unproven; null while unknown.</param>
/// <param name="Identifier">The account's own id for the customer, verified; null for anonymous ones.</param>
/// <param name="Addresses">Where the customer can be reached.</param>
/// <param name="Labels">Titles of labels.</param>
/// <param name="CustomAttributes">The account's own attributes.</param>
/// <param name="Context">Context information: of each name the value that counts.</param>
/// <param name="MergedContactIds">Contacts that were merged into it; their ids lead here.</param>
/// <param name="CreatedAt">When the customer first came in (UTC).</param>
internal sealed record Contact(
    Guid Id,
    string? Name,
    string? Email,
    string? Identifier,
    IReadOnlyList<ContactAddress> Addresses,
    IReadOnlyList<string> Labels,
    IReadOnlyDictionary<string, JsonElement> CustomAttributes,
    IReadOnlyList<ContextInformation> Context,
    IReadOnlyList<Guid> MergedContactIds,
    DateTimeOffset CreatedAt)
{
    public static Contact Of(ContactSheet contact) => new(
        contact.Id,
        contact.State.Name,
        contact.State.Email,
        contact.State.Identifier,
        contact.State.Addresses,
        contact.State.Labels,
        contact.State.CustomAttributes,
        ContextInformation.Of(contact.State.Context, contact.Volatile),
        contact.Merged,
        contact.State.CreatedAt);
}

/// <summary>A piece of context information.</summary>
/// <param name="Name">As <c>namespace:name</c>.</param>
/// <param name="Value">Any JSON, as it was set; a location (<c>geopriv:location</c>) as exactly as the caller may know it.</param>
/// <param name="Source">Manual counts before inferred, inferred before what was looked up in a database.</param>
/// <param name="SetBy">Who set it; null for the server itself.</param>
/// <param name="SetAt">When (UTC).</param>
/// <param name="ExpiresAt">Until when it counts (UTC); null: until it is cleared.</param>
/// <param name="StaleSince">Since when the database has not confirmed it (UTC); null while it does.</param>
/// <param name="ConversationId">The conversation it was inferred from.</param>
/// <param name="Volatile">Not durable: in no backup, and lost when the database crashes.</param>
internal sealed record ContextInformation(
    string Name, JsonElement Value, ContextSource Source, Guid? SetBy, DateTimeOffset SetAt, DateTimeOffset? ExpiresAt, DateTimeOffset? StaleSince, Guid? ConversationId, bool Volatile)
{
    /// <summary>Of each name the value that counts: by source, and of one source the volatile one.</summary>
    public static IReadOnlyList<ContextInformation> Of(IEnumerable<ContextValue> durable, IEnumerable<ContextValue> fleeting) =>
    [
        .. fleeting.Select(value => Of(value, isVolatile: true)).Concat(durable.Select(value => Of(value, isVolatile: false)))
            .GroupBy(value => value.Name, StringComparer.Ordinal).OrderBy(same => same.Key, StringComparer.Ordinal).Select(same => same.MinBy(value => value.Source)!),
    ];

    static ContextInformation Of(ContextValue value, bool isVolatile) =>
        new(value.Name, value.Value, value.Source, value.SetBy, value.SetAt, value.ExpiresAt, value.StaleSince, value.ConversationId, isVolatile);
}

/// <summary>A contact to make.</summary>
/// <param name="Name">1 … 100 characters.</param>
/// <param name="Email">An e-mail address.</param>
/// <param name="Identifier">The account's own id, unique; for access tokens only.</param>
/// <param name="Addresses">Where the customer can be reached.</param>
internal sealed record NewContact(string? Name = null, string? Email = null, string? Identifier = null, IReadOnlyList<AddressBody>? Addresses = null);

/// <summary>What to change of a contact; absent members stay.</summary>
/// <param name="Name">1 … 100 characters; empty takes it away.</param>
/// <param name="Email">An e-mail address; empty takes it away.</param>
/// <param name="Identifier">The account's own id; for access tokens only.</param>
/// <param name="CustomAttributes">Attributes to set; null takes one away.</param>
internal sealed record ContactPatch(string? Name = null, string? Email = null, string? Identifier = null, IReadOnlyDictionary<string, JsonElement>? CustomAttributes = null);

/// <summary>An address, in any form people write it in.</summary>
/// <param name="Kind">What kind.</param>
/// <param name="Value">With or without its scheme.</param>
/// <param name="Verified">Somebody has made sure that it is the customer's; absent: no, or as it was.</param>
internal sealed record AddressBody(AddressKind Kind, string Value, bool? Verified = null);

/// <summary>All labels a contact is to have.</summary>
internal sealed record LabelsOfContact(IReadOnlyList<string> Labels);

/// <summary>A piece of context information to set.</summary>
/// <param name="Name">As <c>namespace:name</c>, at most 128 visible ASCII characters; any name is kept and given on as it came.</param>
/// <param name="Value">
/// Any JSON. Of <c>geopriv:location</c> a location: <c>{"geodetic":{"latitude","longitude","altitude","uncertainty"},"civic":{"country","A1",…},"method","timestamp"}</c> with one of the first two, in degrees of WGS 84, metres, and elements of RFC 5139.
/// Of <c>subscription:{service}</c>, and <c>subscription:{service}/{which}</c> where there are several to one service, which are of contacts alone and never volatile: an object with <c>status</c> (pending, trial, active,
/// past_due, suspended, ended), and, if known, <c>plan</c>, <c>since</c> and <c>until</c> (RFC 3339 full-date or date-time), <c>reference</c>, and whatever else the account keeps with it.
/// </param>
/// <param name="Source">Manual or inferred.</param>
/// <param name="Volatile">Not durable; it always expires.</param>
/// <param name="LifetimeSeconds">How long it counts; absent: until it is cleared, or for some minutes when volatile.</param>
/// <param name="ConversationId">The open conversation it is inferred from: it goes with it.</param>
internal sealed record NewContextInformation(
    string Name, JsonElement Value, ContextSource Source = ContextSource.Manual, bool Volatile = false, int? LifetimeSeconds = null, Guid? ConversationId = null)
{
    public SetContext ToCommand() => new()
    {
        Number = ConversationEndpoints.Unnumbered, Name = Name, Value = Value, Source = Source, Volatile = Volatile, LifetimeSeconds = LifetimeSeconds, ConversationId = ConversationId,
    };
}

/// <summary>Another contact.</summary>
internal sealed record OtherContact(Guid ContactId);
