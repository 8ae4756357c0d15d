using System.Net;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Rcc.Core;

namespace Rcc.Server.Access;

/// <summary>Token buckets that slow guessing down: per name and address, and per address over all names. Idle buckets are forgotten.</summary>
internal sealed class SignInLimits : IDisposable
{
    readonly PartitionedRateLimiter<(string Name, string Address)> perName;
    readonly PartitionedRateLimiter<string> perAddress;
    readonly PartitionedRateLimiter<(string Inbox, string Address)> customers;
    readonly PartitionedRateLimiter<(TenantId Tenant, Guid Agent)> codes;

    public SignInLimits(IOptions<SignInOptions> options)
    {
        perName = Limiter<(string, string)>(options.Value.AttemptsPerMinute);
        perAddress = Limiter<string>(options.Value.AttemptsPerMinuteAndAddress);
        customers = Limiter<(string, string)>(options.Value.CustomerSessionsPerMinuteAndAddress);
        codes = Limiter<(TenantId, Guid)>(options.Value.CodeAttempts, 1, TimeSpan.FromHours(1) / options.Value.CodeAttemptsPerHour);
    }

    /// <summary>Whether somebody may try to sign in with this name (account and e-mail, or operator) now.</summary>
    public bool TryAttempt(string name, IPAddress? address)
    {
        using var byAddress = perAddress.AttemptAcquire(KeyOf(address));
        if (!byAddress.IsAcquired) return false;
        using var byName = perName.AttemptAcquire((name, KeyOf(address)));
        return byName.IsAcquired;
    }

    /// <summary>Whether another code of the agent's second factor may be tried now, from whatever address: who tries knows the password.</summary>
    public bool TryCode(TenantId tenant, Guid agent)
    {
        using var lease = codes.AttemptAcquire((tenant, agent));
        return lease.IsAcquired;
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
        codes.Dispose();
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
        where TKey : notnull => Limiter<TKey>(perMinute, perMinute, TimeSpan.FromMinutes(1));

    static PartitionedRateLimiter<TKey> Limiter<TKey>(int burst, int tokens, TimeSpan period)
        where TKey : notnull =>
        PartitionedRateLimiter.Create<TKey, TKey>(key => RateLimitPartition.GetTokenBucketLimiter(key, _ => new()
        {
            TokenLimit = burst,
            TokensPerPeriod = tokens,
            ReplenishmentPeriod = period,
            QueueLimit = 0,
            AutoReplenishment = true,
        }));
}
