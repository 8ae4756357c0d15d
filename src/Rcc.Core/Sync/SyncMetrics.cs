using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Rcc.Core.Sync;

/// <summary>What operators watch of the log and its tails.</summary>
public sealed class SyncMetrics : IDisposable
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "Rcc.Sync";

    public static readonly ActivitySource Activities = new(Name);

    readonly Meter meter;
    readonly Histogram<int> batchProposals;
    readonly Histogram<double> commitMilliseconds;
    readonly Counter<long> entries;
    readonly Counter<long> pages;
    readonly Counter<long> frames;
    readonly Counter<long> resyncs;
    readonly Counter<long> gaps;
    readonly Counter<long> overflows;

    public SyncMetrics(IMeterFactory meters)
    {
        meter = meters.Create(Name);
        batchProposals = meter.CreateHistogram<int>("rcc.sync.batch.proposals", description: "Proposals in one commit");
        commitMilliseconds = meter.CreateHistogram<double>("rcc.sync.commit.milliseconds", "ms", "Time of one commit");
        entries = meter.CreateCounter<long>("rcc.sync.entries.count", description: "Entries committed");
        pages = meter.CreateCounter<long>("rcc.sync.pages.count", description: "Catch-up pages sent");
        frames = meter.CreateCounter<long>("rcc.sync.frames.count", description: "Live frames sent");
        resyncs = meter.CreateCounter<long>("rcc.sync.resyncs.count", description: "Devices that started from nothing");
        gaps = meter.CreateCounter<long>("rcc.sync.gaps.count", description: "Gaps a node's tail read from the store");
        overflows = meter.CreateCounter<long>("rcc.sync.overflows.count", description: "Device queues dropped because they were full");
    }

    public void Committed(int proposals, int written, TimeSpan took)
    {
        batchProposals.Record(proposals);
        commitMilliseconds.Record(took.TotalMilliseconds);
        entries.Add(written);
    }

    public void PageSent() => pages.Add(1);

    public void FrameSent() => frames.Add(1);

    public void Resynced(Contracts.Sync.ResyncReason reason) => resyncs.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void GapRead() => gaps.Add(1);

    public void QueueDropped() => overflows.Add(1);

    public void Dispose() => meter.Dispose();
}
