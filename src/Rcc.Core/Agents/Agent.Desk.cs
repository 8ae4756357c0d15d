using System.Collections.Immutable;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Core.Sync;

namespace Rcc.Core.Agents;

/// <summary>What an agent leaves lying on its desk, which is the same on all its devices.</summary>
public static partial class Agent
{
    /// <summary>Says which conversation is open on the desk. <paramref name="isVisible"/>: the caller may see it.</summary>
    public static Decision<AgentSnapshot> SetOpenConversation(AgentSnapshot? now, Caller caller, Guid? conversation, bool isVisible)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (now is null || now.Id != caller.PersonId)
        {
            return NotFound;
        }

        if (conversation is not null && !isVisible)
        {
            return Decision.NotFound("conversation");
        }

        var next = now with { OpenConversationRevision = now.OpenConversationRevision + 1 };
        return Decision.Accept(next, Own(ItemChange.Of(
            new(ItemKind.OpenConversation, now.Id), next.OpenConversationRevision, new(conversation), ContractJson.Default.OpenConversationState, Audience.OfPerson(now.Id))));
    }

    /// <summary>
    /// Keeps an unsent text. <paramref name="draftRevision"/> is what is stored now, 0 for none; <paramref name="sight"/> is by what the caller sees the conversation. A draft is never deleted: its revision must go on rising, or a device would take the next one for an old one.
    /// </summary>
    public static Decision<AgentSnapshot> SetDraft(AgentSnapshot? now, Caller caller, Guid conversation, DraftState draft, int? ifRevision, int draftRevision, Sight? sight)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (now is null || now.Id != caller.PersonId)
        {
            return NotFound;
        }

        if (sight is null)
        {
            return Decision.NotFound("conversation");
        }

        if (ifRevision is { } expected && expected != draftRevision)
        {
            return Answer.Refused(ErrorCode.Conflict, $"The draft has revision {draftRevision}, not {expected}: another device has changed it.");
        }

        var item = ItemChange.Of(new(ItemKind.Draft, conversation, now.Id), draftRevision + 1, draft, ContractJson.Default.DraftState, Audience.OfPerson(now.Id));

        // Leaving deletes what the person was going to say there: nothing may come behind it.
        return Decision.Accept(now, Own(item) with { Fences = [new(ItemKey.OfHandling(conversation), sight.Revision), .. sight.RestsOn] });
    }

    static Proposal Own(ItemChange item) => new() { Answer = Answer.Done with { Revision = item.Revision }, Items = [item] };
}

/// <summary>That an agent sees a conversation.</summary>
/// <param name="Revision">The conversation's revision at which it does.</param>
/// <param name="RestsOn">What it sees it by, if it takes no part.</param>
public sealed record Sight(int Revision, ImmutableArray<ItemFence> RestsOn);
