using System.ComponentModel.DataAnnotations;

namespace Rcc.Core.Sync;

/// <summary>Limits of the tenants' logs. Section <c>Rcc:Log</c>.</summary>
public sealed class LogOptions
{
    /// <summary>Proposals that may wait for a commit, per tenant; more are refused as busy. Default 10,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxWaiting { get; set; } = 10_000;

    /// <summary>Appends a log has at most: those that wait, and the batch that is committing. An engine has to let in more, or callers never hear that the log is busy.</summary>
    public int MaxAppends => MaxWaiting + MaxBatchProposals;

    /// <summary>Proposals in one commit. Larger ones make everybody in the batch wait for its slowest row. Default 256.</summary>
    [Range(1, 10_000)]
    public int MaxBatchProposals { get; set; } = 256;

    /// <summary>Rows in one commit (messages, items, marks, …); a single larger proposal goes alone. Default 500.</summary>
    [Range(1, 100_000)]
    public int MaxBatchRows { get; set; } = 500;

    /// <summary>Gathered receipts in one commit; more wait for the next one, so that they never delay messages by much. A single larger proposal goes alone among receipts. Default 16.</summary>
    [Range(1, 100_000)]
    public int MaxBatchReceipts { get; set; } = 16;

    /// <summary>Characters of the values before and after that the action record keeps of one act; of those that do not fit it keeps that they changed. Default 16,384.</summary>
    [Range(0, 1_000_000)]
    public int MaxActCharacters { get; set; } = 16_384;

    /// <summary>Batches that may wait to be told to one node; when there are more they are dropped and the node reads the store. Default 64.</summary>
    [Range(1, 10_000)]
    public int MaxUntoldBatches { get; set; } = 64;

    /// <summary>How long telling a node may take before the node is left to find out by itself. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan TellTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a node's subscription lasts without renewal. Must be longer than <see cref="TailOptions.RenewalInterval"/>. Default 20 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan SubscriptionLifetime { get; set; } = TimeSpan.FromSeconds(20);
}

/// <summary>How a node follows the logs of the tenants it has devices of. Section <c>Rcc:Tail</c>.</summary>
public sealed class TailOptions
{
    /// <summary>How often a node asks the store for the newest numbers. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:00:10")]
    public TimeSpan ConfirmationInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>A node that could not confirm a tail for this long stops serving the tenant; suspensions wait no longer than this for a node that does not answer. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.2", "00:01:00")]
    public TimeSpan UnconfirmedLimit { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a node renews its subscription to a tenant's log. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.2", "00:05:00")]
    public TimeSpan RenewalInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Batches waiting to be applied to one tenant's tail; when there are more they are dropped and the node reads the store. Default 256.</summary>
    [Range(1, 100_000)]
    public int MaxWaitingBatches { get; set; } = 256;

    /// <summary>Batches kept so that a device that has just caught up joins without another page. Default 64.</summary>
    [Range(1, 10_000)]
    public int RecentBatches { get; set; } = 64;

    /// <summary>How long a tail without devices is kept. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.2", "01:00:00")]
    public TimeSpan IdleLifetime { get; set; } = TimeSpan.FromSeconds(30);
}
