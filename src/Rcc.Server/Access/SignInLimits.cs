using System.Net;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Rcc.Contracts;
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

    /// <summary>Null when somebody may try to sign in with this name (account and e-mail, or operator) now.</summary>
    public Outcome? RefuseAttempt(string name, IPAddress? address) => Take(perAddress, KeyOf(address)) ?? Take(perName, (name, KeyOf(address)));

    /// <summary>Null when somebody may try something that has no name to guess at: a sign-in by a provider, an invitation.</summary>
    public Outcome? RefuseAttempt(IPAddress? address) => Take(perAddress, KeyOf(address));

    /// <summary>Null when an identity provider's answer to this sign-in may be tried now, from whatever address: only one that was begun here, and so was counted, has a state.</summary>
    public Outcome? RefuseAnswer(string state) => Take(perName, (state, ""));

    /// <summary>Null when another code of the agent's second factor may be tried now, from whatever address: who tries knows the password.</summary>
    public Outcome? RefuseCode(TenantId tenant, Guid agent) => Take(codes, (tenant, agent));

    /// <summary>Null when another customer may begin a session in the inbox from this address now.</summary>
    public Outcome? RefuseSession(string inbox, IPAddress? address) => Take(customers, (inbox, KeyOf(address)));

    public void Dispose()
    {
        perName.Dispose();
        perAddress.Dispose();
        customers.Dispose();
        codes.Dispose();
    }

    static Outcome? Take<TKey>(PartitionedRateLimiter<TKey> limiter, TKey key)
    {
        using var lease = limiter.AttemptAcquire(key);
        return lease.IsAcquired ? null
            : Outcome.TooMany("Too many attempts; wait before the next one.", lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1));
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
