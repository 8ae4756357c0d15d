using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Rcc.Core.Sync;

/// <summary>
/// One node's gap-free copy of the end of one tenant's log. It applies batches in order, reads the store when one is missing, and only from here are the queues of the node's
/// devices filled: so a device's cursor never passes something it should have had.
/// </summary>
internal sealed class TenantTail(TenantId tenant, ISyncStore store, Heartbeat heartbeat, SyncMetrics metrics, TimeProvider clock, TailOptions options, ILogger logger) : IAsyncDisposable
{
    readonly Lock gate = new();
    readonly Channel<LogBatch> arriving = Channel.CreateBounded<LogBatch>(
        new BoundedChannelOptions(options.MaxWaitingBatches) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });

    readonly TailAudiences audiences = new(tenant);
    readonly Queue<AppliedBatch> recent = new();
    readonly List<(long ModSeq, TaskCompletionSource Passed)> waiters = [];
    readonly CancellationTokenSource stopping = new();
    readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    Task running = Task.CompletedTask;
    long position = -1;
    long confirmedAt;
    long emptySince;
    bool retired;

    public TenantId Tenant => tenant;

    /// <summary>By which the store knows it: another tail of the same tenant may begin before this one has left.</summary>
    public Guid Id { get; } = Guid.CreateVersion7();

    /// <summary>The number up to which the node is complete.</summary>
    public long Position
    {
        get
        {
            lock (gate)
            {
                return position;
            }
        }
    }

    /// <summary>The store has confirmed lately that nothing is missing (design promise 11).</summary>
    public bool IsConfirmed => clock.GetElapsedTime(Interlocked.Read(ref confirmedAt)) <= options.UnconfirmedLimit;

    /// <summary>It lets nobody in any more; another is to take its place.</summary>
    public bool IsRetired
    {
        get
        {
            lock (gate)
            {
                return retired;
            }
        }
    }

    /// <summary>Lets no device in any more, if nobody has been here for long. While it has not begun, somebody waits for it.</summary>
    public bool TryRetire()
    {
        lock (gate)
        {
            return retired = retired || (begun.Task.IsCompleted && audiences.IsEmpty && clock.GetElapsedTime(emptySince) > options.IdleLifetime);
        }
    }

    public Task Begun => begun.Task;

    public void Begin()
    {
        lock (gate)
        {
            if (retired)
            {
                return;
            }
        }

        running = RunAsync(stopping.Token);
    }

    /// <summary>A commit was told. Only enqueues; what does not fit is read from the store later.</summary>
    public void Offer(LogBatch batch) => arriving.Writer.TryWrite(batch);

    /// <summary>The store said that this is the newest number, after the heartbeat at the given time; true when nothing is missing here.</summary>
    public bool TryConfirm(long newest, long beatAt)
    {
        lock (gate)
        {
            if (position < newest)
            {
                return false;
            }

            Interlocked.Exchange(ref confirmedAt, beatAt);
            return true;
        }
    }

    /// <summary>
    /// Whether the store has no number of the tenant any more: it ended, and was erased before this node read that. A number below the position alone says nothing: it may have been read before a commit that was told since.
    /// </summary>
    public bool IsGone(long newest)
    {
        lock (gate)
        {
            return newest == 0 && position > 0;
        }
    }

    /// <summary>Reads from the store what is missing up to here, unless it arrives first.</summary>
    public void CatchUp(long newest) => arriving.Writer.TryWrite(new LogBatch(tenant, newest, newest, []));

    public void Tell(EphemeralEvent fact)
    {
        lock (gate)
        {
            audiences.Tell(fact);
        }
    }

    public bool IsReadBy(ITailReader link, Audience audience)
    {
        lock (gate)
        {
            return link.Reads.Contains(audience);
        }
    }

    /// <summary>Waits while the node cannot vouch that nobody was signed out meanwhile.</summary>
    public async Task WaitUntilConfirmedAsync(CancellationToken cancellationToken)
    {
        while (!IsConfirmed)
        {
            await Task.Delay(options.ConfirmationInterval, clock, cancellationToken);
        }
    }

    public Task WaitUntilPassedAsync(long modSeq)
    {
        lock (gate)
        {
            if (retired || position >= modSeq)
            {
                return Task.CompletedTask;
            }

            var passed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiters.Add((modSeq, passed));
            return passed.Task;
        }
    }

    /// <summary>A device is about to read its first page: from here on the tail ends its connection when the log says so. False when the tail is retired; then another is asked for.</summary>
    public bool TryEnter(ITailReader link)
    {
        lock (gate)
        {
            if (!retired)
            {
                audiences.Enter(link);
            }

            return !retired;
        }
    }

    /// <summary>
    /// Makes a device that is complete up to <paramref name="at"/> live: from here on its queue is filled. False when the tail is too far ahead to make up the difference from its recent batches; then the device needs another page.
    /// </summary>
    public bool TryJoin(ITailReader link, long at, IReadOnlyCollection<Audience> reads)
    {
        lock (gate)
        {
            if (retired || (at < position && (recent.Count == 0 || recent.Peek().From > at)))
            {
                return false;
            }

            audiences.Add(link, at, reads);
            foreach (var batch in recent)
            {
                if (batch.To > at)
                {
                    audiences.Replay(batch, link);
                }
            }

            return true;
        }
    }

    /// <summary>The device has to read pages again.</summary>
    public void Leave(ITailReader link)
    {
        lock (gate)
        {
            audiences.Remove(link);
        }
    }

    /// <summary>The device is gone.</summary>
    public void Exit(ITailReader link)
    {
        lock (gate)
        {
            audiences.Exit(link);
            if (audiences.IsEmpty)
            {
                emptySince = clock.GetTimestamp();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        End();
        begun.TrySetCanceled();
        await stopping.CancelAsync();
        arriving.Writer.TryComplete();
        await running;
        stopping.Dispose();
    }

    async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await BeginAtNewestAsync(cancellationToken);
            await foreach (var batch in arriving.Reader.ReadAllAsync(cancellationToken))
            {
                if (batch.From > position && !await TryReadGapAsync(batch.From, cancellationToken))
                {
                    logger.GapNotKept(tenant, position);
                    End();
                    return;
                }

                if (batch.From == position && batch.To > position)
                {
                    Apply(batch);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            begun.TrySetCanceled(cancellationToken);
        }
        catch (Exception exception)
        {
            // A defect: the devices come back to a new tail and catch up by their tokens.
            logger.TailFailed(exception, tenant);
            begun.TrySetException(exception);
            End();
        }
    }

    void End()
    {
        lock (gate)
        {
            retired = true;
            audiences.CloseAll("unavailable");
            waiters.ForEach(waiter => waiter.Passed.TrySetResult());
            waiters.Clear();
        }
    }

    async Task BeginAtNewestAsync(CancellationToken cancellationToken)
    {
        await UntilAnsweredAsync(() => heartbeat.FollowAsync(Id, tenant, cancellationToken), cancellationToken);
        var beat = heartbeat.At;
        var newest = await UntilAnsweredAsync(async () => (await store.ReadNewestAsync([tenant], cancellationToken))[0], cancellationToken);
        List<TaskCompletionSource> passed;
        lock (gate)
        {
            position = newest;
            emptySince = clock.GetTimestamp();
            Interlocked.Exchange(ref confirmedAt, beat);
            passed = TakePassed();
        }

        passed.ForEach(waiter => waiter.TrySetResult());
        logger.TailBegins(tenant, newest);
        begun.TrySetResult();
    }

    /// <summary>False when the gap is no longer kept: the devices come back to a new tail, and those whose tokens are as old start from nothing, explicitly.</summary>
    async Task<bool> TryReadGapAsync(long upTo, CancellationToken cancellationToken)
    {
        HashSet<Audience> joined = [];
        while (position < upTo)
        {
            var beat = heartbeat.At;
            var (reads, persons) = Interests(joined);
            var gap = await UntilAnsweredAsync(() => store.ReadGapAsync(tenant, position, reads, persons, cancellationToken), cancellationToken);
            if (gap is null)
            {
                return false;
            }

            var before = joined.Count;
            joined.UnionWith(gap.Entries.OfType<MembershipEntry>().Where(entry => entry.Change.State == MembershipState.Reads).Select(entry => entry.Change.Audience));
            if (!joined.IsSubsetOf(reads) && joined.Count > before)
            {
                // Within the gap somebody began to read an audience that was not asked for.
                continue;
            }

            if (TryApplyGap(gap, reads, persons))
            {
                metrics.GapRead();
                Interlocked.Exchange(ref confirmedAt, beat);
            }
        }

        return true;
    }

    (HashSet<Audience> Audiences, HashSet<Guid> Persons) Interests(HashSet<Audience> more)
    {
        lock (gate)
        {
            var (reads, persons) = audiences.Interests();
            reads.UnionWith(more);
            return (reads, persons);
        }
    }

    /// <summary>False when a device joined while the store was read: what it needs may be missing from the answer.</summary>
    bool TryApplyGap(LogBatch gap, HashSet<Audience> reads, HashSet<Guid> persons)
    {
        List<TaskCompletionSource> passed;
        lock (gate)
        {
            if (!audiences.AreWithin(reads, persons))
            {
                return false;
            }

            logger.GapRead(tenant, position, gap.To);
            passed = Advance(new AppliedBatch(gap));

            // It holds only what was asked for: no device may join by it.
            recent.Clear();
        }

        passed.ForEach(waiter => waiter.TrySetResult());
        return true;
    }

    void Apply(LogBatch batch)
    {
        List<TaskCompletionSource> passed;
        lock (gate)
        {
            var applied = new AppliedBatch(batch);
            passed = Advance(applied);
            recent.Enqueue(applied);
            if (recent.Count > options.RecentBatches)
            {
                recent.Dequeue();
            }
        }

        passed.ForEach(waiter => waiter.TrySetResult());
    }

    List<TaskCompletionSource> Advance(AppliedBatch batch)
    {
        audiences.Dispatch(batch);
        position = batch.To;
        return TakePassed();
    }

    List<TaskCompletionSource> TakePassed()
    {
        var passed = waiters.Where(waiter => waiter.ModSeq <= position).Select(waiter => waiter.Passed).ToList();
        waiters.RemoveAll(waiter => waiter.ModSeq <= position);
        return passed;
    }

    Task<bool> UntilAnsweredAsync(Func<Task> ask, CancellationToken cancellationToken) => UntilAnsweredAsync(
        async () =>
        {
            await ask();
            return true;
        },
        cancellationToken);

    async Task<T> UntilAnsweredAsync<T>(Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (UnavailableException exception)
            {
                logger.GapNotRead(exception, tenant);
                await Task.Delay(options.ConfirmationInterval, clock, cancellationToken);
            }
        }
    }
}
