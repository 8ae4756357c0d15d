using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>Reads of canned responses and macros. They are written through the log only.</summary>
public interface IShortcutStore
{
    /// <summary>Lists, by id, what is told to all agents, or with <paramref name="person"/> also what is that person's.</summary>
    Task<IReadOnlyList<ShortcutSnapshot>> ListAsync(TenantId tenant, ItemKind kind, Guid? person, Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>How many are told to all agents, or with <paramref name="person"/> how many that person keeps.</summary>
    Task<int> CountAsync(TenantId tenant, ItemKind kind, Guid? person, CancellationToken cancellationToken);
}
