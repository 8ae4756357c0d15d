using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rcc.Contracts;
using Rcc.Contracts.Sync;
using Rcc.Core.Access;
using Rcc.Server.Access;
using Rcc.Server.Routing;

namespace Rcc.Server.Conversations;

/// <summary>Conversations: listing, opening, assigning, resolving.</summary>
internal static class ConversationEndpoints
{
    // Devices number their commands; requests are told apart by their idempotency key.
    internal const long Unnumbered = 1;

    public static void MapConversations(this IEndpointRouteBuilder account)
    {
        var conversations = account.MapGroup("/conversations").WithTags("conversations");
        conversations.MapGet("", ListAsync).WithName("listConversations")
            .WithSummary("Lists conversations, newest first: an agent's own (or, with unassigned, those that wait), a master agent's and an access token's all.");
        conversations.MapPost("", CreateAsync).WithName("createConversation").WithSummary("Opens a conversation: a contact for itself, an access token for a contact.");

        account.MapPost("/bulk_actions", ControlManyAsync).WithTags("conversations").WithName("controlConversations")
            .WithSummary("Does one thing, or a macro, to up to 100 conversations; each has its own outcome.");

        var conversation = conversations.MapGroup("/{conversation_id:guid}");
        conversation.MapGet("", FindAsync).WithName("getConversation").WithSummary("One conversation.");
        conversation.MapPost("/assignments", AssignAsync).WithName("assignConversation").WithSummary("Gives the conversation to an agent, or back to the waiting ones.");
        conversation.MapPost("/toggle_status", SetStatusAsync).WithName("setConversationStatus").WithSummary("Resolves or reopens the conversation; repeating it changes nothing.");
        conversation.MapControls();
        conversation.MapQueuePosition();
        conversation.MapPost("/update_last_seen", MarkReadAsync).WithName("markConversationRead")
            .WithSummary("Says up to which message the caller has seen the conversation on a screen. It only moves forward.");
        conversation.MapMessages();
    }

    static async Task<Results<Ok<Page<Conversation>>, Refusal>> ListAsync(
        SignedIn caller, ConversationDoor door, [AsParameters] ConversationParameters parameters, CancellationToken cancellationToken)
    {
        if (!Cursor.TryRead(parameters.Cursor, out var before)) return new Refusal(Cursor.Refusal);
        var filter = new ConversationFilter
        {
            Status = parameters.Status?.ToConversationStatus(),
            AssigneeId = parameters.AssigneeId,
            OnlyWaiting = parameters.Unassigned ?? false,
            InboxId = parameters.InboxId,
            ContactId = parameters.ContactId,
            OnlyMentioning = parameters.Mentioned ?? false,
            Tags = new(parameters.Label, parameters.AttributeKey, parameters.AttributeValue),
            Before = before,
            Limit = parameters.Limit,
        };
        return (await door.ListAsync(caller, filter, cancellationToken)).ToPage(Conversation.Of, c => Cursor.Of(c.State.DisplayId));
    }

    static async Task<Results<Created<Created>, Refusal>> CreateAsync(
        SignedIn caller, ConversationDoor door, NewConversation body, [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey, CancellationToken cancellationToken)
    {
        var attempt = Attempt.Keyed(idempotencyKey);
        var outcome = (caller.Caller.Role, body) switch
        {
            (Role.Customer, { Id: null }) when idempotencyKey is not null => Outcome.Refused(ErrorCode.Malformed, "With an Idempotency-Key a contact names the conversation: the body lacks 'id'."),
            (Role.Customer, _) => await door.OpenAsync(caller, new() { Number = Unnumbered, ConversationId = body.Id ?? Guid.CreateVersion7() }, attempt, cancellationToken),
            (_, { InboxId: { } inbox, ContactId: { } contact }) => await door.OpenForContactAsync(
                caller, new() { InboxId = inbox, ContactId = contact, ConversationId = body.Id }, attempt, cancellationToken),
            _ => Outcome.Refused(ErrorCode.Malformed, "The body lacks 'inbox_id' or 'contact_id'."),
        };
        return outcome.ToCreated(o => new Created(o.ConversationId ?? Answers.IdOf(o)));
    }

    static async Task<Results<Ok<Conversation>, Refusal>> FindAsync(
        SignedIn caller, ConversationDoor door, [FromRoute(Name = "conversation_id")] Guid conversationId, CancellationToken cancellationToken) =>
        (await door.FindAsync(caller, conversationId, cancellationToken)).ToResult(Conversation.Of);

    static async Task<Results<NoContent, Refusal>> AssignAsync(
        SignedIn caller,
        ConversationDoor door,
        [FromRoute(Name = "conversation_id")] Guid conversationId,
        Assignment body,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
        CancellationToken cancellationToken) =>
        (await door.AssignAsync(
            caller, new() { Number = Unnumbered, ConversationId = conversationId, AgentId = body.AssigneeId }, Attempt.Keyed(idempotencyKey), cancellationToken)).ToNoContent();

    static async Task<Results<NoContent, Refusal>> SetStatusAsync(
        SignedIn caller,
        ConversationDoor door,
        [FromRoute(Name = "conversation_id")] Guid conversationId,
        NewStatus body,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
        CancellationToken cancellationToken)
    {
        var attempt = Attempt.Keyed(idempotencyKey);
        var outcome = body.Status == Status.Resolved
            ? await door.ResolveAsync(caller, new() { Number = Unnumbered, ConversationId = conversationId, Disposition = body.Disposition }, attempt, cancellationToken)
            : await door.ReopenAsync(caller, new() { Number = Unnumbered, ConversationId = conversationId }, attempt, cancellationToken);
        return outcome.ToNoContent();
    }

    static async Task<Results<Ok<BulkOutcome>, Refusal>> ControlManyAsync(
        SignedIn caller, ControlDoor door, BulkAction body, [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey, CancellationToken cancellationToken) =>
        (await door.ControlManyAsync(
            caller,
            new() { ConversationIds = body.ConversationIds, Step = body.Action?.ToStep(), MacroId = body.MacroId },
            Attempt.Keyed(idempotencyKey),
            cancellationToken)).ToResult(BulkOutcome.Of);

    static async Task<Results<NoContent, Refusal>> MarkReadAsync(
        SignedIn caller, ConversationDoor door, [FromRoute(Name = "conversation_id")] Guid conversationId, LastSeen body, CancellationToken cancellationToken) =>
        (await door.MarkReadAsync(
            caller,
            new() { Number = Unnumbered, ConversationId = conversationId, Lane = Vocabulary.ToLane(body.Private), Seq = body.Seq },
            Attempt.Unkeyed,
            cancellationToken)).ToNoContent();
}
