using Microsoft.Extensions.Logging;

namespace Rcc.Core.Sync;

/// <summary>
/// Tells one node the commits of one tenant, in order, never awaited by the post path. A node that is slow or gone costs nothing: its queue is dropped, and it reads what it missed from the store.
/// Runs on its grain's scheduler.
/// </summary>
internal sealed class NodeSender(TenantId tenant, TimeProvider clock, LogOptions options, ILogger logger)
{
    readonly Queue<LogBatch> untold = new();
    ITailObserver observer = null!;
    long renewedAt;
    bool telling;

    public bool HasExpired => clock.GetElapsedTime(renewedAt) > options.SubscriptionLifetime;

    public void Renew(ITailObserver node)
    {
        observer = node;
        renewedAt = clock.GetTimestamp();
    }

    public void Tell(LogBatch batch)
    {
        if (untold.Count >= options.MaxUntoldBatches)
        {
            logger.NodeLagging(tenant, untold.Count);
            untold.Clear();
        }

        untold.Enqueue(batch);
        if (!telling)
        {
            telling = true;
            _ = TellUntoldAsync();
        }
    }

    public void Tell(EphemeralEvent fact) => _ = TellOnceAsync(() => observer.HappenedAsync(fact));

    /// <summary>True or late: a node that does not answer within the limit has stopped serving.</summary>
    public async Task WaitUntilPassedAsync(long modSeq, TimeSpan limit, CancellationToken cancellationToken)
    {
        var asked = clock.GetTimestamp();
        try
        {
            await observer.PassedAsync(tenant, modSeq).WaitAsync(limit, clock, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            logger.NodeDidNotPass(exception, tenant, modSeq);
            var rest = limit - clock.GetElapsedTime(asked);
            if (rest > TimeSpan.Zero)
            {
                await Task.Delay(rest, clock, cancellationToken);
            }
        }
    }

    async Task TellUntoldAsync()
    {
        while (untold.TryDequeue(out var batch))
        {
            if (!await TellOnceAsync(() => observer.CommittedAsync(batch)))
            {
                untold.Clear();
            }
        }

        telling = false;
    }

    async Task<bool> TellOnceAsync(Func<Task> tell)
    {
        try
        {
            await tell().WaitAsync(options.TellTimeout, clock);
            return true;
        }
        catch (Exception exception)
        {
            // Whatever went wrong, the node finds out by itself: it asks the store for the newest number every second.
            logger.NodeNotTold(exception, tenant);
            return false;
        }
    }
}
