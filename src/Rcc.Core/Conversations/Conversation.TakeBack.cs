using Rcc.Contracts.Conversations;
using Rcc.Contracts.Routing;
using Rcc.Core.Agents;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>What becomes of a conversation when an agent has gone who has it, is offered it, or is asked about it.</summary>
public static partial class Conversation
{
    /// <summary>
    /// Takes it from an agent who was suspended or removed, or recalls the offer to one who has gone: others get it at once, and the place with the agent is free. It counts for no refusal.
    /// <paramref name="holder"/> is the agent it is assigned to, <paramref name="reserved"/> the one it is offered to or who is consulted, <paramref name="others"/> who may get a transfer instead.
    /// </summary>
    public static Decision<ConversationSnapshot> TakeBack(
        TenantId tenant, ConversationSnapshot? now, ConversationAgent? holder, ConversationAgent? reserved, Targets? others, DateTimeOffset at)
    {
        if (now is null)
        {
            return NotFound;
        }

        if (now.State is { Status: ConversationStatus.Open, AssigneeId: { } assignee } && holder is { IsSuspended: true } && holder.Id == assignee)
        {
            return Change(tenant, now, Assigned(now, null, at), change => change with { Fences = change.Fences.Add(holder.Fence) });
        }

        return reserved is not null && reserved.Id == now.ReservedFor && Recall(tenant, now, reserved, others, at) is { } decision
            ? Decision.Accept(decision.Next!, decision.Change! with { Fences = decision.Change.Fences.Add(reserved.Fence) })
            : Answer.Refused(ErrorCode.Conflict, "Nobody has it who cannot keep it.");
    }

    /// <summary>Null when the agent keeps its place. Who is consulted keeps it while away: it may come back to the matter.</summary>
    static Decision<ConversationSnapshot>? Recall(TenantId tenant, ConversationSnapshot now, ConversationAgent reserved, Targets? others, DateTimeOffset at) => now.Handling.Offer switch
    {
        null => reserved.IsSuspended ? Change(tenant, now, now with { Handling = EndTransfer(now, TransferOutcome.NoAnswer) }) : null,
        _ when Agent.IsThere(reserved.IsSuspended, reserved.Availability) => null,
        { FromId: null } => Change(tenant, now, now with { Handling = now.Handling with { Offer = null } }),
        _ => Pass(tenant, now, new(OfferOutcome.Withdrawn, null), others, at),
    };
}
