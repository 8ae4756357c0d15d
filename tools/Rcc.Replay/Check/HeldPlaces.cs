using Rcc.Client.Sync;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Routing;
using Rcc.Contracts.Sync;

namespace Rcc.Replay.Check;

/// <summary>
/// The places an agent has taken, as one of its devices is told by ordered changes: conversations it has, that are offered to it, or for which it is consulted. Counted whenever the device stands where the log stood at some
/// moment, which is not so in the middle of catching up.
/// </summary>
sealed class HeldPlaces(Guid agent, int capacity)
{
    readonly HashSet<string> assigned = [];
    readonly HashSet<string> offered = [];
    readonly HashSet<string> consulted = [];

    /// <summary>How many it has.</summary>
    public int Count => assigned.Union(offered).Union(consulted).Count();

    public bool IsExceeded => Count > capacity;

    /// <summary>The device holds the item so from now on; null: not any more.</summary>
    public void Take(ItemKey key, ReplicaItem? item)
    {
        var conversation = key.Id.Split('/')[0];
        switch (key.Kind)
        {
            case ItemKinds.Conversation:
                Set(assigned, item?.Read<ConversationState>() is { Status: ConversationStatus.Open } state && state.AssigneeId == agent);
                break;
            case ItemKinds.Offer:
                Set(offered, item?.Read<OfferState>() is { Outcome: null });
                break;
            case ItemKinds.Handling:
                Set(consulted, item?.Read<HandlingState>().Transfer is { IsUnderWay: true } transfer && transfer.ConsultantId == agent);
                break;
        }

        void Set(HashSet<string> places, bool has)
        {
            if (has)
                places.Add(conversation);
            else
                places.Remove(conversation);
        }
    }
}
