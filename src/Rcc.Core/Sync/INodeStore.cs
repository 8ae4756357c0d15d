namespace Rcc.Core.Sync;

/// <summary>
/// Which nodes are alive and which tenants they follow: whom a change waits for that must have reached every node (design promise 11), whether or not they subscribe to the log that committed it.
/// </summary>
public interface INodeStore
{
    /// <summary>The node is alive. False when the store does not know it any more: then it follows nobody.</summary>
    /// <exception cref="UnavailableException"/>
    Task<bool> BeatAsync(Guid node, CancellationToken cancellationToken);

    /// <summary>The node is alive and begins a tail of the tenant. Once only for each tail, and before the tail reads anything.</summary>
    /// <exception cref="UnavailableException"/>
    Task FollowAsync(Guid node, Guid tail, TenantId tenant, CancellationToken cancellationToken);

    /// <summary>The tail has ended.</summary>
    /// <exception cref="UnavailableException"/>
    Task LeaveAsync(Guid tail, CancellationToken cancellationToken);

    /// <summary>The node has stopped, and follows nobody.</summary>
    /// <exception cref="UnavailableException"/>
    Task ForgetAsync(Guid node, CancellationToken cancellationToken);

    /// <summary>The nodes that follow the tenant and were alive within the time.</summary>
    /// <exception cref="UnavailableException"/>
    Task<IReadOnlyList<Guid>> FindFollowersAsync(TenantId tenant, TimeSpan within, CancellationToken cancellationToken);
}
