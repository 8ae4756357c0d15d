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
            .WithSummary("Lists conversations, newest first: an agent's own (or, with unassigned, those that wait), besides those a master agent manages, an administrator's and an access token's all; with team_id a team's, for who supervises it.");
        conversations.MapGet("/meta", CountAsync).WithName("countConversations").WithSummary("What the calling agent's desk counts: its own, the unread, what waits in each queue, agents by availability.");
        conversations.MapPost("", CreateAsync).WithName("createConversation").WithSummary("Opens a conversation: a contact for itself, an agent or an access token for a contact. An agent's is its own at once, if it has capacity left, unless it is to wait.");

        account.MapPost("/bulk_actions", ControlManyAsync).WithTags("conversations").WithName("controlConversations").WithMetadata(new RefusedCommands.Unrecorded())
            .WithSummary("Does one thing, or a macro, to up to 100 conversations; each has its own outcome.");

        var conversation = conversations.MapGroup("/{conversation_id:guid}");
        conversation.MapGet("", FindAsync).WithName("getConversation").WithSummary("One conversation.");
        conversation.MapPost("/assignments", AssignAsync).WithName("assignConversation").WithSummary("Gives the conversation to an agent, or back to the waiting ones.");
        conversation.MapPost("/toggle_status", SetStatusAsync).WithName("setConversationStatus").WithSummary("Resolves or reopens the conversation; repeating it changes nothing.");
        conversation.MapControls();
        conversation.MapQueuePosition();
        conversation.MapPost("/update_last_seen", MarkReadAsync).WithName("markConversationRead").WithMetadata(new RefusedCommands.Unrecorded())
            .WithSummary("Says up to which message the caller has seen the conversation on a screen. It only moves forward.");
        conversation.MapPost("/toggle_typing_status", SetTypingAsync).WithName("setTypingStatus").WithMetadata(new RefusedCommands.Unrecorded())
            .WithSummary("Says that the caller types, or has stopped. Not kept: whoever has the conversation on a device now is told, of a private message agents alone.");
        conversation.MapMessages();
    }

    static async Task<Results<Ok<Page<Conversation>>, Refusal>> ListAsync(
        SignedIn caller, ConversationDoor door, [AsParameters] ConversationParameters parameters, CancellationToken cancellationToken)
    {
        if (!Cursor.TryRead(parameters.Cursor, out var before)) return new Refusal(Cursor.Refusal);
        var filter = new ConversationFilter
        {
            Status = parameters.Status?.Value.ToConversationStatus(),
            OnlySnoozed = parameters.Status?.Value == StatusFilter.Snoozed,
            AssigneeId = parameters.AssigneeId,
            OnlyWaiting = parameters.Unassigned ?? false,
            InboxId = parameters.InboxId,
            ContactId = parameters.ContactId,
            GroupId = parameters.TeamId,
            OnlyMentioning = parameters.Mentioned ?? false,
            Tags = new(parameters.Label, parameters.AttributeKey, parameters.AttributeValue),
            Before = before,
            Limit = parameters.Limit,
        };
        return (await door.ListAsync(caller, filter, cancellationToken)).ToPage(Conversation.Of, c => Cursor.Of(c.State.DisplayId));
    }

    static async Task<Results<Ok<ConversationCounts>, Refusal>> CountAsync(SignedIn caller, DeskDoor door, CancellationToken cancellationToken) =>
        (await door.CountAsync(caller, cancellationToken)).ToResult(ConversationCounts.Of);

    static async Task<Results<NoContent, Refusal>> SetTypingAsync(
        SignedIn caller, DeskDoor door, [FromRoute(Name = "conversation_id")] Guid conversationId, NewTypingStatus body, CancellationToken cancellationToken) =>
        (await door.SetTypingAsync(caller, new() { ConversationId = conversationId, Lane = Vocabulary.ToLane(body.Private), Active = body.TypingStatus == TypingStatus.On }, cancellationToken)).ToNoContent();

    static async Task<Results<Created<Created>, Refusal>> CreateAsync([AsParameters] CommandTo<ConversationDoor> to, NewConversation body)
    {
        var outcome = (to.Caller.Caller.Role, body) switch
        {
            (Role.Customer, { Id: null }) when to.IdempotencyKey is not null => Outcome.Refused(ErrorCode.Malformed, "With an Idempotency-Key a contact names the conversation: the body lacks 'id'."),
            (Role.Customer, _) => await to.Door.OpenAsync(to.Caller, new() { Number = Unnumbered, ConversationId = body.Id ?? Guid.CreateVersion7(), DepartmentId = body.DepartmentId }, to.Attempt, to.CancellationToken),
            (_, { InboxId: { } inbox, ContactId: { } contact }) => await to.Door.OpenForContactAsync(
                to.Caller, new() { InboxId = inbox, ContactId = contact, ConversationId = body.Id, Waits = body.Unassigned, DepartmentId = body.DepartmentId }, to.Attempt, to.CancellationToken),
            _ => Outcome.Refused(ErrorCode.Malformed, "The body lacks 'inbox_id' or 'contact_id'."),
        };
        return outcome.ToCreated(o => new Created(o.ConversationId ?? Answers.IdOf(o)));
    }

    static async Task<Results<Ok<Conversation>, Refusal>> FindAsync(
        SignedIn caller, ConversationDoor door, [FromRoute(Name = "conversation_id")] Guid conversationId, CancellationToken cancellationToken) =>
        (await door.FindAsync(caller, conversationId, cancellationToken)).ToResult(Conversation.Of);

    static Task<Results<NoContent, Refusal>> AssignAsync([AsParameters] CommandTo<ConversationDoor> to, [FromRoute(Name = "conversation_id")] Guid conversationId, Assignment body) =>
        to.Door.AssignAsync(
            to.Caller, new() { Number = Unnumbered, ConversationId = conversationId, AgentId = body.AssigneeId }, to.Attempt, to.CancellationToken).ToNoContentAsync();

    static async Task<Results<NoContent, Refusal>> SetStatusAsync([AsParameters] CommandTo<ConversationDoor> to, [FromRoute(Name = "conversation_id")] Guid conversationId, NewStatus body)
    {
        var outcome = body.Status == Status.Resolved
            ? await to.Door.ResolveAsync(to.Caller, new() { Number = Unnumbered, ConversationId = conversationId, Disposition = body.Disposition }, to.Attempt, to.CancellationToken)
            : await to.Door.ReopenAsync(to.Caller, new() { Number = Unnumbered, ConversationId = conversationId }, to.Attempt, to.CancellationToken);
        return outcome.ToNoContent();
    }

    static async Task<Results<Ok<BulkOutcome>, Refusal>> ControlManyAsync([AsParameters] CommandTo<ControlDoor> to, RefusalDoor refusals, BulkAction body) =>
        await refusals.RecordAsync(to.Caller, to.Door.ControlManyAsync(
            to.Caller,
            new() { Number = Unnumbered, ConversationIds = body.ConversationIds, Step = body.Action?.ToStep(), MacroId = body.MacroId },
            to.Attempt,
            to.CancellationToken)) is var done && done.Results.Count > 0 ? TypedResults.Ok(BulkOutcome.Of(done)) : new Refusal(done.Outcome);

    static async Task<Results<NoContent, Refusal>> MarkReadAsync(
        SignedIn caller, ConversationDoor door, [FromRoute(Name = "conversation_id")] Guid conversationId, LastSeen body, CancellationToken cancellationToken) =>
        (await door.MarkReadAsync(
            caller,
            new() { Number = Unnumbered, ConversationId = conversationId, Lane = Vocabulary.ToLane(body.Private), Seq = body.Seq },
            Attempt.Unkeyed,
            cancellationToken)).ToNoContent();
}
