using Rcc.Core.Sync;

namespace Rcc.Core.Tenants;

/// <summary>A tenant's provider, keyed by <see cref="TenantId.Key"/>.</summary>
[Alias("rcc.IIdentityProviderGrain")]
public interface IIdentityProviderGrain : IGrainWithStringKey
{
    /// <summary>Sets it, or with null removes it.</summary>
    [Alias("Set")]
    Task<Answer> SetAsync(Caller caller, IdentityProvider? provider, CancellationToken cancellationToken);
}
