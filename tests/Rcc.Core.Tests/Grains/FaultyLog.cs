using System.Collections.Concurrent;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Grains;

/// <summary>What an append suffers.</summary>
public enum Fault
{
    None = 0,

    /// <summary>Nothing is committed, and the caller does not know.</summary>
    LostBefore,

    /// <summary>Everything is committed, and the caller does not know.</summary>
    LostAfter,
}

/// <summary>A log store out of reach when the test says so.</summary>
sealed class FaultyLog(ILogStore store) : ILogStore
{
    readonly ConcurrentQueue<Fault> faults = new();
    int appends;

    /// <summary>Appends so far.</summary>
    public int Appends => Volatile.Read(ref appends);

    /// <summary>Runs before every append.</summary>
    public Func<IReadOnlyList<Proposal>, Task> Before { get; set; } = _ => Task.CompletedTask;

    public void Suffer(Fault next) => faults.Enqueue(next);

    public async Task<CommittedBatch> AppendAsync(TenantId tenant, IReadOnlyList<Proposal> proposals, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref appends);
        await Before(proposals);
        var fault = faults.TryDequeue(out var next) ? next : Fault.None;
        if (fault == Fault.LostBefore)
        {
            throw new UnavailableException("Lost before the commit.");
        }

        var committed = await store.AppendAsync(tenant, proposals, cancellationToken);
        return fault == Fault.LostAfter ? throw new UnavailableException("Lost after the commit.") : committed;
    }
}
