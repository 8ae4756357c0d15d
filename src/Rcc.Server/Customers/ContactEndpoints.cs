using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rcc.Core.Access;
using Rcc.Server.Access;

namespace Rcc.Server.Customers;

/// <summary>Contacts: the customers of an account, and the public way in for them.</summary>
internal static class ContactEndpoints
{
    const int MaxInboxIdentifier = 100;

    /// <summary>What an account knows of its customers.</summary>
    public static void MapContacts(this IEndpointRouteBuilder account)
    {
        var contacts = account.MapGroup("/contacts").WithTags("contacts");
        contacts.MapGet("", ListAsync).WithName("listContacts").WithSummary("Lists contacts, oldest first: all, or those with a label, with a value of one of the account's own attributes, with a subscription, or with all that is asked for.");
        contacts.MapPost("", CreateAsync).WithName("createContact").WithSummary("Makes a contact.");
        contacts.MapGet("/search", SearchAsync).WithName("searchContacts")
            .WithSummary("Finds contacts by the beginnings of words of their name, by the beginning of their e-mail address or an address, or by their identifier; an address with its scheme (tel:…) in any form. Of them all, or those with a subscription.");
        contacts.MapGet("/{contact_id:guid}", FindAsync).WithName("getContact").WithSummary("One contact, as the caller may see it; of one that was merged, the one it was merged into.");
        contacts.MapContactEdits();
    }

    /// <summary>How customers come in.</summary>
    public static void MapCustomerSessions(this IEndpointRouteBuilder api) =>
        api.MapPost("/inboxes/{inbox_identifier}/contacts", BeginSessionAsync).AllowAnonymous().WithTags("client").WithName("beginContactSession")
            .WithSummary("Begins a session of a customer: anonymous, or with an identifier signed by the account (HMAC-SHA256, hex, keyed with the inbox's identity secret).");

    static Task<Results<Ok<Page<Contact>>, Refusal>> ListAsync(
        SignedIn caller,
        ContactDoor door,
        [AsParameters] PageParameters page,
        string? label,
        [FromQuery(Name = "attribute_key")] string? attributeKey,
        [FromQuery(Name = "attribute_value")] string? attributeValue,
        [AsParameters] SubscriptionParameters subscription,
        CancellationToken cancellationToken) =>
        page.ReadAsync(from => door.ListAsync(caller, new(label, attributeKey, attributeValue), subscription.ToFilter(), from, cancellationToken), Contact.Of, c => c.Id);

    static Task<Results<Created<Created>, Refusal>> CreateAsync([AsParameters] CommandTo<ContactDoor> to, NewContact body) =>
        to.Door.CreateAsync(
            to.Caller,
            new()
            {
                Name = body.Name, Email = body.Email, Identifier = body.Identifier,
                Addresses = [.. (body.Addresses ?? []).Select(address => new Contracts.Customers.ContactAddress(address.Kind, address.Value, address.Verified ?? false))],
            },
            to.Attempt,
            to.CancellationToken).ToCreatedAsync();

    static async Task<Results<Ok<Contact>, Refusal>> FindAsync(
        SignedIn caller, ContactDoor door, [FromRoute(Name = "contact_id")] Guid contactId, CancellationToken cancellationToken) =>
        (await door.FindAsync(caller, contactId, cancellationToken)).ToResult(Contact.Of);

    static async Task<Results<Ok<Page<Contact>>, Refusal>> SearchAsync(
        SignedIn caller, ContactDoor door, string? q, [AsParameters] SubscriptionParameters subscription, [AsParameters] PageParameters page, CancellationToken cancellationToken) =>
        Cursor.TryRead(page.Cursor, page.Limit, out var pageOf)
            ? (await door.SearchAsync(caller, q, subscription.ToFilter(), pageOf, cancellationToken)).ToPage(Contact.Of, c => Cursor.Of(c.Id))
            : new Refusal(Cursor.Refusal);

    static async Task<Results<Created<ContactSession>, Refusal>> BeginSessionAsync(
        [FromRoute(Name = "inbox_identifier")] string inboxIdentifier, NewContactSession body, HttpContext http, ContactDoor door, SignInLimits limits, CancellationToken cancellationToken)
    {
        if (inboxIdentifier.Length > MaxInboxIdentifier) return Refusals.Refuse(ErrorCode.NotFound);
        if (limits.RefuseSession(inboxIdentifier, http.Connection.RemoteIpAddress) is { } tooMany) return new Refusal(tooMany);

        var credential = Secret.Make(SecretKind.Contact);
        var origin = http.Request.Headers.Origin.ToString();
        var session = await door.BeginSessionAsync(
            inboxIdentifier,
            new()
            {
                Identifier = body.Identifier,
                IdentifierHash = body.IdentifierHash,
                Name = body.Name,
                Email = body.Email,
                Origin = origin.Length == 0 ? null : origin,
                Device = new() { DeviceName = body.DeviceName ?? "Device", CredentialHash = credential.Hash },
            },
            cancellationToken);
        if (!session.IsOk) return new Refusal(session.Outcome);
        return TypedResults.Created((string?)null, new ContactSession(credential.Reveal(), session.Value.Tenant.Value, session.Value.ContactId, session.Value.DeviceId));
    }
}

/// <summary>What a customer comes in with.</summary>
/// <param name="Identifier">The account's own id for the customer; absent: anonymous.</param>
/// <param name="IdentifierHash">Hex HMAC-SHA256 of the identifier with the inbox's identity secret.</param>
/// <param name="Name">Shown to agents.</param>
/// <param name="Email">Where the customer can be reached.</param>
/// <param name="DeviceName">What the customer's device is called: 1 … 100 characters.</param>
internal sealed record NewContactSession(
    string? Identifier = null, string? IdentifierHash = null, string? Name = null, string? Email = null, string? DeviceName = null);

/// <summary>A customer's new session.</summary>
internal sealed record ContactSession(string AccessToken, Guid AccountId, Guid PersonId, Guid DeviceId);
