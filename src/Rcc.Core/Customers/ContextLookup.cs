using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Rcc.Core.Customers;

/// <summary>Asks one of the places a tenant names what it knows of a customer (RCC-46, RCC-49).</summary>
public interface IContextSource
{
    LookupOrigin Origin { get; }

    /// <summary>Never takes much longer than <see cref="CustomerOptions.LookupTimeout"/>, and never throws but for cancellation: what goes wrong is a result.</summary>
    Task<LookupResult> LookUpAsync(LookupQuestion question, CancellationToken cancellationToken);
}

/// <summary>Where context is looked up. What one says stands beside what the other does, and outlasts its failures; of one name the lower counts. The numbers stand in the store.</summary>
public enum LookupOrigin
{
    /// <summary>The tenant's own server.</summary>
    Server = 0,

    /// <summary>A Shared Profile XDMS (OMA XDM).</summary>
    Profile,
}

/// <summary>Where a tenant has context looked up: the state of an item that no device gets. Without a URL and a profile nothing is.</summary>
public sealed record LookupRecord
{
    const int SecretBytes = 32;

    public string? Url { get; init; }

    /// <summary>Signs the questions: <c>whsec_</c> and base64 (Standard Webhooks), by <see cref="SealedSecrets"/>. Empty where nothing is looked up.</summary>
    public ImmutableArray<byte> Secret { get; init; } = [];

    /// <summary>Where customers' profiles are; null where none are looked up.</summary>
    public ProfileServer? Profile { get; init; }

    /// <summary>All that are asked.</summary>
    public ImmutableArray<LookupOrigin> Origins() => [.. Enum.GetValues<LookupOrigin>().Where(origin => origin == LookupOrigin.Profile ? Profile is not null : Url is not null)];

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
    /// <summary>Everything that is known there.</summary>
    [Id(0)] public ImmutableArray<FoundContext> Found { get; init; } = [];

    /// <summary>Why nothing is known about what is known there; null when there was an answer.</summary>
    [Id(1)] public LookupFailure? Failure { get; init; }

    /// <summary>The document it was found in; null where documents have no versions.</summary>
    [Id(2)] public DocumentVersion? Document { get; init; }

    /// <summary>The document is what it was when it was last read: all that was found then is confirmed, and is not found again.</summary>
    [Id(3)] public bool IsUnchanged { get; init; }

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

    /// <summary>A status that is no answer.</summary>
    Status,

    /// <summary>More than <see cref="CustomerOptions.MaxLookupBytes"/>.</summary>
    TooLarge,

    /// <summary>Not as documented.</summary>
    Malformed,

    /// <summary>The secret that signs the questions, or the password they are asked with, cannot be opened with this server's keys: it must be set anew.</summary>
    SecretLost,

    /// <summary>It wants other credentials (401), or does not let them read this (403).</summary>
    NotAuthorized,
}
