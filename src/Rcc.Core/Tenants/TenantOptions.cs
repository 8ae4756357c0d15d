using System.ComponentModel.DataAnnotations;

namespace Rcc.Core.Tenants;

/// <summary>The limits of a tenant. Checked at start.</summary>
public sealed class TenantOptions
{
    /// <summary>Inboxes of a tenant.</summary>
    [Range(1, 10_000)]
    public int MaxInboxes { get; set; } = 500;

    /// <summary>API keys of a tenant, revoked ones included: they stay listed.</summary>
    [Range(1, 10_000)]
    public int MaxKeys { get; set; } = 200;
}
