using System.Collections.Concurrent;

namespace Rcc.Replay.Accounts;

/// <summary>Which tenant every id belongs to that this replay has made or been given: what tells a foreign id when one turns up on a device.</summary>
sealed class Owners
{
    readonly ConcurrentDictionary<Guid, Guid> accounts = [];

    public void Add(Guid account, Guid id) => accounts[id] = account;

    /// <summary>Whether the id is known, and another tenant's.</summary>
    public bool IsForeign(Guid account, Guid id) => accounts.TryGetValue(id, out var owner) && owner != account;

    /// <summary>Whether the id is known to be this tenant's.</summary>
    public bool IsOwn(Guid account, Guid id) => accounts.TryGetValue(id, out var owner) && owner == account;
}
