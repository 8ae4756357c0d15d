using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Routing;
using Rcc.Core.Agents;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>What routing gives and offers to agents, and what they answer.</summary>
public static partial class Conversation
{
    /// <summary>
    /// Routing gives the conversation to an available agent. <paramref name="holder"/> is the agent it is assigned to by now, if any: one who was suspended holds nothing.
    /// </summary>
    public static Decision<ConversationSnapshot> Route(
        TenantId tenant, ConversationSnapshot? now, ConversationAgent? agent, ConversationAgent? holder, DateTimeOffset at) =>
        RefuseRouting(now, agent, holder) is { } refusal ? refusal : Give(tenant, now!, agent!, at);

    /// <summary>
    /// Routing offers the conversation to an available agent until <paramref name="until"/>: its place with the agent is reserved from now on.
    /// <paramref name="lastRevision"/> is that of the last offer of the conversation to the agent; 0 for none.
    /// </summary>
    public static Decision<ConversationSnapshot> Offer(
        TenantId tenant, ConversationSnapshot? now, ConversationAgent? agent, ConversationAgent? holder, int lastRevision, DateTimeOffset at, DateTimeOffset until)
    {
        if (RefuseRouting(now, agent, holder) is { } refusal)
        {
            return refusal;
        }

        if (now!.Handling.Offer is not null)
        {
            return Answer.Refused(ErrorCode.Conflict, "The conversation is offered to an agent already.");
        }

        var waits = now.State.AssigneeId is null ? now : Assigned(now, null, at);
        var next = waits with { Handling = waits.Handling with { Offer = new(agent!.Id, lastRevision + 1, at, until) } };
        return Change(tenant, now, next, change => change with { Fences = change.Fences.Add(agent.Fence), Claims = [agent.Claim] });
    }

    /// <summary>The agent it is offered to takes it. Of all who try one wins, whatever device they try on (RCC-9). <paramref name="missed"/> is what the agent has left unanswered before, <paramref name="formers"/> how many who had it may read on when it is transferred.</summary>
    public static Decision<ConversationSnapshot> Accept(TenantId tenant, ConversationSnapshot? now, Standing caller, DateTimeOffset at, MissedOffers? missed = null, int formers = 0)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return FindOffer(now, caller) is { } refusal
            ? refusal
            : Change(tenant, now, now!.Handling.Offer!.FromId is null ? Assigned(now, caller.PersonId, at) : Accepted(now, caller.PersonId, at, formers), change => With(change, missed?.Forgotten()), new(OfferOutcome.Accepted, caller.DeviceId));
    }

    /// <summary>The agent it is offered to does not take it. <paramref name="others"/>: who may get a transfer instead.</summary>
    public static Decision<ConversationSnapshot> Decline(TenantId tenant, ConversationSnapshot? now, Standing caller, DateTimeOffset at, Targets? others = null, MissedOffers? missed = null)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return FindOffer(now, caller) is { } refusal ? refusal : With(Pass(tenant, now!, new(OfferOutcome.Declined, caller.DeviceId), others, at), missed?.Forgotten());
    }

    static Answer? RefuseRouting(ConversationSnapshot? now, ConversationAgent? agent, ConversationAgent? holder)
    {
        if (now is null)
        {
            return NotFound;
        }

        var waits = IsWaiting(now) || (now.State.Status == ConversationStatus.Open && holder is { IsSuspended: true });
        if (!waits)
        {
            return Answer.Refused(ErrorCode.Conflict, "The conversation does not wait any more.");
        }

        return agent is { IsSuspended: false, Availability: Availability.Online } ? null : Answer.Refused(ErrorCode.Conflict, "The agent is not available.");
    }

    /// <summary>Null when the conversation is offered to the caller.</summary>
    static Answer? FindOffer(ConversationSnapshot? now, Standing caller)
    {
        if (now?.Handling.Offer is { } offer && offer.AgentId == caller.PersonId)
        {
            return null;
        }

        // Who is not offered it, and does not see it otherwise, is not to learn that it exists.
        return now is not null && IsVisible(now, caller) ? OverFor(now) : Decision.NotFound("offer");
    }

    /// <summary>Who lost the race is told how it ended in the same breath.</summary>
    static Answer OverFor(ConversationSnapshot now) => Answer.Refused(ErrorCode.Conflict, "The offer is over.") with
    {
        ConversationId = now.Id,
        Revision = now.Revision,
        Conversation = JsonSerializer.Serialize(now.State, ContractJson.Default.ConversationState),
    };

    static Proposal With(Proposal change, ItemChange? item) => item is null ? change : change with { Items = change.Items.Add(item) };

    static Decision<ConversationSnapshot> With(Decision<ConversationSnapshot> decision, ItemChange? item) => Decision.Accept(decision.Next!, With(decision.Change!, item));

    static ConversationSnapshot Passed(ConversationSnapshot now, DateTimeOffset at)
    {
        var agent = now.Handling.Offer!.AgentId;
        return now with { Handling = now.Handling with { Offer = null, Passed = [.. now.Handling.Passed.Where(other => other != agent), agent], PassedAt = at } };
    }
}
