using Rcc.Contracts.Routing;

namespace Rcc.Core.Routing;

/// <summary>A conversation that is to go on waiting in another queue.</summary>
public readonly record struct QueueMove(Guid Conversation, Guid From, Guid To);

/// <summary>A customer who is to be told that nobody is there.</summary>
public readonly record struct OfflineNotice(Guid Conversation, string Text);

/// <summary>What one look at a tenant leads to. Pure, and the same for the same snapshot.</summary>
/// <param name="Moves">What goes on to another queue; then it is looked at again.</param>
/// <param name="GivenBack">What was transferred to a queue that is closed, or gone: it goes back to who had it.</param>
/// <param name="Notices">Who is told that nobody is there.</param>
/// <param name="Picked">Who gets what.</param>
/// <param name="LookAgainAt">When something changes by time alone; null for never.</param>
public sealed record RoutingPlan(
    IReadOnlyList<QueueMove> Moves, IReadOnlyList<Guid> GivenBack, IReadOnlyList<OfflineNotice> Notices, IReadOnlyList<Assignment> Picked, DateTimeOffset? LookAgainAt)
{
    public static RoutingPlan Make(TenantId tenant, RoutingSnapshot snapshot, DateTimeOffset at, TimeSpan offerAgainAfter)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var settings = snapshot.Queues.ToDictionary(queue => queue.Id, queue => queue.State);
        var clocks = settings.ToDictionary(queue => queue.Key, queue => new BusinessClock(queue.Value.Hours));
        var moves = new List<QueueMove>();
        var givenBack = new List<Guid>();
        var notices = new List<OfflineNotice>();
        var open = new List<WaitingConversation>();
        var left = new List<(Guid Id, QueueState Queue, IEnumerable<WaitingConversation> Line)>();
        DateTimeOffset? again = null;
        foreach (var line in snapshot.Waiting.GroupBy(conversation => conversation.QueueId))
        {
            if (!settings.TryGetValue(line.Key, out var queue))
            {
                // A queue that was removed: what waits there goes on where everybody is. The one every tenant has need not be stored.
                if (line.Key == tenant.Value)
                {
                    open.AddRange(line);
                }
                else
                {
                    moves.AddRange(GiveBack(line).Select(conversation => new QueueMove(conversation.Id, line.Key, tenant.Value)));
                }

                continue;
            }

            if (clocks[line.Key].IsOpen(at))
            {
                open.AddRange(line);
                left.Add((line.Key, queue, line));
                continue;
            }

            var staying = Overflow(line.Key, queue, GiveBack(line));
            Sooner(staying.Count > 0 ? clocks[line.Key].OpensAt(at) : null);
            if (queue.OfflineMessage is { } text)
            {
                Tell(staying, text);
            }
        }

        // Nothing goes on to another queue for which there is somebody here.
        var (picked, then) = Picking.Pick(snapshot with { Waiting = open }, at, offerAgainAfter);
        Sooner(then);
        var given = picked.Select(assignment => assignment.Conversation).ToHashSet();
        foreach (var (id, queue, line) in left)
        {
            var staying = Overflow(id, queue, line.Where(conversation => !given.Contains(conversation.Id)));
            if (queue is { OfflineMessageWhenUnattended: true, OfflineMessage: { } text } && !snapshot.Agents.Any(agent => Picking.Serves(agent, queue)))
            {
                Tell(staying, text);
            }
        }

        return new(moves, givenBack, notices, picked, again);

        void Sooner(DateTimeOffset? time) => again = again is null || time < again ? time : again;

        void Tell(List<WaitingConversation> line, string text) =>
            notices.AddRange(line.Where(conversation => !conversation.ToldOffline).Select(conversation => new OfflineNotice(conversation.Id, text)));

        // Answers the others.
        List<WaitingConversation> GiveBack(IEnumerable<WaitingConversation> line)
        {
            var transferred = line.ToLookup(conversation => conversation.TransferredFrom is not null);
            givenBack.AddRange(transferred[true].Select(conversation => conversation.Id));
            return [.. transferred[false]];
        }

        // Answers what stays.
        List<WaitingConversation> Overflow(Guid id, QueueState queue, IEnumerable<WaitingConversation> some)
        {
            var line = Picking.InOrder(some).ToList();

            // The target must be there, and open: who waits is not sent from one closed door to the next.
            if (queue.OverflowQueueId is not { } target || (target != tenant.Value && !settings.ContainsKey(target)) || (clocks.TryGetValue(target, out var clock) && !clock.IsOpen(at)))
            {
                return line;
            }

            var tooLong = queue.MaxWaitSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;
            var places = queue.MaxLength ?? int.MaxValue;
            var staying = new List<WaitingConversation>();
            foreach (var conversation in line)
            {
                if (!conversation.Overflowed && (staying.Count >= places || at - conversation.Since >= tooLong))
                {
                    moves.Add(new(conversation.Id, id, target));
                    continue;
                }

                staying.Add(conversation);
                if (!conversation.Overflowed && tooLong < TimeSpan.MaxValue)
                {
                    Sooner(conversation.Since + tooLong);
                }
            }

            return staying;
        }
    }
}
