using Rcc.Client.Sync;

namespace Rcc.Client.Tests.Sync;

/// <summary>A store that fails when told to, and remembers how far each lane was ever complete.</summary>
sealed class FlakyStore : IDeviceStore
{
    readonly MemoryDeviceStore inner = new();

    public bool FailNext { get; set; }

    public HashSet<(LaneId Lane, long Seq)> EverHeld { get; } = [];

    public DeviceSnapshot Load() => inner.Load();

    public void Commit(DeviceChanges changes)
    {
        if (FailNext)
        {
            FailNext = false;
            throw new IOException("the disk is full");
        }
        inner.Commit(changes);
        foreach (var (lane, record) in changes.Lanes)
        {
            if (record is not null)
                EverHeld.Add((lane, record.HeldEnd));
        }
    }
}
