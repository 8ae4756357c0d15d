using Rcc.Client.Sync;

namespace Rcc.Client.Tests.Sync;

/// <summary>A store that fails when told to, and remembers how far each lane was ever complete. In a file it fails as a process that is killed does: anywhere between the first byte of a commit and after its last; and it may decay meanwhile.</summary>
sealed class FlakyStore(Random? random = null, StoreFolder? folder = null, bool decays = false) : IDeviceStore, IDisposable
{
    static readonly FileDeviceStoreOptions Small = new() { CompactAfterBytes = 4096 };
    IDeviceStore inner = folder is null ? new MemoryDeviceStore() : FileDeviceStore.Open(folder.Path, Small);

    public bool FailNext { get; set; }

    public HashSet<(LaneId Lane, long Seq)> EverHeld { get; } = [];

    public DeviceSnapshot Load() => inner.Load();

    public void Commit(DeviceChanges changes)
    {
        if (FailNext)
        {
            FailNext = false;
            if (folder is not null)
                Tear(changes, folder);
            throw new IOException("the disk is full");
        }
        inner.Commit(changes);
        Remember(changes);
    }

    /// <summary>As the next process would: what is in a file is read again.</summary>
    public void Reopen(bool mayDecay = true)
    {
        if (folder is null)
            return;
        Dispose();
        var isDamaged = mayDecay && decays && random!.Next(4) == 0;
        if (isDamaged)
        {
            var bytes = File.ReadAllBytes(folder.Journal);
            bytes[random!.Next(16)] ^= 1;
            File.WriteAllBytes(folder.Journal, bytes);
        }
        var opened = FileDeviceStore.Open(folder.Path, Small);
        Assert.Equal(isDamaged, opened.WasDamaged);
        inner = opened;
    }

    public void Dispose() => (inner as IDisposable)?.Dispose();

    void Tear(DeviceChanges changes, StoreFolder at)
    {
        var before = new FileInfo(at.Journal).Length;
        inner.Commit(changes);
        Dispose();
        var after = new FileInfo(at.Journal).Length;
        // A picture that took the journal's place did so as a whole.
        var cut = after > before ? random!.NextInt64(before, after + 1) : after;
        if (cut == after)
            Remember(changes);
        using var file = new FileStream(at.Journal, FileMode.Open);
        file.SetLength(cut);
    }

    void Remember(DeviceChanges changes)
    {
        foreach (var (lane, record) in changes.Lanes)
        {
            if (record is not null)
                EverHeld.Add((lane, record.HeldEnd));
        }
    }
}
