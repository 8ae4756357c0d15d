using Orleans.Concurrency;

namespace Rcc.Core.Sync;

/// <summary>The log of one tenant, keyed by <see cref="TenantId.Key"/>: takes decided changes, commits what has gathered as one batch, answers, and tells the nodes.</summary>
[Alias("rcc.ILogGrain")]
public interface ILogGrain : IGrainWithStringKey
{
    /// <summary>Commits a proposal with whatever else has gathered. Answers after the commit.</summary>
    /// <exception cref="UnavailableException">The outcome is unknown; repeat the proposal.</exception>
    /// <exception cref="BusyException">The log's queue is full; nothing was committed.</exception>
    [AlwaysInterleave]
    [Alias("Append")]
    Task<AppendResult> AppendAsync(Proposal proposal, CancellationToken cancellationToken);

    /// <summary>A node wants to be told of commits from now on; to be renewed. Answers the newest number known.</summary>
    [AlwaysInterleave]
    [Alias("Subscribe")]
    Task<long> SubscribeAsync(Guid node, ITailObserver observer, CancellationToken cancellationToken);

    /// <summary>Tells the nodes something that is not kept.</summary>
    [AlwaysInterleave]
    [Alias("Tell")]
    Task TellAsync(EphemeralEvent fact, CancellationToken cancellationToken);

    /// <summary>Answers when every node has applied the log up to here, or has stopped serving because it could not (design promise 11).</summary>
    [AlwaysInterleave]
    [Alias("WaitUntilPassed")]
    Task WaitUntilPassedAsync(long modSeq, CancellationToken cancellationToken);
}

/// <summary>One per node. Methods only enqueue.</summary>
[Alias("rcc.ITailObserver")]
public interface ITailObserver : IGrainObserver
{
    /// <summary>A commit.</summary>
    [Alias("Committed")]
    Task CommittedAsync(LogBatch batch);

    /// <summary>Something that is not kept.</summary>
    [Alias("Happened")]
    Task HappenedAsync(EphemeralEvent fact);

    /// <summary>Answers when the node has applied the tenant's log up to here.</summary>
    [AlwaysInterleave]
    [Alias("Passed")]
    Task PassedAsync(TenantId tenant, long modSeq);
}

/// <summary>What a fact that is not kept says.</summary>
public enum EphemeralKind
{
    /// <summary>The person types.</summary>
    Typing = 0,

    /// <summary>The agent has the conversation open.</summary>
    Viewing,

    /// <summary>Where a conversation waits, as its customer may know.</summary>
    Position,
}

/// <summary>Where a conversation stands in its queue.</summary>
/// <param name="Position">1: the next.</param>
/// <param name="EstimatedSeconds">How long that may take; null when it cannot be told.</param>
/// <param name="OpensAt">When the queue opens; null while it is open.</param>
/// <param name="Lasts">How long it counts when nothing newer comes.</param>
[GenerateSerializer, Immutable, Alias("rcc.sync.PlaceFact")]
public sealed record PlaceFact(
    [property: Id(0)] int Position, [property: Id(1)] int? EstimatedSeconds, [property: Id(2)] DateTimeOffset? OpensAt, [property: Id(3)] TimeSpan Lasts);

/// <summary>A fact that is not kept, to an audience. With <c>Asks</c> the others who have it open say so as well.</summary>
[GenerateSerializer, Immutable, Alias("rcc.sync.EphemeralEvent")]
public sealed record EphemeralEvent(
    [property: Id(0)] TenantId Tenant,
    [property: Id(1)] Audience Audience,
    [property: Id(2)] Guid ConversationId,
    [property: Id(3)] Guid PersonId,
    [property: Id(4)] bool Active,
    [property: Id(5)] EphemeralKind Kind = EphemeralKind.Typing,
    [property: Id(6)] bool Asks = false)
{
    /// <summary>With an active <see cref="EphemeralKind.Position"/>.</summary>
    [Id(7)] public PlaceFact? Place { get; init; }
}

/// <summary>How long each kind of fact counts when nothing newer comes.</summary>
internal readonly record struct EphemeralTimes(TimeSpan Typing, TimeSpan Viewing);

/// <summary>A bounded queue is full; nothing was done. Retry later.</summary>
[GenerateSerializer, Alias("rcc.sync.BusyException")]
public sealed class BusyException : Exception
{
    public BusyException()
    {
    }

    public BusyException(string message)
        : base(message)
    {
    }

    public BusyException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
