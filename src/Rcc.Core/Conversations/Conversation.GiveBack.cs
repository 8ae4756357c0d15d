using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>What becomes of a conversation that was transferred to a queue in vain.</summary>
public static partial class Conversation
{
    /// <summary>
    /// Gives back what waits in a queue that has closed, or was removed. <paramref name="source"/> is the agent who has transferred it there, if it can be given back to that one: else it waits in the queue it had come through.
    /// </summary>
    public static Decision<ConversationSnapshot> GiveBack(TenantId tenant, ConversationSnapshot? now, ConversationAgent? source, DateTimeOffset at) =>
        now is { Handling: { Offer: null, Transfer: { WaitsInQueue: true } transfer } }
            ? GiveBack(tenant, now, transfer, source, at, TransferOutcome.NoAnswer)
            : Answer.Refused(ErrorCode.Conflict, "No transfer waits in a queue.");

    static Decision<ConversationSnapshot> GiveBack(
        TenantId tenant, ConversationSnapshot now, Transfer transfer, ConversationAgent? source, DateTimeOffset at, TransferOutcome outcome)
    {
        // Who has gone home is no better for the customer than nobody.
        var isThere = source is { IsSuspended: false, Availability: not Availability.Offline } && source.Id == transfer.FromId;
        var back = Assigned(now, isThere ? transfer.FromId : null, at, outcome);
        return Change(
            tenant,
            now,
            back with { Handling = back.Handling with { QueueId = transfer.FromQueueId } },
            isThere ? change => change with { Fences = change.Fences.Add(source!.Fence), Claims = [source.Claim] } : null);
    }
}
