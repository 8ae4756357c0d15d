namespace Rcc.Core.Sync;

/// <summary>A batch with what was written of it for devices, kept so that a device that has just caught up can join.</summary>
internal sealed class AppliedBatch(LogBatch batch)
{
    public long From => batch.From;

    public long To => batch.To;

    public IReadOnlyList<WireEntry> Entries { get; } = [.. batch.Entries.Select(entry => new WireEntry(entry))];
}
