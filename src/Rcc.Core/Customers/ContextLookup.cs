using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Rcc.Core.Customers;

/// <summary>Asks a tenant's own server what it knows of a customer (RCC-46).</summary>
public interface IContextSource
{
    /// <summary>Never takes much longer than <see cref="CustomerOptions.LookupTimeout"/>, and never throws but for cancellation: what goes wrong is a result.</summary>
    Task<LookupResult> LookUpAsync(LookupQuestion question, CancellationToken cancellationToken);
}

/// <summary>Where a tenant's own server answers: the state of an item that no device gets. Without a URL nothing is looked up.</summary>
public sealed record LookupRecord
{
    const int SecretBytes = 32;

    public string? Url { get; init; }

    /// <summary>Signs the questions: <c>whsec_</c> and base64 (Standard Webhooks), by <see cref="SealedSecrets"/>. Empty where nothing is looked up.</summary>
    public ImmutableArray<byte> Secret { get; init; } = [];

    /// <summary>The secret; null when it was sealed with a key that is not here, or there is none.</summary>
    public string? OpenSecret(SealedSecrets secrets, TenantId tenant)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        return secrets.TryOpen(Secret.AsSpan(), PurposeOf(tenant)) is { } secret ? Encoding.UTF8.GetString(secret) : null;
    }

    public static ImmutableArray<byte> Seal(SealedSecrets secrets, TenantId tenant, string secret)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        return [.. secrets.Seal(Encoding.UTF8.GetBytes(secret), PurposeOf(tenant))];
    }

    public static string MakeSecret() => $"whsec_{Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes))}";

    static string PurposeOf(TenantId tenant) => $"context_lookup {tenant.Key}";

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, RecordJson.Default.LookupRecord);

    public static LookupRecord OfJson(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, RecordJson.Default.LookupRecord) ?? throw new InvalidOperationException("A context lookup is stored without a state.");
}

/// <summary>What is asked.</summary>
/// <param name="Tenant">Whose customer.</param>
/// <param name="Lookup">Which lookup: <see cref="ContextDue.Lookup"/>.</param>
/// <param name="Where">Whom to ask.</param>
/// <param name="ContactId">The customer.</param>
/// <param name="Contact">What is known, over everything that was merged.</param>
public sealed record LookupQuestion(TenantId Tenant, Guid Lookup, LookupRecord Where, Guid ContactId, ContactRecord Contact);

/// <summary>How a lookup ended.</summary>
[GenerateSerializer, Immutable, Alias("rcc.customers.LookupResult")]
public sealed record LookupResult
{
    /// <summary>Everything the tenant's server knows.</summary>
    [Id(0)] public ImmutableArray<FoundContext> Found { get; init; } = [];

    /// <summary>Why nothing is known about what the tenant's server knows; null when it answered.</summary>
    [Id(1)] public LookupFailure? Failure { get; init; }

    public static LookupResult Failed(LookupFailure failure) => new() { Failure = failure };
}

/// <summary>A value that was found.</summary>
[GenerateSerializer, Immutable, Alias("rcc.customers.FoundContext")]
public sealed record FoundContext([property: Id(0)] string Name, [property: Id(1)] string Json, [property: Id(2)] TimeSpan? Lifetime);

/// <summary>Why a lookup failed.</summary>
public enum LookupFailure
{
    /// <summary>No whole answer in <see cref="CustomerOptions.LookupTimeout"/>.</summary>
    TimeOut = 0,

    /// <summary>No connection, or it broke.</summary>
    Unreachable,

    /// <summary>The host has only addresses of private networks.</summary>
    NotPublic,

    /// <summary>Another status than 200 and 204.</summary>
    Status,

    /// <summary>More than <see cref="CustomerOptions.MaxLookupBytes"/>.</summary>
    TooLarge,

    /// <summary>Not as documented.</summary>
    Malformed,

    /// <summary>The secret that signs the questions cannot be opened with this server's keys: it must be made anew.</summary>
    SecretLost,
}
