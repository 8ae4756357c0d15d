using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Access;

/// <summary>The platform operator's door to archives of tenants.</summary>
public sealed class ArchiveDoor(IGrainFactory grains, IArchiveStore store, Admission admission, SealedSecrets secrets, IOptions<TenantOptions> options) : IDisposable
{
    readonly SemaphoreSlim free = new(options.Value.MaxArchives);

    /// <summary>A tenant of one instant, to be written to wherever it is to go. That it was asked for is recorded first, and so is in it.</summary>
    public Task<Found<TenantExport>> ExportAsync(Operator caller, TenantId tenant, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<TenantExport>(null, async () =>
        {
            if (!await free.WaitAsync(TimeSpan.Zero, cancellationToken))
            {
                return TooMany.ToOutcome();
            }

            TenantExport? export = null;
            try
            {
                if (await grains.GetGrain<ITenantGrain>(tenant.Key).RecordExportAsync(caller.Id, cancellationToken) is { IsOk: false } refused)
                {
                    return refused.ToOutcome();
                }

                return await store.OpenAsync(tenant, cancellationToken) is { } source
                    ? export = new TenantExport(source, options.Value, free)
                    : Decision.NotFound("account").ToOutcome();
            }
            finally
            {
                if (export is null)
                {
                    free.Release();
                }
            }
        });
    }

    /// <summary>Makes a tenant of an archive: with the same ids, or not at all, or as a copy, by an id of its own. <see cref="ErrorCode.Taken"/> when an id, a name or a secret of it is another tenant's.</summary>
    /// <param name="caller">Who.</param>
    /// <param name="archive">The archive; read once, to its end.</param>
    /// <param name="slug">Another name for signing in; null: the one it had.</param>
    /// <param name="asCopy">By an id of its own. Nobody of the original is signed in to it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<Found<TenantImport>> ImportAsync(Operator caller, Stream archive, string? slug, bool asCopy, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<TenantImport>(slug is null ? null : Shape.Slug(slug, "slug"), async () =>
        {
            if (!await free.WaitAsync(TimeSpan.Zero, cancellationToken))
            {
                return TooMany.ToOutcome();
            }

            try
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(options.Value.ArchiveTimeout);
                var lost = ImmutableArray<LostSecret>.Empty;
                var answer = await new ArchiveReader(store, options.Value).ReadAsync(
                    archive, slug, asCopy, caller.Id, async (target, from, to) => lost = await new ArchivedSecrets(secrets, target, from, to).SettleAsync(limit.Token), limit.Token);
                return answer.IsOk ? new TenantImport(new(answer.Id!.Value), lost) : answer.ToOutcome();
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return Answer.Refused(ErrorCode.TooLarge, $"Taking the archive in takes longer than ArchiveTimeout, {options.Value.ArchiveTimeout}; nothing was changed.").ToOutcome();
            }
            finally
            {
                free.Release();
            }
        });
    }

    public void Dispose() => free.Dispose();

    static Answer TooMany => Answer.Refused(ErrorCode.Busy, "As many archives as MaxArchives allows are written or taken in; try again.");
}

/// <summary>A tenant that is being written out. Dispose it.</summary>
public sealed class TenantExport : IAsyncDisposable
{
    readonly IArchiveSource source;
    readonly TenantOptions options;
    readonly SemaphoreSlim free;

    internal TenantExport(IArchiveSource source, TenantOptions options, SemaphoreSlim free) => (this.source, this.options, this.free) = (source, options, free);

    public ArchiveManifest Manifest => source.Manifest;

    /// <summary>Writes the archive. One without its last entry is not whole, so whatever fails on the way is noticed by whoever takes it in.</summary>
    public async Task WriteAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.ArchiveTimeout);
        await ArchiveWriter.WriteAsync(source, stream, options.MaxArchiveEntryBytes / 4, limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await source.DisposeAsync();
        free.Release();
    }
}
