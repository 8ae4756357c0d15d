using System.Collections.Immutable;

namespace Rcc.Core.Sync;

/// <summary>The append (design section 2). The only way tenant data is written.</summary>
public interface ILogStore
{
    /// <summary>
    /// Commits the proposals in one transaction, in the order given, under the tenant's lock. Each gets a result of its own; a duplicate, fenced or refused one never fails another.
    /// A batch must not hold two proposals with the same command key; of two that fence the same item or message place, the first wins and the other is fenced.
    /// </summary>
    /// <exception cref="AppendFailedException">The store refused a row of the batch: nothing was committed. Run the proposals one by one to find which.</exception>
    /// <exception cref="UnavailableException">The store could not be reached or did not answer in time: what was committed is unknown.</exception>
    Task<CommittedBatch> AppendAsync(TenantId tenant, IReadOnlyList<Proposal> proposals, CancellationToken cancellationToken);
}

/// <summary>What a commit did.</summary>
/// <param name="From">The newest number before it.</param>
/// <param name="To">The newest number after it; equal to <paramref name="From"/> when nothing was committed.</param>
/// <param name="Results">One for each proposal, in the same order.</param>
/// <param name="Entries">What it added to the log, in order.</param>
public sealed record CommittedBatch(long From, long To, IReadOnlyList<AppendResult> Results, ImmutableArray<LogEntry> Entries);

/// <summary>The store refused a row for a reason that is no verdict: a defect of the caller, or of the data.</summary>
[GenerateSerializer, Alias("rcc.sync.AppendFailedException")]
public sealed class AppendFailedException : Exception
{
    public AppendFailedException()
    {
    }

    public AppendFailedException(string message)
        : base(message)
    {
    }

    public AppendFailedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The store or a node cannot be reached; the outcome may be unknown. Retry with the same command key.</summary>
[GenerateSerializer, Alias("rcc.sync.UnavailableException")]
public sealed class UnavailableException : Exception
{
    public UnavailableException()
    {
    }

    public UnavailableException(string message)
        : base(message)
    {
    }

    public UnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
