using Rcc.Contracts.Agents;
using Rcc.Contracts.Routing;

namespace Rcc.Core.Conversations;

/// <summary>Reads of what an agent's desk shows, for who has no device that synchronises.</summary>
public interface IDeskStore
{
    /// <summary>What is offered to the agent now, who is asked longest first.</summary>
    Task<IReadOnlyList<OfferListing>> ListOffersAsync(TenantId tenant, Guid agent, int limit, CancellationToken cancellationToken);

    /// <summary>What a desk counts. One snapshot.</summary>
    Task<DeskNumbers> CountAsync(TenantId tenant, Guid agent, CancellationToken cancellationToken);
}

/// <summary>An offer that stands.</summary>
public sealed record OfferListing(Guid ConversationId, OfferState State);

/// <summary>What a desk counts.</summary>
/// <param name="Mine">Open conversations assigned to the agent.</param>
/// <param name="Unread">Open conversations the agent takes part in, with messages it has not read.</param>
/// <param name="Waiting">Conversations that no agent has, by queue; a queue in which nothing waits is not among them.</param>
/// <param name="Agents">Agents by what they say of themselves, without suspended and removed ones.</param>
public sealed record DeskNumbers(int Mine, int Unread, IReadOnlyDictionary<Guid, int> Waiting, IReadOnlyDictionary<Availability, int> Agents);
