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
        Map("/offer/accept", ControlOperations.AcceptOffer, "Takes the conversation that is offered to the caller. Of all who try, on whatever device, one wins.");
        Map("/offer/decline", ControlOperations.DeclineOffer, "Does not take the conversation that is offered to the caller: it is offered to another.");
        Map("/hold", ControlOperations.Hold, "Puts the customer on hold: it sees so, and may write; agents' messages are refused until the conversation is resumed.");
        Map("/resume", ControlOperations.Resume, "Ends a hold, whoever began it.");
        MapTo("/transfer", ControlOperations.Transfer, "Transfers to an agent, a team or a queue. It stays where it is until somebody accepts; a queue has it at once.");
        MapTo("/transfer/consult", ControlOperations.Consult, "Begins an attended transfer: whoever accepts is consulted, unseen by the contact.");
        Map("/transfer/complete", ControlOperations.CompleteTransfer, "Gives the conversation to the agent who was consulted.");
        Map("/transfer/cancel", ControlOperations.CancelTransfer, "Calls a transfer off: everything is as it was before it.");

        void Map(string path, string operation, string summary) => conversation.MapPost(path, Controls(operation)).WithName(operation).WithSummary(summary);

        void MapTo(string path, string operation, string summary) => conversation.MapPost(path, Transfers(operation)).WithName(operation).WithSummary(summary);
    }

    static Delegate Controls(string operation) =>
        (SignedIn caller,
            ConversationDoor door,
            [FromRoute(Name = "conversation_id")] Guid conversationId,
            [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
            CancellationToken cancellationToken) =>
            ControlAsync(caller, door, Of(conversationId, operation), idempotencyKey, cancellationToken);

    static Delegate Transfers(string operation) =>
        (SignedIn caller,
            ConversationDoor door,
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
        SignedIn caller, ConversationDoor door, ControlConversation command, string? idempotencyKey, CancellationToken cancellationToken) =>
        (await door.ControlAsync(caller, command, Attempt.Keyed(idempotencyKey), cancellationToken)).ToNoContent();
}

/// <summary>Where a conversation is to be transferred to: one of the three.</summary>
/// <param name="AgentId">The agent.</param>
/// <param name="TeamId">The team: one of its agents who is available.</param>
/// <param name="QueueId">The queue; the account's own id is the queue every account has.</param>
/// <param name="Note">A private message for whoever gets it.</param>
internal sealed record TransferTarget(Guid? AgentId = null, Guid? TeamId = null, Guid? QueueId = null, string? Note = null);
