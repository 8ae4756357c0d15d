using System.Collections.Immutable;
using Rcc.Contracts.Agents;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>What the rules ask of an agent who may get a conversation.</summary>
/// <param name="Id">The agent.</param>
/// <param name="Revision">Its revision: the decision holds while the agent is as it was.</param>
/// <param name="IsSuspended">It gets nothing and holds nothing.</param>
/// <param name="Availability">Whether it takes conversations.</param>
/// <param name="Capacity">How many it serves at once, offers included.</param>
public sealed record ConversationAgent(Guid Id, int Revision, bool IsSuspended, Availability Availability, int Capacity)
{
    public Guid? GroupId { get; init; }

    public IReadOnlyList<string> Skills { get; init; } = [];

    /// <summary>What a master agent manages it by; default: whoever asks does not manage it, or need not.</summary>
    public ImmutableArray<ItemFence> ManagedOn { get; init; }

    internal ItemFence Fence => new(new(ItemKind.Agent, Id), Revision);

    internal CapacityClaim Claim => new(Id, Capacity);
}
