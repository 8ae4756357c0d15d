using Orleans.Concurrency;
using Rcc.Contracts.Conversations;

namespace Rcc.Core.Routing;

/// <summary>Gives the conversations of one tenant that wait to its available agents; keyed by <see cref="TenantId.Key"/>. The store says what waits: a call only makes it look at once.</summary>
[Alias("rcc.IRoutingGrain")]
public interface IRoutingGrain : IGrainWithStringKey
{
    /// <summary>Something began to wait, or somebody became available. Answers before anything is assigned.</summary>
    [AlwaysInterleave]
    [Alias("Look")]
    Task LookAsync(CancellationToken cancellationToken);

    /// <summary>An agent was suspended or removed, or has gone: takes back what it cannot keep, and looks. Answers before anything is taken back.</summary>
    [AlwaysInterleave]
    [Alias("TakeBack")]
    Task TakeBackAsync(CancellationToken cancellationToken);
}

/// <summary>What routing decides on.</summary>
public interface IRoutingStore
{
    /// <summary>Tenants in which something waits although an agent is available, or is due by time; by id, after one.</summary>
    Task<IReadOnlyList<TenantId>> FindTenantsWithWorkAsync(TenantId? after, int limit, CancellationToken cancellationToken);

    /// <summary>Tenants in which agents have what they cannot keep (<see cref="FindHeldAsync"/>); by id, after one.</summary>
    Task<IReadOnlyList<TenantId>> FindTenantsWithHeldAsync(TenantId? after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Open conversations that agents cannot keep: that they have, or are consulted in, although they were suspended or removed, or are offered although they have gone. By id, after one.
    /// </summary>
    Task<IReadOnlyList<Guid>> FindHeldAsync(TenantId tenant, Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>The first <paramref name="limit"/> that wait in each queue, the queues, and the available agents with the number of their open conversations. One snapshot.</summary>
    Task<RoutingSnapshot> LoadAsync(TenantId tenant, int limit, CancellationToken cancellationToken);

    /// <summary>Conversations to which something is to happen by now, the longest overdue first, after one, and when the next will be due.</summary>
    Task<DueConversations> FindDueAsync(TenantId tenant, DueConversation? after, int limit, CancellationToken cancellationToken);
}

/// <summary>What waits and who is free.</summary>
/// <param name="Waiting">What waits: of each queue the first ones, by urgency, then the time of its session, then number.</param>
/// <param name="Agents">Who takes conversations.</param>
/// <param name="Queues">The queues that are stored. What waits in another is served as in <see cref="QueueSnapshot.Default"/>.</param>
public sealed record RoutingSnapshot(IReadOnlyList<WaitingConversation> Waiting, IReadOnlyList<AvailableAgent> Agents, IReadOnlyList<QueueSnapshot> Queues)
{
    /// <summary>Some customer waits in a queue, also one whose conversation is being offered, and so is not among <see cref="Waiting"/>.</summary>
    public bool HasLines { get; init; }
}

/// <summary>What is due by time.</summary>
/// <param name="At">Now, by the store's clock: what happens to them happens at that time, whatever the server's clock says, so that what is due is not due any more then.</param>
/// <param name="Due">What is due.</param>
/// <param name="NextAt">When the next will be; null for never.</param>
public sealed record DueConversations(DateTimeOffset At, IReadOnlyList<DueConversation> Due, DateTimeOffset? NextAt);

/// <summary>A conversation, and when something was to happen to it.</summary>
public readonly record struct DueConversation(Guid Id, DateTimeOffset DueAt);

/// <summary>A conversation that waits and is offered to nobody.</summary>
public sealed record WaitingConversation
{
    public required Guid Id { get; init; }

    /// <summary>The number people use: who came first, among equals.</summary>
    public required long DisplayId { get; init; }

    public required Guid QueueId { get; init; }

    public Priority Priority { get; init; }

    /// <summary>Since when it waits.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Since when its session lasts: who loses its agent does not go to the end of the line.</summary>
    public DateTimeOffset SessionSince { get => field == default ? Since : field; init; }

    /// <summary>Agents it was offered to in vain.</summary>
    public IReadOnlyList<Guid> Passed { get; init; } = [];

    /// <summary>When the last of them passed.</summary>
    public DateTimeOffset? PassedAt { get; init; }

    /// <summary>It came from another queue, and stays.</summary>
    public bool Overflowed { get; init; }

    /// <summary>The agent who transferred it here: it goes to anybody else, or back.</summary>
    public Guid? TransferredFrom { get; init; }

    /// <summary>Its customer knows that nobody is there.</summary>
    public bool ToldOffline { get; init; }
}

/// <summary>An agent who takes conversations.</summary>
/// <param name="Id">The agent.</param>
/// <param name="OpenConversations">How many open ones are assigned or offered to it.</param>
/// <param name="LastAssignedAt">When it was last given one; null for never: the longest idle gets the next.</param>
/// <param name="Capacity">How many it serves at once.</param>
public sealed record AvailableAgent(Guid Id, int OpenConversations, DateTimeOffset? LastAssignedAt, int Capacity)
{
    public Guid? GroupId { get; init; }

    public IReadOnlyList<string> Skills { get; init; } = [];
}
