using System.Net;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace Rcc.Server.Access;

/// <summary>Token buckets that slow guessing down: per name and address, and per address over all names. Idle buckets are forgotten.</summary>
internal sealed class SignInLimits : IDisposable
{
    readonly PartitionedRateLimiter<(string Name, string Address)> perName;
    readonly PartitionedRateLimiter<string> perAddress;
    readonly PartitionedRateLimiter<(string Inbox, string Address)> customers;

    public SignInLimits(IOptions<SignInOptions> options)
    {
        perName = Limiter<(string, string)>(options.Value.AttemptsPerMinute);
        perAddress = Limiter<string>(options.Value.AttemptsPerMinuteAndAddress);
        customers = Limiter<(string, string)>(options.Value.CustomerSessionsPerMinuteAndAddress);
    }

    /// <summary>Whether somebody may try to sign in with this name (account and e-mail, or operator) now.</summary>
    public bool TryAttempt(string name, IPAddress? address)
    {
        using var byAddress = perAddress.AttemptAcquire(KeyOf(address));
        if (!byAddress.IsAcquired) return false;
        using var byName = perName.AttemptAcquire((name, KeyOf(address)));
        return byName.IsAcquired;
    }

    /// <summary>Whether another customer may begin a session in the inbox from this address now.</summary>
    public bool TryBegin(string inbox, IPAddress? address)
    {
        using var lease = customers.AttemptAcquire((inbox, KeyOf(address)));
        return lease.IsAcquired;
    }

    public void Dispose()
    {
        perName.Dispose();
        perAddress.Dispose();
        customers.Dispose();
    }

    /// <summary>One customer of an access provider has a whole /64 of IPv6.</summary>
    static string KeyOf(IPAddress? address)
    {
        if (address is null) return "";
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        return Convert.ToHexString(bytes.AsSpan(0, Math.Min(bytes.Length, 8)));
    }

    static PartitionedRateLimiter<TKey> Limiter<TKey>(int perMinute)
        where TKey : notnull =>
        PartitionedRateLimiter.Create<TKey, TKey>(key => RateLimitPartition.GetTokenBucketLimiter(key, _ => new()
        {
            TokenLimit = perMinute,
            TokensPerPeriod = perMinute,
            ReplenishmentPeriod = TimeSpan.FromMinutes(1),
            QueueLimit = 0,
            AutoReplenishment = true,
        }));
}
