using Rcc.Core.Sync;

namespace Rcc.Core.Tenants;

/// <summary>Reads whole tenants, and takes them in.</summary>
public interface IArchiveStore
{
    /// <summary>A snapshot of a tenant, of one instant however long it is read; null when there is no such tenant.</summary>
    Task<IArchiveSource?> OpenAsync(TenantId tenant, CancellationToken cancellationToken);

    /// <summary>
    /// Begins to take a tenant in. Nobody sees anything of it before it is committed; what is not committed leaves nothing. With another id than it had it becomes a copy: all that names the tenant names
    /// the copy, all that must be unique on a server is made anew, and all devices are signed out; ids of what is in it are unique in a tenant only, and stay.
    /// </summary>
    /// <param name="manifest">Of the archive.</param>
    /// <param name="tenant">What it is to be.</param>
    /// <param name="slug">The name for signing in; null: the one it had.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<IArchiveTarget> BeginAsync(ArchiveManifest manifest, TenantId tenant, string? slug, CancellationToken cancellationToken);
}

/// <summary>A tenant that is read.</summary>
public interface IArchiveSource : IAsyncDisposable
{
    ArchiveManifest Manifest { get; }

    /// <summary>The rows of a table of the manifest, each as a line of JSON without its end; read while they are taken.</summary>
    IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(ArchiveTable table, CancellationToken cancellationToken);
}

/// <summary>A tenant that is taken in.</summary>
public interface IArchiveTarget : IAsyncDisposable
{
    /// <summary>Why the archive cannot be taken in, as far as the manifest tells; null when it can.</summary>
    Answer? Refusal { get; }

    /// <summary>Adds rows of a table; null, or why they are refused.</summary>
    /// <param name="table">A table of the manifest.</param>
    /// <param name="rows">A JSON array of them.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<Answer?> AddAsync(ArchiveTable table, ReadOnlyMemory<byte> rows, CancellationToken cancellationToken);

    /// <summary>The items of a kind that were added.</summary>
    Task<IReadOnlyList<StoredItem>> ReadItemsAsync(ItemKind kind, CancellationToken cancellationToken);

    /// <summary>Gives an item that was added another state. Its revision stays: nobody has seen it.</summary>
    Task ReplaceAsync(StoredItem item, CancellationToken cancellationToken);

    /// <summary>What was made anew since it must be unique on a server: nobody outside knows it yet. Empty unless it is a copy.</summary>
    Task<IReadOnlyList<LostSecret>> ListRenewedAsync(CancellationToken cancellationToken);

    /// <summary>Makes it a tenant. All positions its devices had before are behind: they begin from nothing.</summary>
    Task<Answer> CommitAsync(Guid operatorId, CancellationToken cancellationToken);
}
