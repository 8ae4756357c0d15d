using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rcc.Contracts.Conversations;
using Rcc.Core.Access;
using Rcc.Server.Access;

namespace Rcc.Server.Conversations;

/// <summary>How conversations of an inbox, or of a queue, may end.</summary>
internal static class DispositionEndpoints
{
    public static void MapDispositions(this IEndpointRouteBuilder account)
    {
        var inbox = account.MapGroup("/inboxes/{inbox_id:guid}/dispositions").WithTags("inboxes");
        inbox.MapGet("", FindOfInboxAsync).WithName("getInboxDispositions").WithSummary("How conversations of the inbox may end.");
        inbox.MapPut("", SetOfInboxAsync).WithName("setInboxDispositions").WithSummary("Replaces how conversations of the inbox may end, and says whether one must be given.");
        var queue = account.MapGroup("/queues/{queue_id:guid}/dispositions").WithTags("queues");
        queue.MapGet("", FindOfQueueAsync).WithName("getQueueDispositions").WithSummary("How conversations of the queue may end.");
        queue.MapPut("", SetOfQueueAsync).WithName("setQueueDispositions").WithSummary("Replaces how conversations of the queue may end, and says whether one must be given.");
    }

    static async Task<Results<Ok<DispositionList>, Refusal>> FindOfInboxAsync(
        SignedIn caller, DispositionDoor door, [FromRoute(Name = "inbox_id")] Guid inboxId, CancellationToken cancellationToken) =>
        (await door.FindAsync(caller, inboxId, isQueue: false, cancellationToken)).ToResult(DispositionList.Of);

    static Task<Results<NoContent, Refusal>> SetOfInboxAsync([AsParameters] CommandTo<DispositionDoor> to, [FromRoute(Name = "inbox_id")] Guid inboxId, DispositionList body) =>
        to.Door.SetAsync(to.Caller, inboxId, isQueue: false, body.ToState(), to.Attempt, to.CancellationToken).ToNoContentAsync();

    static async Task<Results<Ok<DispositionList>, Refusal>> FindOfQueueAsync(
        SignedIn caller, DispositionDoor door, [FromRoute(Name = "queue_id")] Guid queueId, CancellationToken cancellationToken) =>
        (await door.FindAsync(caller, queueId, isQueue: true, cancellationToken)).ToResult(DispositionList.Of);

    static Task<Results<NoContent, Refusal>> SetOfQueueAsync([AsParameters] CommandTo<DispositionDoor> to, [FromRoute(Name = "queue_id")] Guid queueId, DispositionList body) =>
        to.Door.SetAsync(to.Caller, queueId, isQueue: true, body.ToState(), to.Attempt, to.CancellationToken).ToNoContentAsync();
}

/// <summary>How conversations may end.</summary>
/// <param name="Names">At most 100, each once, in the order in which they are offered.</param>
/// <param name="Required">Nothing is resolved without one of them.</param>
internal sealed record DispositionList(IReadOnlyList<string> Names, bool Required = false)
{
    public static DispositionList Of(DispositionsState state) => new(state.Names, state.Required);

    public DispositionsState ToState() => new() { Names = Names, Required = Required };
}
