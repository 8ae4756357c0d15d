using System.Collections.Immutable;

namespace Rcc.Core.Tenants;

/// <summary>A tenant that was taken in.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Lost">What must be set again.</param>
public sealed record TenantImport(TenantId Tenant, ImmutableArray<LostSecret> Lost);

/// <summary>A secret of a tenant that was taken in which must be set again.</summary>
/// <param name="ObjectType">What it belongs to, as in the action record.</param>
/// <param name="ObjectId">Which one.</param>
/// <param name="Secret">Which secret of it.</param>
public sealed record LostSecret(string ObjectType, Guid ObjectId, string Secret);
