namespace Rcc.Core.Tenants;

/// <summary>Finds and erases tenants that are to be deleted.</summary>
public interface IErasureStore
{
    /// <summary>Tenants whose deletion is due, and what is left of those that have ended; the longest due first.</summary>
    Task<IReadOnlyList<DueTenant>> ListDueAsync(int limit, CancellationToken cancellationToken);

    /// <summary>Erases at most <paramref name="rows"/> rows of a tenant that has ended, in one commit; its own row is the last. Answers how many, 0 when nothing is left. Several nodes may do so at once.</summary>
    Task<long> EraseAsync(TenantId tenant, int rows, CancellationToken cancellationToken);
}

/// <summary>A tenant whose deletion is due.</summary>
public readonly record struct DueTenant(TenantId Tenant, bool HasEnded);
