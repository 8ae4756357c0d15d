using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rcc.Core.Sync;

namespace Rcc.Core.Tenants;

/// <summary>The keys of the customers' identity HMAC of an inbox: the state of an item that no device gets. Both are texts, by <see cref="SealedSecrets"/>.</summary>
public sealed record InboxSecret
{
    const int SecretBytes = 32;

    /// <summary>Of the item.</summary>
    [JsonIgnore]
    public int Revision { get; init; }

    public ImmutableArray<byte> Current { get; init; } = [];

    /// <summary>The one it had before, which is good until <see cref="PreviousUntil"/>.</summary>
    public ImmutableArray<byte> Previous { get; init; } = [];

    public DateTimeOffset? PreviousUntil { get; init; }

    public static string MakeSecret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));

    public static ItemKey Key(Guid inbox) => new(ItemKind.InboxSecret, inbox);

    public static ImmutableArray<byte> Seal(SealedSecrets secrets, TenantId tenant, Guid inbox, string secret)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        return [.. secrets.Seal(Encoding.UTF8.GetBytes(secret), PurposeOf(tenant, inbox))];
    }

    /// <summary>Those that are good now, the newest first; without those that were sealed with a key that is not here.</summary>
    public IReadOnlyList<byte[]> Open(SealedSecrets secrets, TenantId tenant, Guid inbox, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        ImmutableArray<byte>[] good = PreviousUntil > now ? [Current, Previous] : [Current];
        return [.. good.Select(one => secrets.TryOpen(one.AsSpan(), PurposeOf(tenant, inbox))).OfType<byte[]>()];
    }

    /// <summary>The newest as a text; null when it was sealed with a key that is not here.</summary>
    public string? OpenCurrent(SealedSecrets secrets, TenantId tenant, Guid inbox)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        return secrets.TryOpen(Current.AsSpan(), PurposeOf(tenant, inbox)) is { } secret ? Encoding.UTF8.GetString(secret) : null;
    }

    public ImmutableArray<byte> Write() => [.. JsonSerializer.SerializeToUtf8Bytes(this, InboxSecretJson.Default.InboxSecret)];

    public static InboxSecret Read(int revision, ReadOnlySpan<byte> state) =>
        (JsonSerializer.Deserialize(state, InboxSecretJson.Default.InboxSecret) ?? throw new InvalidOperationException("An inbox's secret is stored without a state.")) with { Revision = revision };

    static string PurposeOf(TenantId tenant, Guid inbox) => $"inbox {tenant.Key} {inbox:N}";
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(InboxSecret))]
internal sealed partial class InboxSecretJson : JsonSerializerContext;
