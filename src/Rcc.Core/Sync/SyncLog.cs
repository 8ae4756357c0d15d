using Microsoft.Extensions.Logging;

namespace Rcc.Core.Sync;

/// <summary>What the room logs: 4000–4999.</summary>
internal static partial class SyncLog
{
    [LoggerMessage(4000, LogLevel.Warning, "Tenant {Tenant}: a batch of {Proposals} proposals was refused by the store and runs one by one")]
    public static partial void BatchSplit(this ILogger logger, TenantId tenant, int proposals);

    [LoggerMessage(4001, LogLevel.Error, "Tenant {Tenant}: a commit of {Proposals} proposals failed; its callers are told")]
    public static partial void CommitFailed(this ILogger logger, Exception exception, TenantId tenant, int proposals);

    [LoggerMessage(4002, LogLevel.Warning, "Tenant {Tenant}: a node lags {Batches} batches behind and is left to read the store")]
    public static partial void NodeLagging(this ILogger logger, TenantId tenant, int batches);

    [LoggerMessage(4003, LogLevel.Warning, "Tenant {Tenant}: a node could not be told of a commit and is left to read the store")]
    public static partial void NodeNotTold(this ILogger logger, Exception exception, TenantId tenant);

    [LoggerMessage(4004, LogLevel.Warning, "Tenant {Tenant}: a node did not say that it has passed {ModSeq}; it has stopped serving by now")]
    public static partial void NodeDidNotPass(this ILogger logger, Exception exception, TenantId tenant, long modSeq);

    [LoggerMessage(4010, LogLevel.Information, "Tenant {Tenant}: the tail begins at {ModSeq}")]
    public static partial void TailBegins(this ILogger logger, TenantId tenant, long modSeq);

    [LoggerMessage(4011, LogLevel.Debug, "Tenant {Tenant}: the tail reads a gap from {From} to {To}")]
    public static partial void GapRead(this ILogger logger, TenantId tenant, long from, long to);

    [LoggerMessage(4012, LogLevel.Warning, "The tails could not be confirmed")]
    public static partial void NotConfirmed(this ILogger logger, Exception exception);

    [LoggerMessage(4021, LogLevel.Error, "A defect: the tails could not be looked after this time")]
    public static partial void TailsFailed(this ILogger logger, Exception exception);

    [LoggerMessage(4013, LogLevel.Warning, "Tenant {Tenant}: the subscription to the log could not be renewed")]
    public static partial void NotRenewed(this ILogger logger, Exception exception, TenantId tenant);

    [LoggerMessage(4014, LogLevel.Warning, "Tenant {Tenant}: the tail could not read a gap and tries again")]
    public static partial void GapNotRead(this ILogger logger, Exception exception, TenantId tenant);

    [LoggerMessage(4019, LogLevel.Warning, "Tenant {Tenant}: what follows {Position} is no longer kept; the tail's connections are closed and come back to a new one")]
    public static partial void GapNotKept(this ILogger logger, TenantId tenant, long position);

    [LoggerMessage(4016, LogLevel.Warning, "The store has forgotten this node; its {Tails} tails begin anew")]
    public static partial void NodeForgotten(this ILogger logger, int tails);

    [LoggerMessage(4020, LogLevel.Information, "Tenant {Tenant}: its log is gone, erased before this node read that it ended; its connections are closed")]
    public static partial void LogGone(this ILogger logger, TenantId tenant);

    [LoggerMessage(4017, LogLevel.Warning, "The store could not be told that this node follows less; suspensions may wait for it a little")]
    public static partial void NotLeft(this ILogger logger, Exception exception);

    [LoggerMessage(4018, LogLevel.Warning, "Tenant {Tenant}: the store could not say which nodes follow the log; all of them have stopped serving or passed by now")]
    public static partial void FollowersUnknown(this ILogger logger, Exception exception, TenantId tenant);

    [LoggerMessage(4015, LogLevel.Error, "Tenant {Tenant}: the tail has failed; its connections are closed and come back to a new one")]
    public static partial void TailFailed(this ILogger logger, Exception exception, TenantId tenant);
}
