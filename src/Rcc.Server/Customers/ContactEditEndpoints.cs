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
        contact.MapPut("/context", SetContextAsync).WithName("setContactContext").WithSummary("Sets a piece of context information about a contact.");
        contact.MapDelete("/context", ClearContextAsync).WithName("clearContactContext").WithSummary("Takes a piece of context information away: of one source, or of all.");
        contact.MapPost("/context/lookup", LookUpAsync).WithName("lookUpContactContext").WithSummary("Asks the account's own server again what it knows of the contact; the answer comes to whoever serves it.");
        contact.MapPost("/merge", MergeAsync).WithName("mergeContact").WithSummary("Merges another contact into this one.");
        contact.MapPost("/unmerge", UnmergeAsync).WithName("unmergeContact").WithSummary("Gives a merged contact back to itself, with what it had.");
    }

    static async Task<Results<NoContent, Refusal>> EditAsync(
        SignedIn caller,
        ContactEditDoor door,
        [FromRoute(Name = "contact_id")] Guid contactId,
        ContactPatch body,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
        CancellationToken cancellationToken)
    {
        var edit = new EditContact
        {
            Name = body.Name,
            Email = body.Email,
            Identifier = body.Identifier,
            CustomAttributes = (body.CustomAttributes ?? ImmutableDictionary<string, JsonElement>.Empty).ToImmutableSortedDictionary(value => value.Key, value => value.Value.GetRawText(), StringComparer.Ordinal),
        };
        return (await door.EditAsync(caller, contactId, edit, Attempt.Keyed(idempotencyKey), cancellationToken)).ToNoContent();
    }

    static async Task<Results<NoContent, Refusal>> EraseAsync(
        SignedIn caller,
        ContactEraseDoor door,
        [FromRoute(Name = "contact_id")] Guid contactId,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
        CancellationToken cancellationToken) =>
        (await door.EraseAsync(caller, contactId, Attempt.Keyed(idempotencyKey), cancellationToken)).ToNoContent();

    static async Task<Results<NoContent, Refusal>> SetLabelsAsync(
        SignedIn caller,
        ContactEditDoor door,
        [FromRoute(Name = "contact_id")] Guid contactId,
        LabelsOfContact body,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
        CancellationToken cancellationToken) =>
        (await door.EditAsync(caller, contactId, new() { Labels = [.. body.Labels] }, Attempt.Keyed(idempotencyKey), cancellationToken)).ToNoContent();

    static async Task<Results<NoContent, Refusal>> PutAddressAsync(
        SignedIn caller,
        ContactEditDoor door,
        [FromRoute(Name = "contact_id")] Guid contactId,
        AddressBody body,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
        CancellationToken cancellationToken) =>
        (await door.PutAddressAsync(caller, contactId, body.Kind, body.Value, body.Verified, Attempt.Keyed(idempotencyKey), cancellationToken)).ToNoContent();

    static async Task<Results<NoContent, Refusal>> RemoveAddressAsync(
        SignedIn caller,
        ContactEditDoor door,
        [FromRoute(Name = "contact_id")] Guid contactId,
        [FromQuery] Word<AddressKind> kind,
        [FromQuery] string value,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
        CancellationToken cancellationToken) =>
        (await door.RemoveAddressAsync(caller, contactId, kind.Value, value, Attempt.Keyed(idempotencyKey), cancellationToken)).ToNoContent();

    static async Task<Results<NoContent, Refusal>> SetContextAsync(
        SignedIn caller,
        ContactEditDoor door,
        [FromRoute(Name = "contact_id")] Guid contactId,
        NewContextInformation body,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
        CancellationToken cancellationToken)
    {
        var context = new SetContext
        {
            Name = body.Name,
            Json = body.Value.GetRawText(),
            Source = body.Source,
            IsVolatile = body.Volatile,
            LifetimeSeconds = body.LifetimeSeconds,
            ConversationId = body.ConversationId,
        };
        return (await door.SetContextAsync(caller, contactId, context, Attempt.Keyed(idempotencyKey), cancellationToken)).ToNoContent();
    }

    static async Task<Results<NoContent, Refusal>> ClearContextAsync(
        SignedIn caller,
        ContactEditDoor door,
        [FromRoute(Name = "contact_id")] Guid contactId,
        [FromQuery] string name,
        [FromQuery] Word<ContextSource>? source,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
        CancellationToken cancellationToken) =>
        (await door.ClearContextAsync(caller, contactId, name, source?.Value, Attempt.Keyed(idempotencyKey), cancellationToken)).ToNoContent();

    static async Task<Results<NoContent, Refusal>> LookUpAsync(
        SignedIn caller,
        ContactEditDoor door,
        [FromRoute(Name = "contact_id")] Guid contactId,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
        CancellationToken cancellationToken) =>
        (await door.LookUpAsync(caller, contactId, Attempt.Keyed(idempotencyKey), cancellationToken)).ToNoContent();

    static async Task<Results<NoContent, Refusal>> MergeAsync(
        SignedIn caller,
        ContactEditDoor door,
        [FromRoute(Name = "contact_id")] Guid contactId,
        OtherContact body,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
        CancellationToken cancellationToken) =>
        (await door.MergeAsync(caller, contactId, body.ContactId, Attempt.Keyed(idempotencyKey), cancellationToken)).ToNoContent();

    static async Task<Results<NoContent, Refusal>> UnmergeAsync(
        SignedIn caller,
        ContactEditDoor door,
        [FromRoute(Name = "contact_id")] Guid contactId,
        OtherContact body,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
        CancellationToken cancellationToken) =>
        (await door.UnmergeAsync(caller, contactId, body.ContactId, Attempt.Keyed(idempotencyKey), cancellationToken)).ToNoContent();
}
