using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Core.Sync;

namespace Rcc.Core.Devices;

/// <summary>
/// Who is told that the person types. A note being typed, an agent's typing while the customer is on hold (RCC-10), and that of who reads along unseen are told to colleagues alone.
/// What the handling says is read once for the conversation typed in, and again when it has changed.
/// </summary>
internal sealed class TypingReach(ISyncStore store, Caller caller)
{
    readonly Lock gate = new();
    (Guid Conversation, Audience Audience)? known;
    int changes;

    /// <summary>Null when the caller may type in the lane.</summary>
    public static Outcome? Refuse(Caller caller, Lane lane) =>
        !Enum.IsDefined(lane) ? Outcome.Refused(ErrorCode.Malformed, "lane must be public or notes.")
        : caller.Role == Role.Customer && lane != Lane.Public ? Outcome.Refused(ErrorCode.Forbidden, "A customer writes in the public lane only.")
        : null;

    /// <summary>Who is told of typing while the conversation is handled so. An application is heard as whoever serves is: what it posts is.</summary>
    public static Audience Of(HandlingState? handling, Caller caller, Guid conversation, Lane lane)
    {
        var isHeard = !caller.IsAgent
            ? caller.Role == Role.Customer || handling is { Hold: null }
            : handling is { Hold: null } && handling.Agents.Any(one => one.AgentId == caller.PersonId && one.Part.IsSeen());
        return lane == Lane.Public && isHeard ? Audience.OfConversation(conversation) : Audience.OfNotes(conversation);
    }

    /// <summary>An entry that the person may read has passed.</summary>
    public void Notice(LogEntry entry)
    {
        if (entry is ItemEntry { Key.Kind: ItemKind.Handling } handling)
        {
            lock (gate)
            {
                changes++;
                known = known?.Conversation == handling.Key.Id ? null : known;
            }
        }
    }

    public async ValueTask<Audience> FindAsync(Guid conversation, Lane lane, CancellationToken cancellationToken)
    {
        if (!caller.IsAgent)
        {
            return Audience.OfConversation(conversation);
        }

        if (lane == Lane.Notes)
        {
            return Audience.OfNotes(conversation);
        }

        int before;
        lock (gate)
        {
            if (known is { } found && found.Conversation == conversation)
            {
                return found.Audience;
            }

            before = changes;
        }

        var item = await store.FindItemAsync(caller.Tenant, ItemKey.OfHandling(conversation), cancellationToken);
        var audience = Of(item?.Read(ContractJson.Default.HandlingState), caller, conversation, lane);
        lock (gate)
        {
            // What was read may be older than what passed meanwhile.
            if (before == changes)
            {
                known = (conversation, audience);
            }
        }

        return audience;
    }
}
