using Rcc.Core.Tenants;

namespace Rcc.Core.Access;

/// <summary>Whose share it is when somebody comes by an inbox's public token.</summary>
public sealed class InboxNames(ITenantStore tenants)
{
    readonly KnownTenants<string> known = new();

    /// <summary>Null when no inbox has the token.</summary>
    public ValueTask<TenantId?> FindAsync(string inboxIdentifier, CancellationToken cancellationToken) =>
        known.FindAsync(inboxIdentifier, async identifier => (await tenants.FindInboxAsync(identifier, cancellationToken))?.Tenant);
}
