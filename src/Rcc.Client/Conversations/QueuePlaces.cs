using Rcc.Contracts.Sync;

namespace Rcc.Client.Conversations;

/// <summary>Where the person's conversations stand in their queues, as the server has told last. Forgotten by itself when nothing newer comes.</summary>
sealed class QueuePlaces
{
    readonly Dictionary<Guid, (QueuePlace Place, DateTimeOffset Until)> places = [];

    public DateTimeOffset? NextExpiry => places.Count == 0 ? null : places.Values.Min(place => place.Until);

    public QueuePlace? Of(Guid conversation) => places.TryGetValue(conversation, out var known) ? known.Place : null;

    /// <returns>Whether it stands elsewhere now, or does not wait any more.</returns>
    public bool Take(EphemeralFact fact, DateTimeOffset now)
    {
        if (!string.Equals(fact.Kind, "position", StringComparison.Ordinal))
            return false;
        if (fact is not { Active: true, Position: { } position, ExpiresInMs: > 0 })
            return places.Remove(fact.ConversationId);
        var place = new QueuePlace(position, fact.EstimatedSeconds, fact.OpensAt);
        var moved = Of(fact.ConversationId) != place;
        places[fact.ConversationId] = (place, now + TimeSpan.FromMilliseconds(fact.ExpiresInMs));
        return moved;
    }

    /// <returns>The conversations of which nothing is known any more.</returns>
    public IReadOnlyList<Guid> Expire(DateTimeOffset now)
    {
        if (places.Count == 0)
            return [];
        var over = places.Where(entry => entry.Value.Until <= now).Select(entry => entry.Key).ToArray();
        foreach (var conversation in over)
            places.Remove(conversation);
        return over;
    }
}

/// <summary>Where a waiting conversation stands in its queue.</summary>
/// <param name="Position">1: the next.</param>
/// <param name="EstimatedSeconds">How long it may still take; null while that cannot be told.</param>
/// <param name="OpensAt">When the queue opens (UTC); null: it is open, or does not open any more.</param>
public sealed record QueuePlace(int Position, int? EstimatedSeconds, DateTimeOffset? OpensAt);
