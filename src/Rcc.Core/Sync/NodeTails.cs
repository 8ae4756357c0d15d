using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Rcc.Core.Sync;

/// <summary>
/// The tails of the tenants this node has devices of. Every second it asks the store for their newest numbers, and every few seconds it renews its subscriptions to
/// their logs: subscriptions live in memory only, and grains move.
/// </summary>
internal sealed class NodeTails(
    IGrainFactory grains,
    ISyncStore store,
    INodeStore nodes,
    SyncMetrics metrics,
    TimeProvider clock,
    IOptions<TailOptions> options,
    ILogger<NodeTails> logger) : BackgroundService, ITailObserver
{
    /// <summary>A commit that is under way to this node by its subscription deserves this long before the store is read for it.</summary>
    static readonly TimeSpan UnderWay = TimeSpan.FromMilliseconds(100);

    readonly ConcurrentDictionary<TenantId, TenantTail> tails = new();
    readonly Heartbeat heartbeat = new(nodes, clock);
    ITailObserver? self;

    /// <summary>The node can vouch for what devices see: some tail was confirmed lately, or none has begun. A single tail that lags or has failed is its own tenant's trouble; each device asks for its own.</summary>
    public bool AreConfirmed
    {
        get
        {
            var begun = tails.Values.Where(tail => tail.Begun.IsCompletedSuccessfully && !tail.IsRetired).ToList();
            return begun.Count == 0 || begun.Exists(tail => tail.IsConfirmed);
        }
    }

    /// <summary>The tenant's tail, begun at the store's newest number.</summary>
    /// <exception cref="UnavailableException">The store has not answered within the time for which a node may be unconfirmed. The tail goes on trying for the next who asks.</exception>
    public async Task<TenantTail> TailAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (tails.TryGetValue(tenant, out var existing))
            {
                if (existing.IsRetired)
                {
                    await DropAsync(existing, CancellationToken.None);
                    continue;
                }

                await UntilBegunAsync(existing, cancellationToken);
                return existing;
            }

            var tail = new TenantTail(tenant, store, heartbeat, metrics, clock, options.Value, logger);
            if (tails.TryAdd(tenant, tail))
            {
                _ = SubscribeAndBeginAsync(tail);
            }
        }
    }

    public Task CommittedAsync(LogBatch batch)
    {
        if (tails.TryGetValue(batch.Tenant, out var tail))
        {
            tail.Offer(batch);
        }

        return Task.CompletedTask;
    }

    public Task HappenedAsync(EphemeralEvent fact)
    {
        if (tails.TryGetValue(fact.Tenant, out var tail))
        {
            tail.Tell(fact);
        }

        return Task.CompletedTask;
    }

    public Task PassedAsync(TenantId tenant, long modSeq) =>
        tails.TryGetValue(tenant, out var tail) ? tail.WaitUntilPassedAsync(modSeq) : Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var renewed = clock.GetTimestamp();
        using var timer = new PeriodicTimer(options.Value.ConfirmationInterval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await ConfirmAsync(stoppingToken);
                    if (clock.GetElapsedTime(renewed) >= options.Value.RenewalInterval)
                    {
                        renewed = clock.GetTimestamp();
                        await Task.WhenAll(tails.Values.Select(tail => RenewAsync(tail, stoppingToken)));
                        await DropIdleAsync(stoppingToken);
                    }
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    // A defect. What stays unconfirmed because of it stops serving by itself; what is not concerned goes on.
                    logger.TailsFailed(exception);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await Task.WhenAll(tails.Values.Select(tail => tail.DisposeAsync().AsTask()));
            await LeaveAsync(heartbeat.StopAsync, CancellationToken.None);
        }
    }

    async Task UntilBegunAsync(TenantTail tail, CancellationToken cancellationToken)
    {
        try
        {
            await tail.Begun.WaitAsync(options.Value.UnconfirmedLimit, clock, cancellationToken);
        }
        catch (TimeoutException exception)
        {
            throw new UnavailableException($"The log of {tail.Tenant} could not be read within {options.Value.UnconfirmedLimit}.", exception);
        }
    }

    /// <summary>On behalf of all who wait for the tail: whoever came first may give up. Subscribed before it begins: what is committed in between waits in its queue.</summary>
    async Task SubscribeAndBeginAsync(TenantTail tail)
    {
        await RenewAsync(tail, CancellationToken.None);
        tail.Begin();
    }

    async Task ConfirmAsync(CancellationToken cancellationToken)
    {
        var asking = tails.Values.Where(tail => tail.Begun.IsCompletedSuccessfully).ToList();
        if (asking.Count == 0)
        {
            return;
        }

        try
        {
            if (!await heartbeat.BeatAsync(cancellationToken))
            {
                logger.NodeForgotten(asking.Count);
                await Task.WhenAll(asking.Select(tail => DropAsync(tail, cancellationToken)));
                return;
            }

            var beat = heartbeat.At;
            var newest = await store.ReadNewestAsync(asking.ConvertAll(tail => tail.Tenant), cancellationToken);
            var asked = asking.Zip(newest).ToLookup(pair => pair.First.IsGone(pair.Second));
            await Task.WhenAll(asked[true].Select(pair => DropGoneAsync(pair.First, cancellationToken)));
            var behind = asked[false].Where(pair => !pair.First.TryConfirm(pair.Second, beat)).ToList();
            if (behind.Count == 0)
            {
                return;
            }

            await Task.Delay(UnderWay, clock, cancellationToken);
            foreach (var (tail, number) in behind)
            {
                if (!tail.TryConfirm(number, beat))
                {
                    tail.CatchUp(number);
                }
            }
        }
        catch (UnavailableException exception)
        {
            logger.NotConfirmed(exception);
        }
    }

    async Task RenewAsync(TenantTail tail, CancellationToken cancellationToken)
    {
        try
        {
            // One observer for the node; this object is the strong reference that the engine wants somebody to hold.
            self ??= grains.CreateObjectReference<ITailObserver>(this);
            await grains.GetGrain<ILogGrain>(tail.Tenant.Key).SubscribeAsync(heartbeat.Node, self, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Not told is not lost: the tail still asks the store every second.
            logger.NotRenewed(exception, tail.Tenant);
        }
    }

    async Task DropIdleAsync(CancellationToken cancellationToken)
    {
        foreach (var tail in tails.Values.Where(tail => tail.TryRetire()))
        {
            // The log forgets the subscription by itself.
            await DropAsync(tail, cancellationToken);
        }
    }

    /// <summary>Its connections are closed, and find nobody when they come back.</summary>
    Task DropGoneAsync(TenantTail tail, CancellationToken cancellationToken)
    {
        logger.LogGone(tail.Tenant);
        return DropAsync(tail, cancellationToken);
    }

    async Task DropAsync(TenantTail tail, CancellationToken cancellationToken)
    {
        if (tails.TryRemove(KeyValuePair.Create(tail.Tenant, tail)))
        {
            await tail.DisposeAsync();
            await LeaveAsync(token => heartbeat.LeaveAsync(tail.Id, token), cancellationToken);
        }
    }

    /// <summary>A tail or node that the store still believes in costs a suspension the time for which a node may be unconfirmed, and no more: nobody waits long for a store that is away.</summary>
    async Task LeaveAsync(Func<CancellationToken, Task> leave, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(options.Value.ConfirmationInterval, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await leave(either.Token);
        }
        catch (Exception exception) when (exception is UnavailableException || patience.IsCancellationRequested)
        {
            logger.NotLeft(exception);
        }
    }
}
