using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Rcc.Contracts;

namespace Rcc.Core.Access;

/// <summary>How often customers whom nobody vouches for may be new to one tenant on this node: each stays for ever.</summary>
public sealed class NewContactRates(IOptions<AccessOptions> options) : IDisposable
{
    static readonly TimeSpan Usual = TimeSpan.FromSeconds(1);

    readonly PartitionedRateLimiter<TenantId> buckets = PartitionedRateLimiter.Create<TenantId, TenantId>(tenant =>
        RateLimitPartition.GetTokenBucketLimiter(tenant, _ => new()
        {
            TokenLimit = options.Value.NewContactsPerMinute,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromMinutes(1) / options.Value.NewContactsPerMinute,
            QueueLimit = 0,
        }));

    /// <summary>Null when one more may come in now.</summary>
    public Outcome? Refuse(TenantId tenant)
    {
        using var lease = buckets.AttemptAcquire(tenant);
        return lease.IsAcquired
            ? null
            : Outcome.TooMany("Too many new customers; NewContactsPerMinute is the limit.", lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : Usual);
    }

    /// <inheritdoc/>
    public void Dispose() => buckets.Dispose();
}
