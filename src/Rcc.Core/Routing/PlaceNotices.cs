using Rcc.Core.Sync;

namespace Rcc.Core.Routing;

/// <summary>
/// Which customers are to be told where they stand: whose place has moved, who was not told for a while, and who does not wait any more. Remembers in memory only what was told: after a new beginning all are told once more.
/// </summary>
/// <param name="repeat">How often a place that does not move is told again; what was told counts three times as long.</param>
public sealed class PlaceNotices(TimeSpan repeat)
{
    readonly Dictionary<Guid, (Guid ContactId, PlaceFact Place, DateTimeOffset At)> told = [];

    /// <summary>Some customer was told a place, and not yet that it waits no more.</summary>
    public bool AnyTold => told.Count > 0;

    /// <summary>Who was told, and is not among the first of any queue now: it may wait further back, or not any more.</summary>
    public IReadOnlyList<Guid> Missing(IReadOnlyList<QueueLine> lines) => [.. told.Keys.Except(lines.SelectMany(line => line.Waiting.Select(one => one.ConversationId)))];

    /// <summary>What is to be told now. <paramref name="further"/>: those of <see cref="Missing"/> who wait further back; they are told when they come forward.</summary>
    public IReadOnlyList<PlaceNotice> Due(IReadOnlyList<QueueLine> lines, IReadOnlyCollection<Guid> further, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(lines);
        ArgumentNullException.ThrowIfNull(further);
        var due = new List<PlaceNotice>();
        var waiting = new HashSet<Guid>(further);
        foreach (var line in lines)
        {
            for (var index = 0; index < line.Waiting.Count; index++)
            {
                var (conversation, contact) = line.Waiting[index];
                waiting.Add(conversation);
                var (estimatedSeconds, opensAt) = WaitEstimate.Of(index + 1, line.Queue, line.Served, at);
                var place = new PlaceFact(index + 1, estimatedSeconds, opensAt, repeat * 3);
                if (!told.TryGetValue(conversation, out var last) || last.Place.Position != place.Position || last.Place.OpensAt != opensAt || at - last.At >= repeat)
                {
                    told[conversation] = (contact, place, at);
                    due.Add(new(conversation, contact, place));
                }
            }
        }

        foreach (var (conversation, last) in told)
        {
            if (!waiting.Contains(conversation))
            {
                told.Remove(conversation);
                due.Add(new(conversation, last.ContactId, null));
            }
        }

        return due;
    }
}

/// <summary>What a customer is told; with <paramref name="Place"/> null: it does not wait any more.</summary>
public sealed record PlaceNotice(Guid ConversationId, Guid ContactId, PlaceFact? Place)
{
    internal EphemeralEvent ToEvent(TenantId tenant) =>
        new(tenant, Audience.OfPerson(ContactId), ConversationId, tenant.Value, Place is not null, EphemeralKind.Position) { Place = Place };
}
