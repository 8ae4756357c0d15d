using Orleans.Concurrency;

namespace Rcc.Core.Routing;

/// <summary>Gives the conversations of one tenant that wait to its available agents; keyed by <see cref="TenantId.Key"/>. The store says what waits: a call only makes it look at once.</summary>
[Alias("rcc.IRoutingGrain")]
public interface IRoutingGrain : IGrainWithStringKey
{
    /// <summary>Something began to wait, or somebody became available. Answers before anything is assigned.</summary>
    [AlwaysInterleave]
    [Alias("Look")]
    Task LookAsync(CancellationToken cancellationToken);
}

/// <summary>What routing decides on.</summary>
public interface IRoutingStore
{
    /// <summary>Tenants in which something waits although an agent is available, or is due by time.</summary>
    Task<IReadOnlyList<TenantId>> FindTenantsWithWorkAsync(int limit, CancellationToken cancellationToken);

    /// <summary>Open conversations that agents hold who were suspended or removed: whoever was to take them back was cut short.</summary>
    Task<IReadOnlyList<HeldConversation>> FindHeldAsync(int limit, CancellationToken cancellationToken);

    /// <summary>The longest waiting conversations and the available agents with the number of their open conversations. One snapshot.</summary>
    Task<RoutingSnapshot> LoadAsync(TenantId tenant, int limit, CancellationToken cancellationToken);

    /// <summary>Conversations to which something is to happen by now, the longest overdue first, and when the next will be due; null for none.</summary>
    Task<DueConversations> FindDueAsync(TenantId tenant, int limit, CancellationToken cancellationToken);
}

/// <summary>A conversation that its agent may not keep.</summary>
public readonly record struct HeldConversation(TenantId Tenant, Guid Id);

/// <summary>What waits and who is free.</summary>
public sealed record RoutingSnapshot(IReadOnlyList<Guid> Waiting, IReadOnlyList<AvailableAgent> Agents);

/// <summary>What is due by time.</summary>
public sealed record DueConversations(IReadOnlyList<Guid> Due, DateTimeOffset? NextAt);

/// <summary>An agent who takes conversations.</summary>
/// <param name="Id">The agent.</param>
/// <param name="OpenConversations">How many open ones are assigned or offered to it.</param>
/// <param name="LastAssignedAt">When it was last given one; null for never: the longest idle gets the next.</param>
/// <param name="Capacity">How many it serves at once.</param>
public sealed record AvailableAgent(Guid Id, int OpenConversations, DateTimeOffset? LastAssignedAt, int Capacity);
