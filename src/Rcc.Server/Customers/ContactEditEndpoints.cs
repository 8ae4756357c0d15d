using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rcc.Contracts.Customers;
using Rcc.Core.Access;
using Rcc.Server.Access;

namespace Rcc.Server.Customers;

/// <summary>Changing what is kept of a contact.</summary>
internal static class ContactEditEndpoints
{
    public static void MapContactEdits(this IEndpointRouteBuilder contacts)
    {
        var contact = contacts.MapGroup("/{contact_id:guid}");
        contact.MapPatch("", EditAsync).WithName("changeContact").WithSummary("Changes name, e-mail address or attributes of a contact.");
        contact.MapDelete("", EraseAsync).WithName("eraseContact")
            .WithSummary("Erases a contact, and all that was merged into it, for ever: who it is, what is known of it, its sessions. What was said stays, without saying by whom. Refused while it has an open conversation.");
        contact.MapPost("/labels", SetLabelsAsync).WithName("setContactLabels").WithSummary("Says which labels a contact has.");
        contact.MapPost("/addresses", PutAddressAsync).WithName("putContactAddress").WithSummary("Adds an address to a contact, or says that it is verified.");
        contact.MapDelete("/addresses", RemoveAddressAsync).WithName("removeContactAddress").WithSummary("Takes an address from a contact.");
        contact.MapPost("/context/lookup", LookUpAsync).WithName("lookUpContactContext").WithSummary("Asks again, wherever the account has context looked up, what is known of the contact; the answers come to whoever serves it.");
        contact.MapPost("/merge", MergeAsync).WithName("mergeContact").WithSummary("Merges another contact into this one.");
        contact.MapPost("/unmerge", UnmergeAsync).WithName("unmergeContact").WithSummary("Gives a merged contact back to itself, with what it had.");
    }

    static Task<Results<NoContent, Refusal>> EditAsync([AsParameters] CommandTo<ContactEditDoor> to, [FromRoute(Name = "contact_id")] Guid contactId, ContactPatch body)
    {
        var edit = new EditContact
        {
            Name = body.Name,
            Email = body.Email,
            Identifier = body.Identifier,
            CustomAttributes = (body.CustomAttributes ?? ImmutableDictionary<string, JsonElement>.Empty).ToImmutableSortedDictionary(value => value.Key, value => value.Value.GetRawText(), StringComparer.Ordinal),
        };
        return to.Door.EditAsync(to.Caller, contactId, edit, to.Attempt, to.CancellationToken).ToNoContentAsync();
    }

    static Task<Results<NoContent, Refusal>> EraseAsync([AsParameters] CommandTo<ContactEraseDoor> to, [FromRoute(Name = "contact_id")] Guid contactId) =>
        to.Door.EraseAsync(to.Caller, contactId, to.Attempt, to.CancellationToken).ToNoContentAsync();

    static Task<Results<NoContent, Refusal>> SetLabelsAsync([AsParameters] CommandTo<ContactEditDoor> to, [FromRoute(Name = "contact_id")] Guid contactId, LabelsOfContact body) =>
        to.Door.EditAsync(to.Caller, contactId, new() { Labels = [.. body.Labels] }, to.Attempt, to.CancellationToken).ToNoContentAsync();

    static Task<Results<NoContent, Refusal>> PutAddressAsync([AsParameters] CommandTo<ContactEditDoor> to, [FromRoute(Name = "contact_id")] Guid contactId, AddressBody body) =>
        to.Door.PutAddressAsync(to.Caller, contactId, body.Kind, body.Value, body.Verified, to.Attempt, to.CancellationToken).ToNoContentAsync();

    static Task<Results<NoContent, Refusal>> RemoveAddressAsync([AsParameters] CommandTo<ContactEditDoor> to, [FromRoute(Name = "contact_id")] Guid contactId, [FromQuery] Word<AddressKind> kind, [FromQuery] string value) =>
        to.Door.RemoveAddressAsync(to.Caller, contactId, kind.Value, value, to.Attempt, to.CancellationToken).ToNoContentAsync();

    static Task<Results<NoContent, Refusal>> LookUpAsync([AsParameters] CommandTo<ContactEditDoor> to, [FromRoute(Name = "contact_id")] Guid contactId) =>
        to.Door.LookUpAsync(to.Caller, contactId, to.Attempt, to.CancellationToken).ToNoContentAsync();

    static Task<Results<NoContent, Refusal>> MergeAsync([AsParameters] CommandTo<ContactEditDoor> to, [FromRoute(Name = "contact_id")] Guid contactId, OtherContact body) =>
        to.Door.MergeAsync(to.Caller, contactId, body.ContactId, to.Attempt, to.CancellationToken).ToNoContentAsync();

    static Task<Results<NoContent, Refusal>> UnmergeAsync([AsParameters] CommandTo<ContactEditDoor> to, [FromRoute(Name = "contact_id")] Guid contactId, OtherContact body) =>
        to.Door.UnmergeAsync(to.Caller, contactId, body.ContactId, to.Attempt, to.CancellationToken).ToNoContentAsync();
}
