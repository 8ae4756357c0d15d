using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rcc.Core.Sync;

namespace Rcc.Core.Tenants;

/// <summary>A tenant's own OpenID provider, which says who its agents are.</summary>
/// <param name="Issuer">Its address, under which its discovery document stands (OpenID Connect Discovery 1.0 §4).</param>
/// <param name="ClientId">What it knows us as.</param>
/// <param name="ClientSecret">What we prove that with, by <see cref="SealedSecrets"/>.</param>
/// <param name="ReturnUrls">Where a sign-in may end. Nothing else is redirected to.</param>
[GenerateSerializer, Immutable, Alias("rcc.tenants.IdentityProvider")]
public sealed record IdentityProvider(
    [property: Id(0)] string Issuer,
    [property: Id(1)] string ClientId,
    [property: Id(2)] ImmutableArray<byte> ClientSecret,
    [property: Id(3)] ImmutableArray<string> ReturnUrls)
{
    public static ItemKey Key(TenantId tenant) => new(ItemKind.IdentityProvider, tenant.Value);

    /// <summary>What the client secret is sealed for: a secret of one provider is never sent to another.</summary>
    public static string PurposeOf(TenantId tenant, string issuer, string clientId) => $"oidc {tenant.Key} {issuer} {clientId}";

    /// <summary>The client secret; null when it was sealed with a key that is not here.</summary>
    internal byte[]? OpenSecret(SealedSecrets secrets, TenantId tenant) => secrets.TryOpen(ClientSecret.AsSpan(), PurposeOf(tenant, Issuer, ClientId));

    /// <summary>Null when the tenant has removed it.</summary>
    public static IdentityProvider? Read(StoredItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return item.Read(IdentityProviderJson.Default.IdentityProviderState).Provider;
    }

    internal static ImmutableArray<byte> Write(IdentityProvider? provider) => [.. JsonSerializer.SerializeToUtf8Bytes(new(provider), IdentityProviderJson.Default.IdentityProviderState)];

    /// <summary>Sets it, or with <paramref name="provider"/> null removes it, unless it is the only way in. Who is signed in by it stays so.</summary>
    public static Decision<ProviderSnapshot> Set(TenantId tenant, ProviderSnapshot? now, IdentityProvider? provider, TenantSnapshot? account)
    {
        if (provider is null && account?.Policies.SignIn == SignInWay.OidcOnly)
        {
            return Answer.Refused(ErrorCode.Conflict, "Agents sign in by the identity provider only (policies.sign_in): nobody could sign in.");
        }

        var before = now?.Provider;
        var next = new ProviderSnapshot((now?.Revision ?? 0) + 1, provider);
        return Decision.Accept(next, new()
        {
            Answer = Answer.Done with { Revision = next.Revision },
            Items = [new(Key(tenant), next.Revision, Write(provider), Audience.OfNobody, [])],
            Fences = provider is null && account is not null ? [Account.Fence(account)] : [],
            Act = new("identity_provider", tenant.Value, provider is null ? "remove" : "update")
            {
                Changes = ActChanges.Of("issuer", before?.Issuer, provider?.Issuer)
                    .And("client_id", before?.ClientId, provider?.ClientId)
                    .And("return_urls", before?.ReturnUrls, provider?.ReturnUrls)
                    .AndUnseen("client_secret", provider is not null && !(before?.ClientSecret ?? []).SequenceEqual(provider.ClientSecret))
                    .ToImmutable(),
            },
        });
    }
}

/// <summary>The provider as stored.</summary>
public sealed record ProviderSnapshot(int Revision, IdentityProvider? Provider);

internal sealed record IdentityProviderState(IdentityProvider? Provider);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IdentityProviderState))]
internal sealed partial class IdentityProviderJson : JsonSerializerContext;
