using System.Collections.Concurrent;
using System.Collections.Immutable;
using Rcc.Contracts.Conversations;
using Rcc.Core.Conversations;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Sync;

/// <summary>What the store is asked to do.</summary>
public enum StoreCall
{
    Append,
    Newest,
    Beat,
    Page,
    Gap,
}

/// <summary>
/// The log's store in memory: the contract's rules in their plainest form, one lock for each tenant, no concurrency inside. What is slow, fails or gets lost is up to the test, by <see cref="Before"/>
/// (nothing has been done) and <see cref="After"/> (it is done, but the caller has not been told).
/// </summary>
public sealed class ModelStore(TimeProvider clock) : ILogStore, ISyncStore, INodeStore
{
    readonly ConcurrentDictionary<Guid, long> alive = new();
    readonly ConcurrentDictionary<Guid, (Guid Node, TenantId Tenant)> tails = new();
    readonly ConcurrentDictionary<TenantId, ModelTenant> tenants = new();
    ulong epoch = 1;

    public Func<StoreCall, Task> Before { get; set; } = _ => Task.CompletedTask;

    public Func<StoreCall, Task> After { get; set; } = _ => Task.CompletedTask;

    /// <summary>Proposals the store cannot take, for a reason that is no verdict.</summary>
    public Func<Proposal, bool> IsPoisonous { get; set; } = _ => false;

    /// <summary>Every batch the log asked to commit, in order.</summary>
    public ConcurrentQueue<IReadOnlyList<Proposal>> Batches { get; } = new();

    public ConcurrentQueue<StoreCall> Calls { get; } = new();

    public ModelTenant Of(TenantId tenant) => tenants.GetOrAdd(tenant, id => new ModelTenant(id, clock));

    public Task<CommittedBatch> AppendAsync(TenantId tenant, IReadOnlyList<Proposal> proposals, CancellationToken cancellationToken) => CallAsync(StoreCall.Append, () =>
    {
        Batches.Enqueue(proposals);
        return proposals.Any(IsPoisonous) ? throw new AppendFailedException("The batch holds a row the store does not take.") : Of(tenant).Append(proposals);
    });

    public Task<Epoch> ReadEpochAsync(CancellationToken cancellationToken) => Task.FromResult(new Epoch(epoch));

    public Task<Epoch> BeginEpochAsync(CancellationToken cancellationToken) => Task.FromResult(new Epoch(++epoch));

    public Task<IReadOnlyList<long>> ReadNewestAsync(IReadOnlyList<TenantId> tenants, CancellationToken cancellationToken) =>
        CallAsync<IReadOnlyList<long>>(StoreCall.Newest, () => [.. tenants.Select(tenant => Of(tenant).Newest)]);

    public Task<DevicePage> ReadPageAsync(PageRequest request, CancellationToken cancellationToken) => CallAsync(StoreCall.Page, () => Of(request.Tenant).ReadPage(request));

    public Task<LogBatch?> ReadGapAsync(
        TenantId tenant, long after, IReadOnlyCollection<Audience> audiences, IReadOnlyCollection<Guid> persons, CancellationToken cancellationToken) =>
        CallAsync(StoreCall.Gap, () => Of(tenant).ReadGap(after, audiences, persons));

    public Task<StoredItem?> FindItemAsync(TenantId tenant, ItemKey key, CancellationToken cancellationToken) => Task.FromResult(Of(tenant).FindItem(key));

    public Task<ImmutableArray<byte>> GetSealingKeyAsync(CancellationToken cancellationToken) => Task.FromResult<ImmutableArray<byte>>([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);

    public Task<bool> BeatAsync(Guid node, CancellationToken cancellationToken) => CallAsync(StoreCall.Beat, () =>
    {
        var isKnown = alive.ContainsKey(node);
        if (isKnown)
        {
            alive[node] = clock.GetTimestamp();
        }

        return isKnown;
    });

    public Task FollowAsync(Guid node, Guid tail, TenantId tenant, CancellationToken cancellationToken) => CallAsync(StoreCall.Beat, () =>
    {
        alive[node] = clock.GetTimestamp();
        tails[tail] = (node, tenant);
        return true;
    });

    public Task LeaveAsync(Guid tail, CancellationToken cancellationToken) => Task.FromResult(tails.TryRemove(tail, out _));

    public Task ForgetAsync(Guid node, CancellationToken cancellationToken)
    {
        alive.TryRemove(node, out _);
        foreach (var (id, tail) in tails)
        {
            if (tail.Node == node)
            {
                tails.TryRemove(id, out _);
            }
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<Guid>> FindFollowersAsync(TenantId tenant, TimeSpan within, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Guid>>(
        [.. tails.Values.Where(tail => tail.Tenant == tenant && alive.TryGetValue(tail.Node, out var seen) && clock.GetElapsedTime(seen) <= within).Select(tail => tail.Node).Distinct()]);

    /// <summary>All messages of a lane, oldest first, as a device that opens the conversation loads them.</summary>
    public IReadOnlyList<MessageEntry> ReadMessages(TenantId tenant, Guid conversation, Lane lane) => Of(tenant).ReadMessages(conversation, lane);

    /// <summary>What the rules of a conversation decide on.</summary>
    public ConversationSnapshot? LoadConversation(TenantId tenant, Guid conversation) => Of(tenant).LoadConversation(conversation);

    async Task<T> CallAsync<T>(StoreCall call, Func<T> run)
    {
        Calls.Enqueue(call);
        await Before(call);
        var result = run();
        await After(call);
        return result;
    }
}
