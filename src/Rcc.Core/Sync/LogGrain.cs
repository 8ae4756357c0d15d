using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Rcc.Core.Sync;

/// <summary>
/// The log of one tenant. An append only enqueues; one loop commits what has gathered as one batch, answers, and hands the batch to the nodes' senders. While one batch
/// commits the next one fills: no timer, and no wait when idle. A second live activation costs a fenced retry, never a wrong row: the rules are in the append function.
/// </summary>
[GrainType("log")]
internal sealed class LogGrain(
    ILogStore store,
    INodeStore followers,
    SyncMetrics metrics,
    TimeProvider clock,
    IOptions<LogOptions> options,
    IOptions<TailOptions> tailOptions,
    ILogger<LogGrain> logger) : Grain, ILogGrain
{
    readonly LinkedList<PendingProposal> waiting = new();
    readonly Dictionary<Guid, NodeSender> nodes = [];
    TenantId tenant;
    long newest;
    bool committing;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        tenant = TenantId.Parse(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public Task<AppendResult> AppendAsync(Proposal proposal, CancellationToken cancellationToken)
    {
        if (waiting.Count >= options.Value.MaxWaiting)
        {
            throw new BusyException($"The account has {waiting.Count} changes waiting to be committed; the limit is {options.Value.MaxWaiting}.");
        }

        var pending = new PendingProposal(proposal.Act is { } act ? proposal with { Act = act.Within(options.Value.MaxActCharacters) } : proposal);
        waiting.AddLast(pending);
        if (!committing)
        {
            committing = true;
            _ = CommitWaitingAsync();
        }

        return pending.Task;
    }

    public Task<long> SubscribeAsync(Guid node, ITailObserver observer, CancellationToken cancellationToken)
    {
        if (!nodes.TryGetValue(node, out var sender))
        {
            nodes[node] = sender = new NodeSender(tenant, clock, options.Value, logger);
        }

        sender.Renew(observer);
        return Task.FromResult(newest);
    }

    public Task TellAsync(EphemeralEvent fact, CancellationToken cancellationToken)
    {
        foreach (var (_, sender) in LiveNodes())
        {
            sender.Tell(fact);
        }

        return Task.CompletedTask;
    }

    public async Task WaitUntilPassedAsync(long modSeq, CancellationToken cancellationToken)
    {
        // Nothing that was confirmed before the commit is served from for longer than this: a node that is not asked, or does not answer, has passed by then or stopped serving.
        var limit = tailOptions.Value.UnconfirmedLimit;
        var began = clock.GetTimestamp();
        var asked = LiveNodes();
        var passing = asked.ConvertAll(node => node.Value.WaitUntilPassedAsync(modSeq, limit, cancellationToken));
        if (await HasFollowersButAsync(asked.ConvertAll(node => node.Key), limit, cancellationToken) && limit - clock.GetElapsedTime(began) is var rest && rest > TimeSpan.Zero)
        {
            passing.Add(Task.Delay(rest, clock, cancellationToken));
        }

        await Task.WhenAll(passing);
    }

    /// <summary>Nodes that subscribed to another activation of this log, or to none because they cannot reach it.</summary>
    async Task<bool> HasFollowersButAsync(List<Guid> known, TimeSpan within, CancellationToken cancellationToken)
    {
        try
        {
            return (await followers.FindFollowersAsync(tenant, within, cancellationToken)).Except(known).Any();
        }
        catch (UnavailableException exception)
        {
            logger.FollowersUnknown(exception, tenant);
            return true;
        }
    }

    async Task CommitWaitingAsync()
    {
        try
        {
            while (waiting.Count > 0)
            {
                await CommitAsync(TakeBatch());
            }
        }
        finally
        {
            committing = false;
        }
    }

    /// <summary>
    /// Takes from the front, in order, leaving for the next batch what the store could not tell apart within one: the same command, or the same item or lane; and receipts beyond
    /// a share, so that a wave of them keeps no message waiting. What is left keeps its place.
    /// </summary>
    List<PendingProposal> TakeBatch()
    {
        var batch = new List<PendingProposal>(Math.Min(waiting.Count, options.Value.MaxBatchProposals));
        var claims = new BatchClaims();
        var rows = 0;
        var receipts = 0;
        for (var node = waiting.First; node is not null && batch.Count < options.Value.MaxBatchProposals;)
        {
            var next = node.Next;
            var proposal = node.Value.Proposal;
            if (batch.Count > 0 && rows + RowsOf(proposal) > options.Value.MaxBatchRows)
            {
                break;
            }

            var gathered = proposal.Command is null ? proposal.Marks.Length : 0;
            if ((gathered == 0 || receipts == 0 || receipts + gathered <= options.Value.MaxBatchReceipts) && claims.TryClaim(proposal))
            {
                batch.Add(node.Value);
                waiting.Remove(node);
                rows += RowsOf(proposal);
                receipts += gathered;
            }

            node = next;
        }

        return batch;
    }

    static int RowsOf(Proposal proposal) =>
        proposal.Messages.Length + proposal.Items.Length + proposal.Shown.Length + proposal.Departures.Length + proposal.Audiences.Length + proposal.Marks.Length + proposal.Rows.Length + (proposal.Act is null ? 0 : 1);

    async Task CommitAsync(List<PendingProposal> batch)
    {
        var started = clock.GetTimestamp();
        using var activity = SyncMetrics.Activities.StartActivity("rcc.sync.commit");
        activity?.SetTag("rcc.sync.batch.proposals", batch.Count);
        try
        {
            var committed = await store.AppendAsync(tenant, batch.ConvertAll(pending => pending.Proposal), CancellationToken.None);
            metrics.Committed(batch.Count, committed.Entries.Length, clock.GetElapsedTime(started));
            for (var i = 0; i < batch.Count; i++)
            {
                batch[i].Answer(committed.Results[i]);
            }

            Tell(committed);
        }
        catch (AppendFailedException) when (batch.Count > 1)
        {
            // One proposal spoils the batch. Nothing was committed: run them one by one, and only the culprit fails.
            logger.BatchSplit(tenant, batch.Count);
            foreach (var pending in batch)
            {
                await CommitAsync([pending]);
            }
        }
        catch (Exception exception)
        {
            activity?.SetStatus(ActivityStatusCode.Error);
            logger.CommitFailed(exception, tenant, batch.Count);
            foreach (var pending in batch)
            {
                pending.Fail(exception);
            }
        }
    }

    void Tell(CommittedBatch committed)
    {
        newest = Math.Max(newest, committed.To);
        if (committed.To == committed.From)
        {
            return;
        }

        var batch = new LogBatch(tenant, committed.From, committed.To, committed.Entries);
        foreach (var (_, sender) in LiveNodes())
        {
            sender.Tell(batch);
        }
    }

    List<KeyValuePair<Guid, NodeSender>> LiveNodes()
    {
        foreach (var (node, sender) in nodes)
        {
            if (sender.HasExpired)
            {
                nodes.Remove(node);
            }
        }

        return [.. nodes];
    }
}
