using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Rcc.Core.Tenants;

/// <summary>
/// What was agreed with the tenants this node serves, kept in memory and read again all at once several times a second: a change counts everywhere within a second, and no request reads the store for it.
/// What could not be read again in time is read by the request that needs it.
/// </summary>
public sealed class KnownTerms(ITermsStore store, TimeProvider clock, IOptions<TenantOptions> options, ILogger<KnownTerms> logger)
    : Rounds(options.Value.TermsInterval, clock)
{
    static readonly TimeSpan ForgetAfter = TimeSpan.FromMinutes(10);

    readonly ConcurrentDictionary<TenantId, Known> known = new();
    readonly ConcurrentDictionary<TenantId, Lazy<Task<AgreedTerms?>>> reading = new();
    long counted = clock.GetTimestamp();

    /// <summary>The terms of a tenant; null when there is no such tenant.</summary>
    public async ValueTask<AgreedTerms?> FindAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        if (FindFresh(tenant) is { } fresh)
        {
            return fresh;
        }

        // One reading is enough for all that wait for it.
        return await reading.GetOrAdd(tenant, each => new(() => ReadAsync(each))).Value.WaitAsync(cancellationToken);
    }

    /// <summary>The terms of a tenant as this node knew them last, however long ago; null when it does not know them yet, but soon will.</summary>
    public AgreedTerms? Recall(TenantId tenant)
    {
        var found = known.GetOrAdd(tenant, static (_, now) => new(null, 0) { UsedAt = now }, Clock.GetTimestamp());
        found.UsedAt = Clock.GetTimestamp();
        return found.Agreed;
    }

    /// <summary>The terms of a tenant as this node knows them; null when it does not, or not well enough.</summary>
    public AgreedTerms? FindFresh(TenantId tenant)
    {
        if (!known.TryGetValue(tenant, out var found) || found.Agreed is null || Clock.GetElapsedTime(found.ReadAt) >= options.Value.TermsStaleAfter)
        {
            return null;
        }

        found.UsedAt = Clock.GetTimestamp();
        return found.Agreed;
    }

    /// <summary>Reads everything that is in use again.</summary>
    internal async Task RefreshAsync(CancellationToken cancellationToken)
    {
        foreach (var (tenant, entry) in known)
        {
            if (Clock.GetElapsedTime(entry.UsedAt) > ForgetAfter)
            {
                known.TryRemove(tenant, out _);
            }
        }

        var tenants = known.Keys.ToList();
        if (tenants.Count == 0)
        {
            return;
        }

        var asked = Clock.GetTimestamp();
        var read = (await store.ReadAsync(tenants, cancellationToken)).ToDictionary(agreed => agreed.Tenant);
        foreach (var tenant in tenants)
        {
            if (!read.TryGetValue(tenant, out var agreed))
            {
                known.TryRemove(tenant, out _);
            }
            else if (known.TryGetValue(tenant, out var before))
            {
                // A request that read meanwhile has read later than this did, or just as well.
                known.TryUpdate(tenant, new(agreed, asked) { UsedAt = before.UsedAt }, before);
            }
        }
    }

    protected override async Task GoRoundAsync(CancellationToken stoppingToken)
    {
        if (Clock.GetElapsedTime(counted) >= options.Value.UsageInterval)
        {
            counted = Clock.GetTimestamp();
            await store.CountAsync(stoppingToken);
        }

        await RefreshAsync(stoppingToken);
    }

    protected override void OnFailed(Exception failure) => logger.TermsNotRead(failure);

    async Task<AgreedTerms?> ReadAsync(TenantId tenant)
    {
        try
        {
            var asked = Clock.GetTimestamp();
            if ((await store.ReadAsync([tenant], CancellationToken.None)).SingleOrDefault() is not { } read)
            {
                return null;
            }

            known[tenant] = new(read, asked) { UsedAt = asked };
            return read;
        }
        finally
        {
            reading.TryRemove(tenant, out _);
        }
    }

    sealed class Known(AgreedTerms? agreed, long readAt)
    {
        public AgreedTerms? Agreed => agreed;

        /// <summary>When the reading began: what it says was so then.</summary>
        public long ReadAt => readAt;

        public long UsedAt { get; set; }
    }
}
