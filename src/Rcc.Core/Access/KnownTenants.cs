using System.Collections.Concurrent;

namespace Rcc.Core.Access;

/// <summary>
/// Whose the names are that somebody comes with whom nobody knows yet: credentials, accounts' names, inboxes' tokens. A node remembers them, so that even the look-up of a name waits for its tenant's share, and a flood of one
/// tenant's does not take the store from others. It decides nothing else: whether the name is still good, and still that tenant's, is looked up each time.
/// </summary>
/// <typeparam name="TName">What they are named by.</typeparam>
sealed class KnownTenants<TName>
    where TName : notnull
{
    const int MaxKnown = 100_000;

    readonly ConcurrentDictionary<TName, TenantId> known = new();

    public TenantId? Recall(TName name) => known.TryGetValue(name, out var tenant) ? tenant : null;

    /// <summary>As <see cref="Recall"/>; whose nobody remembers is looked up, and remembered. Null when it is nobody's.</summary>
    public async ValueTask<TenantId?> FindAsync(TName name, Func<TName, Task<TenantId?>> lookUp)
    {
        if (Recall(name) is { } remembered)
        {
            return remembered;
        }

        if (await lookUp(name) is not { } found)
        {
            return null;
        }

        Remember(name, found);
        return found;
    }

    public void Remember(TName name, TenantId tenant)
    {
        if (Recall(name) == tenant)
        {
            return;
        }

        if (known.Count >= MaxKnown)
        {
            known.Clear();
        }

        known[name] = tenant;
    }
}
