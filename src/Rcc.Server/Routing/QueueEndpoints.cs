using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rcc.Core.Access;
using Rcc.Server.Access;

namespace Rcc.Server.Routing;

/// <summary>Queues: what waits, and how it comes to an agent.</summary>
internal static class QueueEndpoints
{
    public static void MapQueues(this IEndpointRouteBuilder account)
    {
        var queues = account.MapGroup("/queues").WithTags("queues");
        queues.MapGet("", ListAsync).WithName("listQueues").WithSummary("Lists queues by id. The one every account has bears the account's own id.");
        queues.MapPost("", CreateAsync).WithName("createQueue").WithSummary("Makes a queue.");
        queues.MapGet("/{queue_id:guid}", FindAsync).WithName("getQueue").WithSummary("One queue.");
        queues.MapPut("/{queue_id:guid}", ChangeAsync).WithName("changeQueue").WithSummary("Replaces all settings of a queue: what is left out is as if it had never been set.");
        queues.MapDelete("/{queue_id:guid}", RemoveAsync).WithName("removeQueue").WithSummary("Removes a queue that nothing leads into. What waits in it goes on waiting in the queue every account has.");
    }

    public static void MapQueuePosition(this IEndpointRouteBuilder conversation) => conversation.MapGet("/queue_position", FindPositionAsync).WithName("getQueuePosition")
        .WithSummary("Where a waiting conversation stands in its queue, and how long that may take by the pace at which the queue is served.");

    static async Task<Results<Ok<Place>, Refusal>> FindPositionAsync(
        SignedIn caller, QueueDoor door, [FromRoute(Name = "conversation_id")] Guid conversationId, CancellationToken cancellationToken)
    {
        var found = await door.FindPositionAsync(caller, conversationId, cancellationToken);
        return found.Outcome.IsOk ? TypedResults.Ok(new Place(found.Position, found.EstimatedSeconds, found.OpensAt)) : new Refusal(found.Outcome);
    }

    static Task<Results<Ok<Page<Queue>>, Refusal>> ListAsync(SignedIn caller, QueueDoor door, [AsParameters] PageParameters page, CancellationToken cancellationToken) =>
        page.ReadAsync(from => door.ListAsync(caller, from, cancellationToken), Queue.Of, queue => queue.Id);

    static Task<Results<Created<Created>, Refusal>> CreateAsync([AsParameters] CommandTo<QueueDoor> to, QueueBody body) =>
        to.Door.CreateAsync(to.Caller, body.ToState(), to.Attempt, to.CancellationToken).ToCreatedAsync();

    static async Task<Results<Ok<Queue>, Refusal>> FindAsync(SignedIn caller, QueueDoor door, [FromRoute(Name = "queue_id")] Guid queueId, CancellationToken cancellationToken) =>
        (await door.FindAsync(caller, queueId, cancellationToken)).ToResult(Queue.Of);

    static Task<Results<NoContent, Refusal>> ChangeAsync([AsParameters] CommandTo<QueueDoor> to, [FromRoute(Name = "queue_id")] Guid queueId, QueueBody body) =>
        to.Door.ChangeAsync(to.Caller, queueId, body.ToState(), to.Attempt, to.CancellationToken).ToNoContentAsync();

    static Task<Results<NoContent, Refusal>> RemoveAsync([AsParameters] CommandTo<QueueDoor> to, [FromRoute(Name = "queue_id")] Guid queueId) =>
        to.Door.RemoveAsync(to.Caller, queueId, to.Attempt, to.CancellationToken).ToNoContentAsync();
}
