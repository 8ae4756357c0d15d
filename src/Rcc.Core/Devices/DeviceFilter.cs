using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Core.Sync;

namespace Rcc.Core.Devices;

/// <summary>One device's filter over live entries: the same rule that the store applies to pages. A conversation outside it is not on the device, nor is anything that hangs on it.</summary>
internal sealed class DeviceFilter(SyncFilter filter)
{
    readonly HashSet<Guid> inside = [];
    readonly HashSet<Guid> leftOut = [];

    public bool WithoutNotes => filter.WithoutNotes;

    /// <summary>
    /// A conversation came inside that was outside, or may have been. What hangs on it the device has forgotten, and the log tells it at its next change only: the store has to be asked for a page.
    /// </summary>
    public bool NeedsPage { get; private set; }

    /// <summary>Begins with what the last page says the person reads, and which of it it left out.</summary>
    public void Begin(IEnumerable<Audience> reads, IEnumerable<Guid> filteredOut)
    {
        NeedsPage = false;
        leftOut.Clear();
        leftOut.UnionWith(filteredOut);
        inside.Clear();
        inside.UnionWith(reads.Where(audience => audience.Kind == AudienceKind.Conversation).Select(audience => audience.Id));
        inside.ExceptWith(leftOut);
    }

    /// <summary>What the device gets for the entry; null for nothing.</summary>
    public WireEntry? Pass(WireEntry wire) => filter.Statuses is null
        ? wire
        : wire.Entry switch
        {
            ItemEntry { Key.Kind: ItemKind.Conversation } item => Pass(wire, item),
            ItemEntry { Key.HangsOnConversation: true } item => IsLeftOut(item.Key.Id) ? null : wire,
            MessageEntry message => leftOut.Contains(message.Message.ConversationId) ? null : wire,
            _ => wire,
        };

    /// <summary>Stands for the filter in tokens.</summary>
    public static uint HashOf(SyncFilter filter)
    {
        var text = $"{(filter.Statuses is null ? "all" : string.Join(',', filter.Statuses.Distinct().Order()))};{filter.WithoutNotes}";
        return BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>Of resolved conversations no page says that they are left out: where the filter has none of them, it is those of which nothing says that they are inside.</summary>
    bool IsLeftOut(Guid conversation) =>
        leftOut.Contains(conversation) || (!filter.Statuses!.Contains(ConversationStatus.Resolved) && !inside.Contains(conversation));

    WireEntry Pass(WireEntry wire, ItemEntry conversation)
    {
        var state = JsonSerializer.Deserialize(conversation.State.AsSpan(), ContractJson.Default.ConversationState);
        if (state is not null && filter.Statuses!.Contains(state.Status))
        {
            // Nothing hangs yet on one that has just begun.
            NeedsPage |= inside.Add(conversation.Key.Id) && conversation.Revision > 1;
            leftOut.Remove(conversation.Key.Id);
            return wire;
        }

        inside.Remove(conversation.Key.Id);
        leftOut.Add(conversation.Key.Id);
        return WireEntry.Filtered(conversation);
    }
}
