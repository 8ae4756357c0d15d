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
        Transfer("/transfer", ControlOperations.Transfer, "Transfers to an agent, a team or a queue. It stays where it is until somebody accepts; in a queue it waits at once, and comes back when nobody takes it.");
        Transfer("/transfer/consult", ControlOperations.Consult, "Begins an attended transfer: whoever accepts is consulted, unseen by the contact.");
        Post("/transfer/complete", ControlOperations.CompleteTransfer, "Gives the conversation to the agent who was consulted.");
        Post("/transfer/cancel", ControlOperations.CancelTransfer, "Calls a transfer off: everything is as it was before it. Who has transferred to a queue may, too.");

        Post("/supervision/monitor", ControlOperations.Monitor, "Reads along, unseen by the contact: for who supervises the agent who has the conversation.");
        Post("/supervision/barge", ControlOperations.Barge, "Writes along from now on.");
        Post("/supervision/take_over", ControlOperations.TakeOver, "Takes the conversation from the agent who has it.");
        conversation.MapPost("/supervision/whisper", WhisperAsync).WithName(ControlOperations.Whisper).WithSummary("Says something to the agent who has the conversation, and to nobody else.");
        conversation.MapGet("/supervision/whispers", ListWhispersAsync).WithName("listWhispers").WithSummary("What was whispered to the calling agent in the conversation, and by it; oldest first.");
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

    static async Task<Results<Ok<Page<WhisperedMessage>>, Refusal>> ListWhispersAsync(
        SignedIn caller, DeskDoor door, [FromRoute(Name = "conversation_id")] Guid conversationId, CancellationToken cancellationToken) =>
        (await door.FindWhispersAsync(caller, conversationId, cancellationToken)).ToResult(state => new Page<WhisperedMessage>([.. state.Whispers.Select(WhisperedMessage.Of)], null));

    static Task<Results<NoContent, Refusal>> WhisperAsync([AsParameters] ControlRequest request, NewWhisper body) =>
        request.CarryOutAsync(ControlOperations.Whisper, command => command with { Text = body.Content });

    static Task<Results<NoContent, Refusal>> SetLabelsAsync([AsParameters] ControlRequest request, LabelsOfConversation body) =>
        request.CarryOutAsync(ControlOperations.Tag, command => command with { Labels = body.Labels });

    static Task<Results<NoContent, Refusal>> SetAttributesAsync([AsParameters] ControlRequest request, AttributesOfConversation body) =>
        request.CarryOutAsync(ControlOperations.Tag, command => command with { CustomAttributes = body.CustomAttributes });

    static Task<Results<NoContent, Refusal>> SnoozeAsync([AsParameters] ControlRequest request, NewSnooze body) =>
        request.CarryOutAsync(ControlOperations.Snooze, command => command with { Until = body.Until });

    static Task<Results<NoContent, Refusal>> SetPriorityAsync([AsParameters] ControlRequest request, NewPriority body) =>
        request.CarryOutAsync(ControlOperations.SetPriority, command => command with { Priority = body.Priority.ToPriority() });

    static Task<Results<NoContent, Refusal>> ExecuteAsync([AsParameters] ControlRequest request, [FromRoute(Name = "macro_id")] Guid macroId) =>
        request.CarryOutAsync(ControlOperations.ExecuteMacro, command => command with { MacroId = macroId });

    static Task<Results<NoContent, Refusal>> AddParticipantAsync([AsParameters] ControlRequest request, NewParticipant body) =>
        request.CarryOutAsync(ControlOperations.AddParticipant, command => command with { AgentId = body.AgentId });

    static Task<Results<NoContent, Refusal>> RemoveParticipantAsync([AsParameters] ControlRequest request, [FromRoute(Name = "agent_id")] Guid agentId) =>
        request.CarryOutAsync(ControlOperations.RemoveParticipant, command => command with { AgentId = agentId });

    static Delegate Controls(string operation) => ([AsParameters] ControlRequest request) => request.CarryOutAsync(operation);

    static Delegate Transfers(string operation) => ([AsParameters] ControlRequest request, TransferTarget body) =>
        request.CarryOutAsync(operation, command => command with { AgentId = body.AgentId, GroupId = body.TeamId, QueueId = body.QueueId, Text = body.Note });
}

/// <summary>What every request comes with that controls a conversation.</summary>
internal readonly record struct ControlRequest(
    SignedIn Caller,
    ControlDoor Door,
    [property: FromRoute(Name = "conversation_id")] Guid ConversationId,
    [property: FromHeader(Name = "Idempotency-Key")] string? IdempotencyKey,
    CancellationToken CancellationToken)
{
    /// <summary><paramref name="members"/> adds what the operation needs.</summary>
    public async Task<Results<NoContent, Refusal>> CarryOutAsync(string operation, Func<ControlConversation, ControlConversation>? members = null)
    {
        var command = new ControlConversation { Number = ConversationEndpoints.Unnumbered, ConversationId = ConversationId, Operation = operation };
        return (await Door.ControlAsync(Caller, members?.Invoke(command) ?? command, Attempt.Keyed(IdempotencyKey), CancellationToken)).ToNoContent();
    }
}
