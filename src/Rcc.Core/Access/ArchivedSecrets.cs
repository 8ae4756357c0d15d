using System.Collections.Immutable;
using Rcc.Core.Agents;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Access;

/// <summary>What becomes of a tenant's secrets when it is taken in.</summary>
internal sealed class ArchivedSecrets(SealedSecrets secrets)
{
    /// <summary>Those sealed with a key that this server does not have. The tenant is taken in all the same: whoever needs one of them is told, and everybody else goes on.</summary>
    public async Task<ImmutableArray<LostSecret>> FindLostAsync(IArchiveTarget target, TenantId tenant, CancellationToken cancellationToken)
    {
        var lost = ImmutableArray.CreateBuilder<LostSecret>();
        foreach (var item in await target.ReadItemsAsync(ItemKind.SignIns, cancellationToken))
        {
            // What was begun and not confirmed asks for nothing, and is begun again.
            if (SecondFactor.Read(item.State.AsSpan()) is { Confirmed: true } factor && secrets.TryOpen(factor.Secret.AsSpan(), SecondFactor.PurposeOf(tenant, item.Key.Id)) is null)
            {
                lost.Add(new("agent", item.Key.Id, "second_factor"));
            }
        }

        foreach (var item in await target.ReadItemsAsync(ItemKind.IdentityProvider, cancellationToken))
        {
            if (IdentityProvider.Read(item) is { } provider && provider.OpenSecret(secrets, tenant) is null)
            {
                lost.Add(new("identity_provider", item.Key.Id, "client_secret"));
            }
        }

        return lost.ToImmutable();
    }
}

/// <summary>A tenant that was taken in.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Lost">What must be set again.</param>
public sealed record TenantImport(TenantId Tenant, ImmutableArray<LostSecret> Lost);

/// <summary>A secret of a tenant that was taken in which must be set again.</summary>
/// <param name="ObjectType">What it belongs to, as in the action record.</param>
/// <param name="ObjectId">Which one.</param>
/// <param name="Secret">Which secret of it.</param>
public sealed record LostSecret(string ObjectType, Guid ObjectId, string Secret);
