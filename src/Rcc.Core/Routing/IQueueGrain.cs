using System.Collections.Immutable;
using Rcc.Core.Sync;

namespace Rcc.Core.Routing;

/// <summary>One queue, keyed by <see cref="TenantId.KeyOf"/>; the tenant's own id is the queue every tenant has. Rules are in <c>Queue</c>.</summary>
[Alias("rcc.IQueueGrain")]
public interface IQueueGrain : IGrainWithStringKey
{
    /// <summary>Makes the queue. <see cref="Contracts.ErrorCode.Taken"/> when the name is used.</summary>
    [Alias("Create")]
    Task<Answer> CreateAsync(Caller caller, CommandKey? command, QueueSettings settings, CancellationToken cancellationToken);

    /// <summary>Replaces all its settings.</summary>
    [Alias("Change")]
    Task<Answer> ChangeAsync(Caller caller, CommandKey? command, QueueSettings settings, CancellationToken cancellationToken);

    /// <summary>Removes the queue, unless something leads into it. What waits in it goes on waiting in the queue every tenant has.</summary>
    [Alias("Remove")]
    Task<Answer> RemoveAsync(Caller caller, CommandKey? command, CancellationToken cancellationToken);
}

/// <summary>How a queue is to be; its shape and limits were checked at the door.</summary>
/// <param name="State">A <see cref="Contracts.Routing.QueueState"/> as JSON, as devices get it.</param>
[GenerateSerializer, Immutable, Alias("rcc.routing.QueueSettings")]
public sealed record QueueSettings([property: Id(0)] ImmutableArray<byte> State);

/// <summary>The queue's row: its name is unique.</summary>
[GenerateSerializer, Immutable, Alias("rcc.routing.QueueRow")]
public sealed record QueueRow : RowWrite
{
    [Id(0)] public required Guid Id { get; init; }

    /// <summary>Null: it was removed.</summary>
    [Id(1)] public string? Name { get; init; }

    /// <summary>What waits in it may have to be looked at although nobody comes.</summary>
    [Id(2)] public bool IsTimed { get; init; }

    /// <summary>What it leads into.</summary>
    [Id(3)] public Guid? OverflowQueueId { get; init; }

    /// <summary>The groups that serve it.</summary>
    [Id(4)] public ImmutableArray<Guid> GroupIds { get; init; } = [];
}
