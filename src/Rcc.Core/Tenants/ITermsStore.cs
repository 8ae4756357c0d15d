namespace Rcc.Core.Tenants;

/// <summary>Reads of what was agreed with tenants and what they use, as every node keeps them in memory.</summary>
public interface ITermsStore
{
    /// <summary>Of the tenants asked for; those that do not exist are left out.</summary>
    Task<IReadOnlyList<AgreedTerms>> ReadAsync(IReadOnlyCollection<TenantId> tenants, CancellationToken cancellationToken);

    /// <summary>What a tenant has and uses now.</summary>
    Task<TenantUsage?> ReadUsageAsync(TenantId tenant, CancellationToken cancellationToken);

    /// <summary>Counts the messages since the last time, of all tenants. Several servers may do so at once: each message is counted once.</summary>
    Task CountAsync(CancellationToken cancellationToken);
}

/// <summary>What was agreed with a tenant, and how much it has used of what is measured.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Revision">The account's revision.</param>
/// <param name="Terms">What was agreed.</param>
/// <param name="MessagesThisMonth">As last counted.</param>
/// <param name="StorageBytes">As last counted.</param>
public sealed record AgreedTerms(TenantId Tenant, int Revision, Terms Terms, long MessagesThisMonth, long StorageBytes);

/// <summary>What a tenant has and uses.</summary>
public sealed record TenantUsage(long Agents, long Groups, long Inboxes, long Keys, long Contacts, long Conversations, long MessagesThisMonth, long Messages, long StorageBytes);
