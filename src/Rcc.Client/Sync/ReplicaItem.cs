using System.Text.Json;
using Rcc.Client.Devices;

namespace Rcc.Client.Sync;

/// <summary>An object as the device holds it.</summary>
/// <param name="key">Kind and id.</param>
/// <param name="revision">The highest revision seen.</param>
/// <param name="state">The whole state, unknown members included.</param>
/// <param name="mark">The resync in which the object was last sent; an older one than <see cref="DevicePosition.Mark"/> makes it stale.</param>
public sealed class ReplicaItem(ItemKey key, int revision, JsonElement state, int mark)
{
    // A user interface reads the same state on every repaint; the item never changes, so that it is read once.
    object? typed;

    public ItemKey Key => key;

    public int Revision => revision;

    public JsonElement State => state;

    public int Mark => mark;

    /// <summary>The state as a record of the contract.</summary>
    public T Read<T>()
        where T : class
    {
        if (typed is T known)
            return known;
        var read = state.Deserialize<T>(HubRecords.Json) ?? throw new JsonException($"The state of {key.Kind} {key.Id} is null.");
        typed = read;
        return read;
    }

    internal ReplicaItem SentAgain(int newMark) => new(key, revision, state, newMark) { typed = typed };
}
