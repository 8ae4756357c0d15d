using System.Diagnostics;
using Rcc.Replay.Accounts;
using Rcc.Replay.Play;

namespace Rcc.Replay.Check;

/// <summary>Recounts a tenant from the store, through the front door, when all is said: what agents hold, what waits, and who takes part in what.</summary>
sealed class ControlCheck(Tenant tenant, Findings findings, Ledger ledger)
{
    static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(250);

    /// <returns>Who takes part in each conversation.</returns>
    public async Task<IReadOnlyDictionary<Guid, IReadOnlySet<Guid>>> RunAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var administration = tenant.Administration;
        var begun = Stopwatch.GetTimestamp();
        while (true)
        {
            var agents = await administration.ListAgentsAsync(cancellationToken);
            var conversations = await administration.ListConversationsAsync(cancellationToken);
            var handlings = new Dictionary<Guid, ListedHandling>();
            foreach (var conversation in conversations)
                handlings[conversation.Id] = await administration.FindHandlingAsync(conversation.Id, cancellationToken);
            var open = conversations.Where(one => one.IsOpen).Select(one => new OpenConversation(one.Id, one.AssigneeId, handlings[one.Id].ReservedFor, handlings[one.Id].QueueId)).ToArray();

            var stuck = AgentLoads.Stuck(agents, open, tenant.Experts);
            var offered = handlings.Values.Count(one => one.Offer is not null);
            if ((stuck.Count > 0 || offered > 0) && Stopwatch.GetElapsedTime(begun) < patience)
            {
                await Task.Delay(LookAgainAfter, cancellationToken);
                continue;
            }
            foreach (var one in stuck)
                findings.Stick($"{tenant.Slug}: {one.Conversation} waits, though an agent is available who has a place");
            foreach (var (agent, load) in AgentLoads.Exceeded(agents, open))
                findings.Exceed($"{tenant.Slug}: {agent.Id} has {load} places taken in the store; its capacity is {agent.Capacity}");
            if (offered > 0)
                ledger.Fail($"{tenant.Slug}: {offered} offers stand still {patience} after all was said");
            return handlings.ToDictionary(one => one.Key, one => (IReadOnlySet<Guid>)one.Value.Participants.Select(participant => participant.AgentId).ToHashSet());
        }
    }
}
