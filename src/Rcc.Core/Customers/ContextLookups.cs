using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Rcc.Core.Customers;

/// <summary>
/// The lookups this node has under way: so many at once, and so many of one tenant. A lookup asks all the places its tenant names at the same time, and takes each answer when it comes. Tenants take turns, and where too many wait those of the tenant with the most give way, so that a tenant whose server is slow keeps only
/// itself waiting. Nothing is lost with a node or by giving way: a lookup that does not end is begun again when its contact is due, see <see cref="CustomerOptions.LookupRetry"/>.
/// </summary>
public sealed class ContextLookups(IEnumerable<IContextSource> sources, IGrainFactory grains, IOptions<CustomerOptions> options, ILogger<ContextLookups> logger) : IDisposable
{
    readonly Lock gate = new();
    readonly Dictionary<TenantId, Lane> lanes = [];

    /// <summary>Lanes that wait for a place, each at most once.</summary>
    readonly Queue<Lane> turns = [];
    readonly HashSet<(TenantId Tenant, Guid Contact)> known = [];
    readonly CancellationTokenSource stopping = new();
    int running;
    int waiting;

    /// <summary>Begins a lookup unless one of the contact is under way, or too many of its tenant wait.</summary>
    public void Begin(LookupQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        lock (gate)
        {
            if (known.Contains((question.Tenant, question.ContactId)) || (waiting >= options.Value.MaxLookupsWaiting && !MakeRoomFor(question.Tenant)))
            {
                return;
            }

            if (!lanes.TryGetValue(question.Tenant, out var lane))
            {
                lanes[question.Tenant] = lane = new();
            }

            known.Add((question.Tenant, question.ContactId));
            lane.Waiting.AddLast(question);
            waiting++;
            TakeTurn(lane);
            StartWhatMay();
        }
    }

    public void Dispose()
    {
        stopping.Cancel();
        stopping.Dispose();
    }

    /// <summary>The tenant with the most waiting loses its newest, unless it is the one that asks.</summary>
    bool MakeRoomFor(TenantId tenant)
    {
        var longest = lanes.MaxBy(lane => lane.Value.Waiting.Count);
        if (longest.Value.Waiting.Last is not { Value: var last } || longest.Value.Waiting.Count <= (lanes.GetValueOrDefault(tenant)?.Waiting.Count ?? 0) + 1)
        {
            return false;
        }

        longest.Value.Waiting.RemoveLast();
        known.Remove((last.Tenant, last.ContactId));
        waiting--;
        return true;
    }

    void TakeTurn(Lane lane)
    {
        if (!lane.IsInTurn && lane.Waiting.Count > 0 && lane.Running < options.Value.MaxLookupsPerTenant)
        {
            lane.IsInTurn = true;
            turns.Enqueue(lane);
        }
    }

    void StartWhatMay()
    {
        while (running < options.Value.MaxLookups && turns.TryDequeue(out var lane))
        {
            lane.IsInTurn = false;
            if (lane.Waiting.First is not { Value: var question })
            {
                continue;
            }

            lane.Waiting.RemoveFirst();
            waiting--;
            lane.Running++;
            running++;
            TakeTurn(lane);

            // Neither on the scheduler nor in the name of whoever begins it: the contact that asks is the one that is told.
            using (ExecutionContext.SuppressFlow())
            {
                _ = Task.Run(() => RunAsync(question));
            }
        }
    }

    async Task RunAsync(LookupQuestion question)
    {
        try
        {
            await LookUpAsync(question);
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            return;
        }
        catch (Exception failure)
        {
            logger.LookupNotTaken(failure, question.Tenant, question.ContactId);
        }

        lock (gate)
        {
            known.Remove((question.Tenant, question.ContactId));
            running--;
            var lane = lanes[question.Tenant];
            if (--lane.Running == 0 && lane.Waiting.Count == 0)
            {
                lanes.Remove(question.Tenant);
            }

            TakeTurn(lane);
            StartWhatMay();
        }
    }

    async Task LookUpAsync(LookupQuestion question)
    {
        var contact = grains.GetGrain<ICustomerGrain>(question.Tenant.KeyOf(question.ContactId));
        var origins = question.Where.Origins();
        var asked = sources.Where(source => origins.Contains(source.Origin)).Select(source => AskAsync(source, question)).ToList();
        var (left, areTaken) = (asked.Count, true);
        await foreach (var one in Task.WhenEach(asked))
        {
            var (origin, result) = await one;
            if (result.Failure is { } failure)
            {
                logger.LookupFailed(question.Tenant, failure, origin);
            }

            if (result.Found.Count(value => !ContextInformation.IsOfShape(value)) is > 0 and var malformed)
            {
                logger.ValuesMalformed(question.Tenant, malformed);
            }

            areTaken &= await contact.TakeLookupAsync(question.Lookup, origin, result, --left == 0 && areTaken, CancellationToken.None);
        }
    }

    async Task<(LookupOrigin Origin, LookupResult Result)> AskAsync(IContextSource source, LookupQuestion question)
    {
        try
        {
            return (source.Origin, await source.LookUpAsync(question, stopping.Token));
        }
        catch (Exception failure) when (!stopping.IsCancellationRequested)
        {
            // A defect of ours, brought out by what was answered: it would be asked the same for ever if nobody were told.
            logger.LookupBroke(failure, question.Tenant, source.Origin);
            return (source.Origin, LookupResult.Failed(LookupFailure.Malformed));
        }
    }

    sealed class Lane
    {
        public int Running { get; set; }

        public bool IsInTurn { get; set; }

        public LinkedList<LookupQuestion> Waiting { get; } = [];
    }
}
