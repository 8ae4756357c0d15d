using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Rcc.Core.Customers;

/// <summary>
/// The lookups this node has under way: so many at once, and so many of one tenant, that a tenant whose server is slow keeps only itself waiting. Nothing is lost with a node: a lookup that does not end is begun again
/// when its contact is due, see <see cref="CustomerOptions.LookupRetry"/>.
/// </summary>
public sealed class ContextLookups(IContextSource source, IGrainFactory grains, IOptions<CustomerOptions> options, ILogger<ContextLookups> logger) : IDisposable
{
    readonly Lock gate = new();
    readonly Dictionary<TenantId, Lane> lanes = [];
    readonly HashSet<(TenantId Tenant, Guid Contact)> known = [];
    readonly SemaphoreSlim places = new(options.Value.MaxLookups);
    readonly CancellationTokenSource stopping = new();

    /// <summary>Begins a lookup unless one of the contact is under way, or too many wait.</summary>
    public void Begin(LookupQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        lock (gate)
        {
            if (known.Count >= options.Value.MaxLookupsWaiting || !known.Add((question.Tenant, question.ContactId)))
            {
                return;
            }

            if (!lanes.TryGetValue(question.Tenant, out var lane))
            {
                lanes[question.Tenant] = lane = new();
            }

            if (lane.Running == options.Value.MaxLookupsPerTenant)
            {
                lane.Waiting.Enqueue(question);
                return;
            }

            lane.Running++;
        }

        // Neither on the scheduler nor in the name of whoever begins it: the contact that asks is the one that is told.
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(() => RunAsync(question));
        }
    }

    public void Dispose()
    {
        stopping.Cancel();
        stopping.Dispose();
        places.Dispose();
    }

    async Task RunAsync(LookupQuestion first)
    {
        for (LookupQuestion? next = first; next is { } question; next = Follow(question))
        {
            try
            {
                await places.WaitAsync(stopping.Token);
                try
                {
                    await LookUpAsync(question);
                }
                finally
                {
                    places.Release();
                }
            }
            catch (Exception) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                logger.LookupNotTaken(failure, question.Tenant, question.ContactId);
            }
        }
    }

    async Task LookUpAsync(LookupQuestion question)
    {
        var result = await source.LookUpAsync(question, stopping.Token);
        if (result.Failure is { } failure)
        {
            logger.LookupFailed(question.Tenant, failure);
        }

        await grains.GetGrain<ICustomerGrain>(question.Tenant.KeyOf(question.ContactId)).TakeLookupAsync(question.Lookup, result, CancellationToken.None);
    }

    LookupQuestion? Follow(LookupQuestion done)
    {
        lock (gate)
        {
            known.Remove((done.Tenant, done.ContactId));
            var lane = lanes[done.Tenant];
            if (lane.Waiting.TryDequeue(out var next))
            {
                return next;
            }

            if (--lane.Running == 0)
            {
                lanes.Remove(done.Tenant);
            }

            return null;
        }
    }

    sealed class Lane
    {
        public int Running { get; set; }

        public Queue<LookupQuestion> Waiting { get; } = [];
    }
}
