using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Core;

namespace Rcc.Server.Access;

/// <summary>
/// Token buckets that slow guessing down: per name and address, per address over all names, and per name over all addresses, so that guessing from many addresses is slow too. Idle buckets are forgotten.
/// Nobody is locked out by another's guesses: an address the person has signed in from is not held up by those of others.
/// </summary>
internal sealed class SignInLimits : IDisposable
{
    const int MaxFamiliar = 100_000;
    const int BytesOfAddress = 8;
    const int BytesOfNetwork = 6;
    const string TooOften = "Too many attempts; wait before the next one.";

    readonly PartitionedRateLimiter<(string Name, string Address)> perName;
    readonly PartitionedRateLimiter<string> perAddress;
    readonly PartitionedRateLimiter<string> perNetwork;
    readonly PartitionedRateLimiter<string> perNameAnywhere;
    readonly PartitionedRateLimiter<string> unknown;
    readonly int unknownPerMinute;
    readonly ConcurrentDictionary<(string Name, string Address), bool> familiar = new();
    readonly PartitionedRateLimiter<(string Inbox, string Address)> customers;
    readonly PartitionedRateLimiter<string> looks;
    readonly PartitionedRateLimiter<(TenantId Tenant, Guid Agent)> codes;

    public SignInLimits(IOptions<SignInOptions> options)
    {
        perName = Limiter<(string, string)>(options.Value.AttemptsPerMinute);
        perAddress = Limiter<string>(options.Value.AttemptsPerMinuteAndAddress);
        perNetwork = Limiter<string>(options.Value.AttemptsPerMinuteAndNetwork);
        perNameAnywhere = Limiter<string>(options.Value.AttemptsPerHourAndName, 1, TimeSpan.FromHours(1) / options.Value.AttemptsPerHourAndName);
        unknownPerMinute = options.Value.UnknownCredentialsPerMinuteAndAddress;
        unknown = Limiter<string>(unknownPerMinute);
        customers = Limiter<(string, string)>(options.Value.CustomerSessionsPerMinuteAndAddress);
        looks = Limiter<string>(options.Value.InboxLooksPerMinuteAndAddress);
        codes = Limiter<(TenantId, Guid)>(options.Value.CodeAttempts, 1, TimeSpan.FromHours(1) / options.Value.CodeAttemptsPerHour);
    }

    /// <summary>Null when somebody may try to sign in with this name (account and e-mail, or operator) now.</summary>
    public Outcome? RefuseAttempt(string name, IPAddress? address) => RefuseAttempt(address)
        ?? Take(perName, (name, KeyOf(address)))
        ?? (familiar.ContainsKey((name, KeyOf(address))) ? null : Take(perNameAnywhere, name));

    /// <summary>Somebody has signed in with this name from there: from now on who guesses it elsewhere does not hold it up.</summary>
    public void Remember(string name, IPAddress? address)
    {
        if (familiar.Count >= MaxFamiliar) familiar.Clear();
        familiar[(name, KeyOf(address))] = true;
    }

    /// <summary>Null when somebody may try something that has no name to guess at: a sign-in by a provider, an invitation.</summary>
    public Outcome? RefuseAttempt(IPAddress? address) => Take(perAddress, KeyOf(address)) ?? (KeyOfNetwork(address) is { } network ? Take(perNetwork, network) : null);

    /// <summary>Null when a credential that this server has not met may be looked up for this address now: too many from there were unknown.</summary>
    public Outcome? RefuseUnknown(IPAddress? address) =>
        // Asked for no permits, a bucket gives them as soon as it holds the smallest part of one.
        unknown.GetStatistics(KeyOf(address)) is { CurrentAvailablePermits: 0 } ? Outcome.TooMany(TooOften, TimeSpan.FromMinutes(1) / unknownPerMinute) : null;

    /// <summary>A credential from there was unknown.</summary>
    public void CountUnknown(IPAddress? address) => Take(unknown, KeyOf(address));

    /// <summary>Null when an identity provider's answer to this sign-in may be tried now, from whatever address: only one that was begun here, and so was counted, has a state.</summary>
    public Outcome? RefuseAnswer(string state) => Take(perName, (state, ""));

    /// <summary>Null when another code of the agent's second factor may be tried now, from whatever address: who tries knows the password.</summary>
    public Outcome? RefuseCode(TenantId tenant, Guid agent) => Take(codes, (tenant, agent));

    /// <summary>Null when another customer may begin a session in the inbox from this address now.</summary>
    public Outcome? RefuseSession(string inbox, IPAddress? address) => Take(customers, (inbox, KeyOf(address)));

    /// <summary>Null when somebody at this address may look at an inbox now.</summary>
    public Outcome? RefuseLook(IPAddress? address) => Take(looks, KeyOf(address));

    public void Dispose()
    {
        perName.Dispose();
        perAddress.Dispose();
        perNetwork.Dispose();
        perNameAnywhere.Dispose();
        unknown.Dispose();
        customers.Dispose();
        looks.Dispose();
        codes.Dispose();
    }

    static Outcome? Take<TKey>(PartitionedRateLimiter<TKey> limiter, TKey key)
    {
        using var lease = limiter.AttemptAcquire(key);
        return lease.IsAcquired ? null
            : Outcome.TooMany(TooOften, lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1));
    }

    /// <summary>One customer of an access provider has a whole /64 of IPv6.</summary>
    static string KeyOf(IPAddress? address) => KeyOf(address, BytesOfAddress);

    /// <summary>One organisation easily has a /48 of IPv6, which is 65,536 of these; null for IPv4.</summary>
    static string? KeyOfNetwork(IPAddress? address) => address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false } ? KeyOf(address, BytesOfNetwork) : null;

    static string KeyOf(IPAddress? address, int length)
    {
        if (address is null) return "";
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        return Convert.ToHexString(bytes.AsSpan(0, Math.Min(bytes.Length, length)));
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
