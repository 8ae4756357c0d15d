using Rcc.Contracts.Conversations;
using Rcc.Contracts.Routing;
using Rcc.Contracts.Sync;

namespace Rcc.Core.Conversations;

/// <summary>
/// The rules of silence, an agent's and everybody's. Pure. That somebody waits for an answer is kept from message to message; when the last message was is only asked for when silence may have lasted long enough,
/// so that no message has to move that time.
/// </summary>
public static class Silences
{
    /// <summary>What is so in a queue from now on; null when the queue minds no silence.</summary>
    public static Silence? In(Guid queueId, QueueState? queue, DateTimeOffset at) => queue is null or { ReassignAfterSeconds: null, AutoResolveAfterHours: null }
        ? null
        : new() { QueueId = queueId, ReassignAfterSeconds = queue.ReassignAfterSeconds, ResolveAt = at + ResolveAfter(queue) };

    /// <summary>As <see cref="In"/>, for what comes from another queue.</summary>
    public static Silence? Moved(Silence? now, Guid queueId, QueueState? queue, DateTimeOffset at)
    {
        // What may be given back is to find the settings of its former queue again.
        var next = In(queueId, queue, at) ?? (now is null ? null : new() { QueueId = queueId });
        return next is { ReassignAfterSeconds: not null } ? next with { UnansweredSince = now?.UnansweredSince } : next;
    }

    /// <summary>Somebody writes.</summary>
    public static ConversationSnapshot Wrote(ConversationSnapshot now, Standing caller, Lane lane, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(now);
        ArgumentNullException.ThrowIfNull(caller);
        if (lane != Lane.Public || now.Handling.Silence is not { ReassignAfterSeconds: not null } silence)
        {
            return now;
        }

        // A customer on hold has been told to wait.
        DateTimeOffset? since = caller.Role != Role.Customer ? null : silence.UnansweredSince ?? (now.State.OnHold ? null : at);
        return since == silence.UnansweredSince ? now : now with { Handling = now.Handling with { Silence = silence with { UnansweredSince = since } } };
    }

    /// <summary>Another agent has it, and its own time to answer.</summary>
    public static Silence? Given(Silence? silence, DateTimeOffset at) => silence?.UnansweredSince is null ? silence : silence with { UnansweredSince = at };

    /// <summary>The customer knows that it is to wait.</summary>
    public static Silence? Held(Silence? silence) => silence?.UnansweredSince is null ? silence : silence with { UnansweredSince = null };

    /// <summary>When silence may have lasted long enough for something; null for never.</summary>
    public static DateTimeOffset? NextAt(ConversationSnapshot now)
    {
        ArgumentNullException.ThrowIfNull(now);
        return now switch
        {
            { State.Status: not ConversationStatus.Open } or { Handling.Silence: null } => null,

            // It has been given back to another queue: what is so there is looked up at once.
            { Handling.Silence: var silence } when silence.QueueId != now.Handling.QueueId => now.State.OpenedAt,
            { Handling.Silence: var silence } => new[] { silence.ResolveAt, AnswerBy(now) }.Min(),
        };
    }

    /// <summary>By when the agent who has it is to have answered; null: the customer waits for no answer of it.</summary>
    public static DateTimeOffset? AnswerBy(ConversationSnapshot now)
    {
        ArgumentNullException.ThrowIfNull(now);
        return now is { State.AssigneeId: not null, Handling: { Offer: null, Transfer: not { IsUnderWay: true }, Silence: { UnansweredSince: { } since, ReassignAfterSeconds: { } seconds } } }
            ? since + TimeSpan.FromSeconds(seconds)
            : null;
    }

    internal static TimeSpan? ResolveAfter(QueueState queue) => queue.AutoResolveAfterHours is { } hours ? TimeSpan.FromHours(hours) : null;
}

/// <summary>What silence is judged by.</summary>
/// <param name="Queue">The queue of the conversation as it is now; null where nobody has changed it.</param>
/// <param name="Last">What was said last.</param>
/// <param name="MessageId">The id of what the customer may be told.</param>
public sealed record SilenceFacts(QueueState? Queue, LastWords Last, Guid MessageId);

/// <summary>What was said last in the public lane.</summary>
/// <param name="At">When; null: nothing was ever said.</param>
/// <param name="Answered">An agent or application has ever written.</param>
public readonly record struct LastWords(DateTimeOffset? At, bool Answered);
