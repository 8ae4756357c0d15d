using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Rcc.Contracts.Sync;

namespace Rcc.Core.Access;

/// <summary>How often one person may ask, over all its devices on this node: a token bucket each.</summary>
public sealed class RequestRates(IOptions<AccessOptions> options) : IDisposable
{
    static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    readonly PartitionedRateLimiter<Caller> buckets = PartitionedRateLimiter.Create<Caller, (TenantId, Guid)>(caller =>
        RateLimitPartition.GetTokenBucketLimiter((caller.Tenant, caller.PersonId), _ => Bucket(options.Value, caller.Role)));

    /// <summary>Takes one request of the caller's; false when it has none left.</summary>
    public bool TryTake(Caller caller)
    {
        using var lease = buckets.AttemptAcquire(caller);
        return lease.IsAcquired;
    }

    /// <inheritdoc/>
    public void Dispose() => buckets.Dispose();

    static TokenBucketRateLimiterOptions Bucket(AccessOptions options, Role role)
    {
        var (burst, perSecond) = role == Role.Application
            ? (options.ApplicationRequestBurst, options.ApplicationRequestsPerSecond)
            : (options.RequestBurst, options.RequestsPerSecond);
        return new()
        {
            TokenLimit = burst,
            TokensPerPeriod = Math.Max(1, (int)(perSecond * Period.TotalSeconds)),
            ReplenishmentPeriod = perSecond * Period.TotalSeconds >= 1 ? Period : TimeSpan.FromSeconds(1d / perSecond),
            QueueLimit = 0,
        };
    }
}
