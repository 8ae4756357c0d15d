using Rcc.Client.Conversations;
using Rcc.Contracts.Conversations;

namespace Rcc.Client.Sync;

/// <summary>Keeps a device's state as long as the object lives: it outlasts a client, not the process.</summary>
public sealed class MemoryDeviceStore : IDeviceStore
{
    readonly Lock gate = new();
    readonly Dictionary<ItemKey, ReplicaItem> items = [];
    readonly Dictionary<LaneId, LaneRecord> lanes = [];
    readonly Dictionary<MessageKey, MessageItem> messages = [];
    readonly Dictionary<long, OutboxEntry> outbox = [];
    readonly Dictionary<Guid, long> confirmed = [];
    DevicePosition position = new();

    public DeviceSnapshot Load()
    {
        lock (gate)
        {
            return new DeviceSnapshot
            {
                Position = position,
                Items = [.. items.Values],
                Lanes = new Dictionary<LaneId, LaneRecord>(lanes),
                Messages = new Dictionary<MessageKey, MessageItem>(messages),
                Outbox = [.. outbox.Values.OrderBy(e => e.Command.Number)],
                Confirmed = new Dictionary<Guid, long>(confirmed),
            };
        }
    }

    public void Commit(DeviceChanges changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        lock (gate)
        {
            position = changes.Position ?? position;
            Merge(items, changes.Items);
            Merge(lanes, changes.Lanes);
            Merge(messages, changes.Messages);
            Merge(outbox, changes.Outbox);
            foreach (var (conversation, seq) in changes.Confirmed)
            {
                if (seq is { } value)
                    confirmed[conversation] = value;
                else
                    confirmed.Remove(conversation);
            }
        }
    }

    static void Merge<TKey, TValue>(Dictionary<TKey, TValue> rows, Dictionary<TKey, TValue?> changed)
        where TKey : notnull
        where TValue : class
    {
        foreach (var (key, value) in changed)
        {
            if (value is null)
                rows.Remove(key);
            else
                rows[key] = value;
        }
    }
}
