using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rcc.Contracts.Conversations;
using Rcc.Core.Access;
using Rcc.Server.Access;

namespace Rcc.Server.Conversations;

/// <summary>The control operations of a conversation, a route for each.</summary>
internal static class ControlEndpoints
{
    public static void MapControls(this IEndpointRouteBuilder conversation)
    {
        Post("/offer/accept", ControlOperations.AcceptOffer, "Takes the conversation that is offered to the caller. Of all who try, on whatever device, one wins.");
        Post("/offer/decline", ControlOperations.DeclineOffer, "Does not take the conversation that is offered to the caller: it is offered to another.");
        Post("/hold", ControlOperations.Hold, "Puts the customer on hold: it sees so, and may write; agents' messages are refused until the conversation is resumed.");
        Post("/resume", ControlOperations.Resume, "Ends a hold, whoever began it.");
        Transfer("/transfer", ControlOperations.Transfer, "Transfers to an agent, a team or a queue. It stays where it is until somebody accepts; a queue has it at once.");
        Transfer("/transfer/consult", ControlOperations.Consult, "Begins an attended transfer: whoever accepts is consulted, unseen by the contact.");
        Post("/transfer/complete", ControlOperations.CompleteTransfer, "Gives the conversation to the agent who was consulted.");
        Post("/transfer/cancel", ControlOperations.CancelTransfer, "Calls a transfer off: everything is as it was before it.");

        Post("/supervision/monitor", ControlOperations.Monitor, "Reads along, unseen by the contact: for who supervises the agent who has the conversation.");
        Post("/supervision/barge", ControlOperations.Barge, "Writes along from now on.");
        Post("/supervision/take_over", ControlOperations.TakeOver, "Takes the conversation from the agent who has it.");
        conversation.MapPost("/supervision/whisper", WhisperAsync).WithName(ControlOperations.Whisper).WithSummary("Says something to the agent who has the conversation, and to nobody else.");
        conversation.MapGet("/handling", FindHandlingAsync).WithName("getHandling").WithSummary("How the conversation is handled: participants, offer, hold, transfer. Nothing of it is for its contact.");
        conversation.MapPost("/snooze", SnoozeAsync).WithName(ControlOperations.Snooze).WithSummary("Puts the conversation off: until a time, or until its contact writes. Its agent keeps it.");
        Post("/unsnooze", ControlOperations.Unsnooze, "Ends a snooze.");
        conversation.MapPost("/toggle_priority", SetPriorityAsync).WithName(ControlOperations.SetPriority).WithSummary("Says how urgent the conversation is.");
        conversation.MapPost("/macros/{macro_id:guid}", ExecuteAsync).WithName(ControlOperations.ExecuteMacro).WithSummary("Carries out a macro, all or nothing; a refusal names the action.");
        conversation.MapPost("/participants", AddParticipantAsync).WithName(ControlOperations.AddParticipant).WithSummary("Lets an agent read and write along.");
        conversation.MapDelete("/participants/{agent_id:guid}", RemoveParticipantAsync).WithName(ControlOperations.RemoveParticipant)
            .WithSummary("Takes an agent out: oneself, or another from a conversation one has.");

        conversation.MapPost("/labels", SetLabelsAsync).WithName("setConversationLabels").WithSummary("Says which labels the conversation has. Its contact never sees them.");
        conversation.MapPost("/custom_attributes", SetAttributesAsync).WithName("setConversationAttributes").WithSummary("Changes attributes of the conversation that the account has defined.");

        void Post(string path, string operation, string summary) => conversation.MapPost(path, Controls(operation)).WithName(operation).WithSummary(summary);

        void Transfer(string path, string operation, string summary) => conversation.MapPost(path, Transfers(operation)).WithName(operation).WithSummary(summary);
    }

    static async Task<Results<Ok<Handling>, Refusal>> FindHandlingAsync(
        SignedIn caller, ConversationDoor door, [FromRoute(Name = "conversation_id")] Guid conversationId, CancellationToken cancellationToken) =>
        (await door.FindHandlingAsync(caller, conversationId, cancellationToken)).ToResult(Handling.Of);

    static Task<Results<NoContent, Refusal>> WhisperAsync(
        SignedIn caller,
        ControlDoor door,
        [FromRoute(Name = "conversation_id")] Guid conversationId,
        NewWhisper body,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
        CancellationToken cancellationToken) =>
        ControlAsync(caller, door, Of(conversationId, ControlOperations.Whisper) with { Text = body.Content }, idempotencyKey, cancellationToken);

    static Task<Results<NoContent, Refusal>> SetLabelsAsync(
        SignedIn caller,
        ControlDoor door,
        [FromRoute(Name = "conversation_id")] Guid conversationId,
        LabelsOfConversation body,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
        CancellationToken cancellationToken) =>
        ControlAsync(caller, door, Of(conversationId, ControlOperations.Tag) with { Labels = body.Labels }, idempotencyKey, cancellationToken);

    static Task<Results<NoContent, Refusal>> SetAttributesAsync(
        SignedIn caller,
        ControlDoor door,
        [FromRoute(Name = "conversation_id")] Guid conversationId,
        AttributesOfConversation body,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
        CancellationToken cancellationToken) =>
        ControlAsync(caller, door, Of(conversationId, ControlOperations.Tag) with { CustomAttributes = body.CustomAttributes }, idempotencyKey, cancellationToken);

    static Task<Results<NoContent, Refusal>> SnoozeAsync(
        SignedIn caller,
        ControlDoor door,
        [FromRoute(Name = "conversation_id")] Guid conversationId,
        NewSnooze body,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
        CancellationToken cancellationToken) =>
        ControlAsync(caller, door, Of(conversationId, ControlOperations.Snooze) with { Until = body.Until }, idempotencyKey, cancellationToken);

    static Task<Results<NoContent, Refusal>> SetPriorityAsync(
        SignedIn caller,
        ControlDoor door,
        [FromRoute(Name = "conversation_id")] Guid conversationId,
        NewPriority body,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
        CancellationToken cancellationToken) =>
        ControlAsync(caller, door, Of(conversationId, ControlOperations.SetPriority) with { Priority = body.Priority.ToPriority() }, idempotencyKey, cancellationToken);

    static Task<Results<NoContent, Refusal>> ExecuteAsync(
        SignedIn caller,
        ControlDoor door,
        [FromRoute(Name = "conversation_id")] Guid conversationId,
        [FromRoute(Name = "macro_id")] Guid macroId,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
        CancellationToken cancellationToken) =>
        ControlAsync(caller, door, Of(conversationId, ControlOperations.ExecuteMacro) with { MacroId = macroId }, idempotencyKey, cancellationToken);

    static Task<Results<NoContent, Refusal>> AddParticipantAsync(
        SignedIn caller,
        ControlDoor door,
        [FromRoute(Name = "conversation_id")] Guid conversationId,
        NewParticipant body,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
        CancellationToken cancellationToken) =>
        ControlAsync(caller, door, Of(conversationId, ControlOperations.AddParticipant) with { AgentId = body.AgentId }, idempotencyKey, cancellationToken);

    static Task<Results<NoContent, Refusal>> RemoveParticipantAsync(
        SignedIn caller,
        ControlDoor door,
        [FromRoute(Name = "conversation_id")] Guid conversationId,
        [FromRoute(Name = "agent_id")] Guid agentId,
        CancellationToken cancellationToken) =>
        ControlAsync(caller, door, Of(conversationId, ControlOperations.RemoveParticipant) with { AgentId = agentId }, null, cancellationToken);

    static Delegate Controls(string operation) =>
        (SignedIn caller,
            ControlDoor door,
            [FromRoute(Name = "conversation_id")] Guid conversationId,
            [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
            CancellationToken cancellationToken) =>
            ControlAsync(caller, door, Of(conversationId, operation), idempotencyKey, cancellationToken);

    static Delegate Transfers(string operation) =>
        (SignedIn caller,
            ControlDoor door,
            [FromRoute(Name = "conversation_id")] Guid conversationId,
            TransferTarget body,
            [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
            CancellationToken cancellationToken) =>
            ControlAsync(
                caller,
                door,
                Of(conversationId, operation) with { AgentId = body.AgentId, GroupId = body.TeamId, QueueId = body.QueueId, Text = body.Note },
                idempotencyKey,
                cancellationToken);

    static ControlConversation Of(Guid conversation, string operation) => new() { Number = ConversationEndpoints.Unnumbered, ConversationId = conversation, Operation = operation };

    static async Task<Results<NoContent, Refusal>> ControlAsync(
        SignedIn caller, ControlDoor door, ControlConversation command, string? idempotencyKey, CancellationToken cancellationToken) =>
        (await door.ControlAsync(caller, command, Attempt.Keyed(idempotencyKey), cancellationToken)).ToNoContent();
}
