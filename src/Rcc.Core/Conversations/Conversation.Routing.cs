using System.Collections.Immutable;
using System.Text;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>What routing does to a conversation besides giving and offering it.</summary>
public static partial class Conversation
{
    /// <summary>Goes on waiting in another queue, with the time it has waited: there everybody may be asked. What is offered stays until it is answered. <paramref name="targets"/> and <paramref name="silence"/> are those it has from then on.</summary>
    public static Decision<ConversationSnapshot> Move(TenantId tenant, ConversationSnapshot? now, Guid from, Guid to, ServiceTargets? targets = null, Silence? silence = null) =>
        now is null || !IsWaiting(now) || now.Handling.Offer is not null || now.Handling.QueueId != from
            ? NotWaiting
            : Change(tenant, now, now with { Handling = now.Handling with { QueueId = to, OverflowedFromId = from, Passed = [], PassedAt = null, Targets = now.Handling.Targets ?? targets, Silence = silence } });

    /// <summary>A message of the contact centre itself says that nobody is there now: once while it waits, to whatever the customer writes.</summary>
    public static Decision<ConversationSnapshot> TellOffline(TenantId tenant, ConversationSnapshot? now, string text, Guid messageId, DateTimeOffset at)
    {
        if (now is null || !IsWaiting(now) || now.Handling.OfflineSince is not null)
        {
            return NotWaiting;
        }

        var next = now with { LastSeq = now.LastSeq + 1, Handling = now.Handling with { OfflineSince = at } };
        var message = new NewMessage(
            now.Id, Lane.Public, next.LastSeq, messageId, tenant.Value, Role.System, "text/plain", ImmutableArray.Create(Encoding.UTF8.GetBytes(text)));
        return Change(tenant, now, next, change => change with { Messages = [message] });
    }

    static Answer NotWaiting => Answer.Refused(ErrorCode.Conflict, "The conversation does not wait there any more.");
}
