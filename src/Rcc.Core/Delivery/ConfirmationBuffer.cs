using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rcc.Core.Sync;

namespace Rcc.Core.Delivery;

/// <summary>
/// Gathers what the node's devices have confirmed and hands it to the logs, merged: one change per conversation and person, however many messages and devices. What cannot be handed over now is kept and
/// merged with what comes; what is lost with the node the devices confirm again when they come back.
/// </summary>
internal sealed class ConfirmationBuffer(IGrainFactory grains, IOptions<DeliveryOptions> options, TimeProvider clock, ILogger<ConfirmationBuffer> logger) : BackgroundService
{
    readonly Lock gate = new();
    readonly SemaphoreSlim signal = new(0, 1);
    readonly Dictionary<TenantId, Dictionary<(Guid Conversation, Guid Person), long>> gathered = [];
    readonly HashSet<TenantId> underWay = [];

    /// <summary>The person holds the conversation's messages up to here on a device. The log cuts it at the newest message, and ignores who takes no part.</summary>
    public void Add(Caller caller, Guid conversation, long seq)
    {
        lock (gate)
        {
            Merge(caller.Tenant, (conversation, caller.PersonId), seq);
            Wake();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await signal.WaitAsync(stoppingToken);
                await Task.Delay(options.Value.GatherFor, clock, stoppingToken);
                foreach (var (tenant, held) in Take())
                {
                    _ = HandOverAsync(tenant, held, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The devices confirm again when they come back.
        }
    }

    /// <summary>A tenant whose log is slow gathers on, and keeps nobody else waiting.</summary>
    List<KeyValuePair<TenantId, Dictionary<(Guid Conversation, Guid Person), long>>> Take()
    {
        lock (gate)
        {
            var taken = gathered.Where(tenant => underWay.Add(tenant.Key)).ToList();
            taken.ForEach(tenant => gathered.Remove(tenant.Key));
            return taken;
        }
    }

    async Task HandOverAsync(TenantId tenant, Dictionary<(Guid Conversation, Guid Person), long> held, CancellationToken cancellationToken)
    {
        try
        {
            var parts = await Task.WhenAll(held.Chunk(options.Value.MaxMarksPerProposal).Select(part => TryHandOverAsync(tenant, part, cancellationToken)));
            if (parts.Contains(false))
            {
                await Task.Delay(options.Value.RetryAfter, clock, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The node stops; the devices confirm again when they come back.
        }

        lock (gate)
        {
            underWay.Remove(tenant);
            Wake();
        }
    }

    async Task<bool> TryHandOverAsync(TenantId tenant, KeyValuePair<(Guid Conversation, Guid Person), long>[] part, CancellationToken cancellationToken)
    {
        var marks = part.Select(mark => new MarkAdvance(MarkKind.Receipt, mark.Key.Conversation, mark.Key.Person, mark.Value, 0)).ToImmutableArray();
        try
        {
            await grains.GetGrain<ILogGrain>(tenant.Key).AppendAsync(new Proposal { Marks = marks, EvenIfSuspended = true }, cancellationToken);
            return true;
        }
        catch (AppendFailedException exception)
        {
            // Trying again would fail again; the devices' next confirmations stand for these too.
            logger.Dropped(exception, tenant, marks.Length);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            logger.NotHandedOver(exception, tenant, marks.Length);
            KeepForLater(tenant, part);
            return false;
        }
    }

    void KeepForLater(TenantId tenant, KeyValuePair<(Guid Conversation, Guid Person), long>[] part)
    {
        lock (gate)
        {
            foreach (var (key, seq) in part)
            {
                Merge(tenant, key, seq);
            }
        }
    }

    void Merge(TenantId tenant, (Guid Conversation, Guid Person) key, long seq)
    {
        if (!gathered.TryGetValue(tenant, out var held))
        {
            gathered[tenant] = held = [];
        }

        held[key] = Math.Max(held.GetValueOrDefault(key), seq);
    }

    void Wake()
    {
        if (signal.CurrentCount == 0)
        {
            signal.Release();
        }
    }
}
