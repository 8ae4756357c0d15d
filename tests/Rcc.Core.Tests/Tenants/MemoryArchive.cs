using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Tests.Tenants;

/// <summary>A tenant as tables of lines, to be written out.</summary>
sealed class MemoryArchiveSource(params (string Table, string[] Lines)[] tables) : IArchiveSource
{
    /// <summary>Called before each line is given.</summary>
    public Action OnLine { get; init; } = () => { };

    public ArchiveManifest Manifest { get; } = new()
    {
        AccountId = Callers.Tenant.Value,
        Slug = "acme",
        ExportedAt = Callers.Noon,
        Tables = [.. tables.Select(table => new ArchiveTable(table.Table, ["a"]))],
    };

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(ArchiveTable table, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var line in tables.Single(t => t.Table == table.Name).Lines)
        {
            await Task.CompletedTask;
            OnLine();
            yield return Encoding.UTF8.GetBytes(line);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>Takes archives in as tables of lines.</summary>
sealed class MemoryArchiveStore : IArchiveStore, IArchiveTarget
{
    readonly Dictionary<string, List<string>> taken = new(StringComparer.Ordinal);

    /// <summary>What the tenant is to be.</summary>
    public TenantId Tenant { get; private set; }

    /// <summary>By table; null until it was committed.</summary>
    public IReadOnlyDictionary<string, List<string>>? Committed { get; private set; }

    public Answer? Refusal => null;

    public Task<IArchiveTarget> BeginAsync(ArchiveManifest manifest, TenantId tenant, string? slug, CancellationToken cancellationToken)
    {
        Tenant = tenant;
        foreach (var table in manifest.Tables)
        {
            taken.Add(table.Name, []);
        }

        return Task.FromResult<IArchiveTarget>(this);
    }

    public Task<Answer?> AddAsync(ArchiveTable table, ReadOnlyMemory<byte> rows, CancellationToken cancellationToken)
    {
        using var array = JsonDocument.Parse(rows);
        taken[table.Name].AddRange(array.RootElement.EnumerateArray().Select(row => row.GetRawText()));
        return Task.FromResult<Answer?>(null);
    }

    public Task<IReadOnlyList<StoredItem>> ReadItemsAsync(ItemKind kind, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<StoredItem>>([]);

    public Task ReplaceAsync(StoredItem item, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<LostSecret>> ListRenewedAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<LostSecret>>([]);

    public Task<Answer> CommitAsync(Guid operatorId, CancellationToken cancellationToken)
    {
        Committed = taken;
        return Task.FromResult(Answer.Done);
    }

    public Task<IArchiveSource?> OpenAsync(TenantId tenant, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
