using Rcc.Client.Conversations;
using Rcc.Client.Sync;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;

namespace Rcc.Client.Devices;

/// <summary>What of each command the replica has got, and what it never will: until then the outbox stands for it, and no longer.</summary>
public sealed partial class DeviceClient
{
    /// <summary>What the outbox stands for and the replica has got is shown by the replica from now on. <paramref name="shown"/>: messages that are shown since this change.</summary>
    void Collapse(HashSet<Guid> shown, DeviceChanges changes)
    {
        outbox.Collapse(HasArrived, entry => entry.Command switch
        {
            OpenConversation open => replica.Knows(open.ConversationId),
            PostMessage { MessageId: { } id } => shown.Contains(id),
            _ => false,
        }, changes);
    }

    /// <summary>Whether the replica shows what this accepted command has done, or never will. Without it a draft or a new conversation would vanish between the answer and the push.</summary>
    bool HasArrived(OutboxEntry entry)
    {
        switch (entry.Command)
        {
            case OpenConversation open:
                return replica.Knows(open.ConversationId);
            case SetOpenConversation:
                var revision = replica.Find(ItemKinds.OpenConversation, Replica.Text(replica.Position.PersonId))?.Revision ?? 0;
                return entry.Outcome?.Revision is not { } accepted || revision >= accepted;
            case PostMessage post:
                // Of a lane this device does not keep nothing will come. What lies below the window's end and is not held is not kept here.
                return IsOut(post.ConversationId) || !replica.Keeps(post.Lane)
                    || (replica.Lanes.TryGetValue(new LaneId(post.ConversationId, post.Lane), out var window) && !window.NewestDue && window.End >= entry.Outcome?.Seq);
            case SetDraft draft:
                return IsOut(draft.ConversationId) || (OwnItem(ItemKinds.Draft, draft.ConversationId)?.Revision ?? 0) >= (entry.Outcome?.Revision ?? 0);
            case MarkRead read:
                return IsOut(read.ConversationId) || ReadPosition(read.ConversationId, read.Lane) >= read.Seq;
            default:
                return true;
        }
    }

    /// <summary>Of a conversation that is not on the device nothing will come, unless this device has just opened it.</summary>
    bool IsOut(Guid conversation) => !replica.Knows(conversation) && !outbox.Opens(conversation);
}
