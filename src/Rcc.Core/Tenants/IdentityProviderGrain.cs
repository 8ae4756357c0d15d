using Rcc.Core.Sync;

namespace Rcc.Core.Tenants;

/// <summary>The single writer of it. Rules are in <see cref="IdentityProvider"/>.</summary>
[GrainType("identity-provider")]
internal sealed class IdentityProviderGrain(ISyncStore store, ITenantStore tenants) : DecidingGrain<ProviderSnapshot>, IIdentityProviderGrain
{
    public Task<Answer> SetAsync(Caller caller, IdentityProvider? provider, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, null, async now => IdentityProvider.Set(Tenant, now, provider, provider is null ? await tenants.LoadAsync(Tenant, cancellationToken) : null), cancellationToken);

    protected override async Task<ProviderSnapshot?> LoadAsync(CancellationToken cancellationToken) =>
        await store.FindItemAsync(Tenant, IdentityProvider.Key(Tenant), cancellationToken) is { } item ? new(item.Revision, IdentityProvider.Read(item)) : null;
}
