using Rcc.Contracts.Routing;

namespace Rcc.Core.Routing;

/// <summary>Reads of queues. They are written through the log only.</summary>
public interface IQueueStore
{
    /// <summary>The queue as stored; null when there is none in the tenant, or nobody has changed the one every tenant has.</summary>
    Task<QueueSnapshot?> LoadAsync(TenantId tenant, Guid queue, CancellationToken cancellationToken);

    /// <summary>Lists queues that are stored, by id.</summary>
    Task<IReadOnlyList<QueueSnapshot>> ListAsync(TenantId tenant, Guid? after, int limit, CancellationToken cancellationToken);

    Task<int> CountAsync(TenantId tenant, CancellationToken cancellationToken);

    /// <summary>What leads into the queue, for people: an inbox, another queue; null for nothing.</summary>
    Task<string?> FindWayInAsync(TenantId tenant, Guid queue, CancellationToken cancellationToken);

    /// <summary>The name of a queue that names the group; null for none.</summary>
    Task<string?> FindNamingAsync(TenantId tenant, Guid group, CancellationToken cancellationToken);

    /// <summary>What waits in each queue in which something does, the first <paramref name="limit"/> of each, in order; and when the newest of the queue came to agents, <paramref name="sample"/> at most. One snapshot.</summary>
    Task<IReadOnlyList<QueueLine>> ListLinesAsync(TenantId tenant, DateTimeOffset servedSince, int sample, int limit, CancellationToken cancellationToken);

    /// <summary>Those of some conversations that wait, in whatever queue.</summary>
    Task<IReadOnlyList<Guid>> FilterWaitingAsync(TenantId tenant, IReadOnlyList<Guid> conversations, CancellationToken cancellationToken);

    /// <summary>Where a conversation stands in its queue, and when the newest of that queue came to an agent; null when there is no such conversation. One snapshot.</summary>
    Task<PlaceInQueue?> FindPlaceAsync(TenantId tenant, Guid conversation, DateTimeOffset servedSince, int limit, CancellationToken cancellationToken);
}

/// <summary>A queue as stored.</summary>
public sealed record QueueSnapshot(Guid Id, int Revision, QueueState State)
{
    /// <summary>The queue every tenant has, as it is until somebody changes it.</summary>
    public static QueueSnapshot Default(TenantId tenant) => new(tenant.Value, 0, new() { Name = "Default" });

    /// <summary>The stored queue, or the one every tenant has.</summary>
    public static QueueSnapshot? Or(QueueSnapshot? stored, TenantId tenant, Guid queue) => stored ?? (queue == tenant.Value ? Default(tenant) : null);
}

/// <summary>A conversation's place.</summary>
/// <param name="ContactId">Its customer.</param>
/// <param name="Position">1: the next; null: it does not wait.</param>
/// <param name="Queue">The queue's settings; null where nobody has changed them.</param>
/// <param name="Served">When the newest of its queue came to an agent.</param>
public sealed record PlaceInQueue(Guid ContactId, int? Position, QueueState? Queue, IReadOnlyList<DateTimeOffset> Served);

/// <summary>Who waits in a queue.</summary>
/// <param name="Queue">The queue's settings; null where nobody has changed them.</param>
/// <param name="Served">When the newest of it came to an agent.</param>
/// <param name="Waiting">Conversations with their customers, the next first.</param>
public sealed record QueueLine(QueueState? Queue, IReadOnlyList<DateTimeOffset> Served, IReadOnlyList<(Guid ConversationId, Guid ContactId)> Waiting);

/// <summary>A conversation has ceased to wait in a queue: what waits are measured by.</summary>
[GenerateSerializer, Immutable, Alias("rcc.routing.QueueWaitRow")]
public sealed record QueueWaitRow : Sync.RowWrite
{
    [Id(0)] public required Guid ConversationId { get; init; }

    [Id(1)] public required Guid QueueId { get; init; }

    /// <summary>Since when it waited.</summary>
    [Id(2)] public required DateTimeOffset Since { get; init; }

    /// <summary>It came to an agent; else it was resolved, or went on to another queue.</summary>
    [Id(3)] public required bool Served { get; init; }
}
