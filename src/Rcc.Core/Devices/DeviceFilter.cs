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
    readonly HashSet<Guid> leftOut = [];
    readonly HashSet<Guid> met = [];

    public bool WithoutNotes => filter.WithoutNotes;

    /// <summary>Begins with what the last page says the person reads, and which of it it left out.</summary>
    public void Begin(IEnumerable<Audience> reads, IEnumerable<Guid> filteredOut)
    {
        leftOut.Clear();
        leftOut.UnionWith(filteredOut);
        met.Clear();
        met.UnionWith(reads.Where(audience => audience.Kind == AudienceKind.Conversation).Select(audience => audience.Id));
    }

    /// <summary>What a device that reads these audiences gets for the entry; null for nothing.</summary>
    public WireEntry? Pass(WireEntry wire, IReadOnlySet<Audience> reads) => filter.Statuses is null
        ? wire
        : wire.Entry switch
        {
            ItemEntry { Key.Kind: ItemKind.Conversation } item => Pass(wire, item),
            ItemEntry { Key.HangsOnConversation: true } item => IsLeftOut(item.Key.Id, reads) ? null : wire,
            MessageEntry message => leftOut.Contains(message.Message.ConversationId) ? null : wire,
            _ => wire,
        };

    /// <summary>Stands for the filter in tokens.</summary>
    public static uint HashOf(SyncFilter filter)
    {
        var text = $"{(filter.Statuses is null ? "all" : string.Join(',', filter.Statuses.Distinct().Order()))};{filter.WithoutNotes}";
        return BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>
    /// Of resolved conversations no page says that they are left out: it is those that the person did not read when the device joined, and does not now. One that was read in between may have been
    /// resolved and opened again within a gap, of which only its newest state is told.
    /// </summary>
    bool IsLeftOut(Guid conversation, IReadOnlySet<Audience> reads) =>
        leftOut.Contains(conversation)
        || (!filter.Statuses!.Contains(ConversationStatus.Resolved) && !met.Contains(conversation) && !reads.Contains(Audience.OfConversation(conversation)));

    WireEntry Pass(WireEntry wire, ItemEntry conversation)
    {
        var state = JsonSerializer.Deserialize(conversation.State.AsSpan(), ContractJson.Default.ConversationState);
        if (state is not null && filter.Statuses!.Contains(state.Status))
        {
            leftOut.Remove(conversation.Key.Id);
            met.Add(conversation.Key.Id);
            return wire;
        }

        leftOut.Add(conversation.Key.Id);
        return WireEntry.Filtered(conversation);
    }
}
