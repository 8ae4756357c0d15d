using System.Text;
using Rcc.Contracts.Conversations;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>Messages as devices see them.</summary>
internal static class MessageEntries
{
    public static MessageItem ToItem(this MessageEntry entry) => new()
    {
        ConversationId = entry.Message.ConversationId,
        Lane = entry.Message.Lane,
        Seq = entry.Message.Seq,
        MessageId = entry.Message.MessageId,
        PersonId = entry.Message.PersonId,
        Role = entry.Message.Role,
        At = entry.At,
        ContentType = entry.Message.ContentType,
        Content = Encoding.UTF8.GetString(entry.Message.Content.AsSpan()),
    };
}
