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

        void Map(string path, string operation, string summary) => conversation.MapPost(path, Controls(operation)).WithName(operation).WithSummary(summary);
    }

    static Delegate Controls(string operation) =>
        (SignedIn caller,
            ConversationDoor door,
            [FromRoute(Name = "conversation_id")] Guid conversationId,
            [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
            CancellationToken cancellationToken) =>
            ControlAsync(caller, door, new() { Number = ConversationEndpoints.Unnumbered, ConversationId = conversationId, Operation = operation }, idempotencyKey, cancellationToken);

    static async Task<Results<NoContent, Refusal>> ControlAsync(
        SignedIn caller, ConversationDoor door, ControlConversation command, string? idempotencyKey, CancellationToken cancellationToken) =>
        (await door.ControlAsync(caller, command, Attempt.Keyed(idempotencyKey), cancellationToken)).ToNoContent();
}
