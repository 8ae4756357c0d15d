using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>What an agent does about when to go on with a conversation: puts it off, says how urgent it is.</summary>
public static partial class Conversation
{
    /// <summary>Puts a conversation off until a time, or until its customer writes. Its agent keeps it, and its place: it could not come back otherwise.</summary>
    public static Decision<ConversationSnapshot> Snooze(
        TenantId tenant, ConversationSnapshot? now, Standing caller, DateTimeOffset? until, DateTimeOffset at, ConversationOptions options)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(options);
        if (SteerOpen(now, caller, Controls.Snooze) is { } refusal)
        {
            return refusal;
        }

        if (now!.State.AssigneeId is null)
        {
            return Answer.Refused(ErrorCode.Conflict, "The conversation waits for an agent; only one that is served is put off.");
        }

        if (until <= at)
        {
            return Answer.Refused(ErrorCode.Malformed, "until has passed.");
        }

        return until - at > options.MaxSnooze
            ? Answer.Refused(ErrorCode.TooLarge, $"until is more than {options.MaxSnooze.TotalDays} days ahead (MaxSnooze).")
            : Change(tenant, now, now with { Handling = now.Handling with { Snooze = new(caller.PersonId, at, until) } });
    }

    public static Decision<ConversationSnapshot> Unsnooze(TenantId tenant, ConversationSnapshot? now, Standing caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return SteerOpen(now, caller, Controls.Snooze) is { } refusal ? refusal : Change(tenant, now, now! with { Handling = now.Handling with { Snooze = null } });
    }

    public static Decision<ConversationSnapshot> SetPriority(TenantId tenant, ConversationSnapshot? now, Standing caller, Priority priority)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return SteerOpen(now, caller, Controls.Prioritize) is { } refusal ? refusal : Change(tenant, now, now! with { Handling = now.Handling with { Priority = priority } });
    }
}
