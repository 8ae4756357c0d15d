using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Core.Tenants;

namespace Rcc.Core.Access;

/// <summary>
/// How much of this node each tenant uses at once. A tenant alone may ask often and have many requests under way; as soon as another one is served as well it may ask less often and have few, and the rest of them
/// wait their turn: so nobody's load occupies the processors, connections and commits that others need. What cannot even wait is refused as <see cref="ErrorCode.Busy"/>, what comes too often as <see cref="ErrorCode.RateLimited"/>.
/// </summary>
public sealed class TenantShares(KnownTerms terms, TimeProvider clock, IOptions<AccessOptions> options)
{
    static readonly TimeSpan ForgetAfter = TimeSpan.FromMinutes(5);

    readonly ConcurrentDictionary<TenantId, TenantShare> shares = new();
    readonly Lock seeing = new();
    (TenantId Tenant, long At)? last;
    (TenantId Tenant, long At)? lastOther;
    long swept = clock.GetTimestamp();

    /// <summary>Takes a request in. Its work begins when <see cref="Turn.Begun"/> is, and must end with <see cref="Turn.End"/>, unless it is refused.</summary>
    /// <param name="tenant">Whose request.</param>
    /// <param name="counts">It counts for the rate: false for what belongs to a request that counts by itself.</param>
    public Turn Enter(TenantId tenant, bool counts = true)
    {
        var now = clock.GetTimestamp();
        var isContended = IsContended(tenant, now);
        var (cap, limits) = (CapOf(tenant, isContended), LimitsOf(tenant, isContended));
        while (true)
        {
            var share = shares.GetOrAdd(tenant, static (_, at) => new TenantShare(at), now);
            if (share.TryEnter(this, tenant, counts, cap, limits, now) is { } turn)
            {
                return turn;
            }

            // It was forgotten in this instant.
            shares.TryRemove(new(tenant, share));
        }
    }

    /// <summary>Counts a request that takes no turn, since what it costs has a limit of its own; null, or why it is refused.</summary>
    public Outcome? Count(TenantId tenant)
    {
        var now = clock.GetTimestamp();
        var limits = LimitsOf(tenant, IsContended(tenant, now));
        while (true)
        {
            var share = shares.GetOrAdd(tenant, static (_, at) => new TenantShare(at), now);
            if (share.TryCount(this, limits, now, out var refusal))
            {
                return refusal;
            }

            shares.TryRemove(new(tenant, share));
        }
    }

    internal TimeSpan Since(long earlier, long now) => clock.GetElapsedTime(earlier, now);

    /// <summary>How many more may be under way now.</summary>
    internal int CapOf(TenantId tenant)
    {
        var now = clock.GetTimestamp();
        return CapOf(tenant, IsContended(tenant, now));
    }

    int CapOf(TenantId tenant, bool isContended) =>
        terms.Recall(tenant)?.Terms.Share.ConcurrentRequests ?? (isContended ? options.Value.TenantConcurrentRequestsContended : options.Value.TenantConcurrentRequests);

    /// <summary>Whether others are served too. The tenant counts as served from now on.</summary>
    bool IsContended(TenantId tenant, long now)
    {
        Sweep(now);
        lock (seeing)
        {
            if (last?.Tenant != tenant)
            {
                lastOther = last;
            }

            last = (tenant, now);
            return lastOther is { At: var seen } && clock.GetElapsedTime(seen, now) < options.Value.ContentionLasts;
        }
    }

    (int PerSecond, int Burst, int Waiting) LimitsOf(TenantId tenant, bool isContended)
    {
        var agreed = terms.Recall(tenant)?.Terms.Share;
        var perSecond = agreed?.RequestsPerSecond
            ?? (isContended ? Math.Min(options.Value.TenantRequestsPerSecond, options.Value.TenantRequestsPerSecondContended) : options.Value.TenantRequestsPerSecond);
        var burst = agreed?.RequestBurst
            ?? (agreed?.RequestsPerSecond is not null ? 2 * perSecond : isContended ? Math.Min(2 * perSecond, options.Value.TenantRequestBurst) : options.Value.TenantRequestBurst);
        return (perSecond, burst, options.Value.TenantWaitingRequests);
    }

    void Sweep(long now)
    {
        if (clock.GetElapsedTime(Volatile.Read(ref swept), now) < ForgetAfter)
        {
            return;
        }

        Volatile.Write(ref swept, now);
        foreach (var (tenant, share) in shares)
        {
            if (share.TryForget(this, now, ForgetAfter))
            {
                shares.TryRemove(new(tenant, share));
            }
        }
    }
}

/// <summary>One tenant on one node.</summary>
sealed class TenantShare(long now)
{
    readonly Lock gate = new();
    readonly Queue<Turn> waiting = new();
    double tokens = double.MaxValue;
    long filledAt = now;
    int underWay;
    bool isForgotten;

    public Turn? TryEnter(TenantShares all, TenantId tenant, bool counts, int cap, (int PerSecond, int Burst, int Waiting) limits, long now)
    {
        lock (gate)
        {
            if (isForgotten)
            {
                return null;
            }

            Fill(all, limits, now);
            if (tokens < 1)
            {
                return new Turn(TooMany(limits.PerSecond));
            }

            if (underWay >= cap && waiting.Count >= limits.Waiting)
            {
                return Turn.Refused(ErrorCode.Busy, string.Create(CultureInfo.InvariantCulture, $"The account has {underWay} requests under way and {waiting.Count} waiting: no more are taken."));
            }

            tokens -= counts ? 1 : 0;
            var turn = new Turn(all, this, tenant);
            if (underWay < cap)
            {
                underWay++;
                turn.Begin();
            }
            else
            {
                waiting.Enqueue(turn);
            }

            return turn;
        }
    }

    /// <summary>Counts a request that takes no turn; why it is refused, or null. False when this was forgotten in the same instant.</summary>
    public bool TryCount(TenantShares all, (int PerSecond, int Burst, int Waiting) limits, long now, out Outcome? refusal)
    {
        lock (gate)
        {
            refusal = null;
            if (isForgotten)
            {
                return false;
            }

            Fill(all, limits, now);
            if (tokens < 1)
            {
                refusal = TooMany(limits.PerSecond);
                return true;
            }

            tokens--;
            return true;
        }
    }

    void Fill(TenantShares all, (int PerSecond, int Burst, int Waiting) limits, long now)
    {
        tokens = Math.Min(limits.Burst, tokens + (Math.Max(0, all.Since(filledAt, now).TotalSeconds) * limits.PerSecond));
        filledAt = now;
    }

    Outcome TooMany(int perSecond) => Outcome.TooMany(
        string.Create(CultureInfo.InvariantCulture, $"The account makes too many requests; its share is {perSecond} a second."), TimeSpan.FromSeconds((1 - tokens) / perSecond));

    /// <summary>One is over; others begin.</summary>
    public void End(int cap)
    {
        List<Turn> next = [];
        lock (gate)
        {
            underWay--;
            while (underWay < cap && waiting.TryDequeue(out var turn))
            {
                underWay++;
                next.Add(turn);
            }
        }

        next.ForEach(turn => turn.Begin());
    }

    public bool TryForget(TenantShares all, long now, TimeSpan after)
    {
        lock (gate)
        {
            return isForgotten = underWay == 0 && all.Since(filledAt, now) > after;
        }
    }
}

/// <summary>A request's turn.</summary>
public sealed class Turn
{
    readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TenantShares? all;
    readonly TenantShare? share;
    readonly TenantId tenant;

    internal Turn(TenantShares all, TenantShare share, TenantId tenant) => (this.all, this.share, this.tenant) = (all, share, tenant);

    internal Turn(Outcome refusal) => Refusal = refusal;

    /// <summary>Why it is not taken in; null when it is.</summary>
    public Outcome? Refusal { get; }

    /// <summary>Completes when the work may begin.</summary>
    public Task Begun => begun.Task;

    /// <summary>The work is over: once, whatever came of it.</summary>
    public void End() => share?.End(all!.CapOf(tenant));

    internal static Turn Refused(ErrorCode code, string detail) => new(Outcome.Refused(code, detail));

    internal void Begin() => begun.TrySetResult();
}
