using Rcc.Contracts.Agents;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>Hold and resume: the customer sees that it is held, the agents also by whom. Its messages take their places as ever, so that there is nothing to deliver later.</summary>
public static partial class Conversation
{
    /// <summary>Puts the customer on hold (RCC-10).</summary>
    public static Decision<ConversationSnapshot> Hold(TenantId tenant, ConversationSnapshot? now, Standing caller, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (SteerOpen(now, caller, Controls.Hold) is { } refusal)
        {
            return refusal;
        }

        if (now!.State.AssigneeId is null)
        {
            return Answer.Refused(ErrorCode.Conflict, "The conversation waits for an agent already; only one that is served is put on hold.");
        }

        return now.State.OnHold
            ? Change(tenant, now, now)
            : Change(tenant, now, now with { State = now.State with { OnHold = true }, Handling = now.Handling with { Hold = new(caller.PersonId, caller.DeviceId, at), Silence = Silences.Held(now.Handling.Silence) } });
    }

    /// <summary>Ends a hold, whoever began it and wherever (RCC-11).</summary>
    public static Decision<ConversationSnapshot> Resume(TenantId tenant, ConversationSnapshot? now, Standing caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return SteerOpen(now, caller, Controls.Hold) is { } refusal
            ? refusal
            : Change(tenant, now, now! with { State = now.State with { OnHold = false }, Handling = now.Handling with { Hold = null } });
    }
}
