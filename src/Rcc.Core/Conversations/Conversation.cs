using System.Collections.Immutable;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Routing;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Customers;
using Rcc.Core.Routing;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>
/// The rules of one conversation. Pure: the clock, new ids and what others say are given. Revisions follow from what changed, see <see cref="ConversationChange"/>: they move with control state, never with posts or reads.
/// <para>
/// Who may what: a customer writes in its own conversations, in the public lane; what was resolved is open again with that, unless its inbox is archived. An agent who takes part writes in both lanes, resolves, reopens and gives its own away; any agent takes one that waits.
/// Who manages the conversation (<see cref="Reach"/>) does all of it without taking part, and takes part from its first message on, if it supervises. An application writes without ever taking part.
/// </para>
/// </summary>
public static partial class Conversation
{
    /// <summary>Whether the caller may see the conversation at all: else there is none for it.</summary>
    public static bool IsVisible(ConversationSnapshot now, Standing caller)
    {
        ArgumentNullException.ThrowIfNull(now);
        ArgumentNullException.ThrowIfNull(caller);
        return caller.Role == Role.Customer ? now.State.ContactId == caller.PersonId : caller.Manages || now.TakesPart(caller.PersonId);
    }

    /// <summary>Whether it waits for an agent.</summary>
    public static bool IsWaiting(ConversationSnapshot now)
    {
        ArgumentNullException.ThrowIfNull(now);
        return now.State is { Status: ConversationStatus.Open, AssigneeId: null };
    }

    /// <summary>The answer to who wants to open a conversation that exists.</summary>
    public static Answer TakenId => Answer.Refused(ErrorCode.Taken, "Another conversation has this id.");

    /// <summary>Opens a conversation that does not exist. <paramref name="openCount"/> is how many the contact has open, <paramref name="agent"/> the agent who opens it for itself; null: it waits.</summary>
    public static Decision<ConversationSnapshot> Open(
        TenantId tenant, Guid id, Opening opening, long displayId, int openCount, Session session, ConversationOptions options, ConversationAgent? agent = null)
    {
        ArgumentNullException.ThrowIfNull(opening);
        ArgumentNullException.ThrowIfNull(options);
        if (openCount >= options.MaxOpenPerContact)
        {
            return Answer.Refused(ErrorCode.TooLarge, $"The customer has {openCount} open conversations; MaxOpenPerContact is {options.MaxOpenPerContact}.");
        }

        var next = new ConversationSnapshot(
            id,
            Revision: 0,
            new()
            {
                DisplayId = displayId,
                InboxId = opening.InboxId,
                ContactId = opening.ContactId,
                ContactName = opening.ContactName,
                Status = ConversationStatus.Open,
                OpenedAt = session.At,
                ContributionId = session.ContributionId,
            },
            HandlingRevision: 0,
            new() { QueueId = opening.QueueId ?? tenant.Value, Targets = session.Targets, Since = session.At, Silence = session.Silence },
            WaitingSince: session.At,
            WaitingRevision: 0,
            LastSeq: 0,
            LastNotesSeq: 0);
        var decision = agent is null
            ? Change(tenant, null, next)
            : Change(tenant, null, Assigned(next, agent.Id, session.At), change => change with { Fences = change.Fences.Add(agent.Fence), Claims = [agent.Claim] });
        return Decision.Accept(decision.Next!, decision.Change! with { Fences = [.. decision.Change.Fences, .. GroundsOf(opening)] });
    }

    static IEnumerable<ItemFence> GroundsOf(Opening opening) =>
        [new(new(ItemKind.Inbox, opening.InboxId), opening.InboxRevision), new(ContactChange.RecordKey(opening.ContactId), opening.ContactRevision)];

    /// <summary>Closes the conversation. <paramref name="closing"/> says how it ended, and what its inbox and queue ask for.</summary>
    public static Decision<ConversationSnapshot> Resolve(TenantId tenant, ConversationSnapshot? now, Standing caller, Closing closing = default)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (Steer(now, caller, Controls.Resolve) is { } refusal)
        {
            return refusal;
        }

        if (now!.State.Status == ConversationStatus.Resolved)
        {
            return Change(tenant, now, now);
        }

        return closing.Refuse() is { } unfit
            ? unfit
            : Change(tenant, now, Resolved(now, closing.Disposition));
    }

    static ConversationSnapshot Resolved(ConversationSnapshot now, string? disposition) => now with
    {
        State = now.State with { Status = ConversationStatus.Resolved, OnHold = false },
        Handling = ServiceLevels.Resolved(Ended(now, TransferOutcome.Withdrawn)) with { Disposition = disposition, Silence = null },
        WaitingSince = null,
    };

    public static Decision<ConversationSnapshot> Reopen(TenantId tenant, ConversationSnapshot? now, Standing caller, Session session)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (Steer(now, caller, Controls.Resolve) is { } refusal)
        {
            return refusal;
        }

        if (now!.State.Status == ConversationStatus.Open)
        {
            return Change(tenant, now, now);
        }

        var (next, claims) = Reopened(now, session);
        return Change(tenant, now, next, change => change with { Claims = claims });
    }

    /// <summary>What is to happen by time alone: a target is near or missed, what was put off comes back, an offer that nobody answered is over, and so is a transfer that nobody took. <paramref name="missed"/> is what the agent it is offered to has left unanswered before; null where nobody counts.</summary>
    public static Decision<ConversationSnapshot> Tick(TenantId tenant, ConversationSnapshot? now, DateTimeOffset at, Takers takers = default, BusinessClock? clock = null, MissedOffers? missed = null, SilenceFacts? silence = null)
    {
        if (now is null)
        {
            return NotFound;
        }

        var ticked = ServiceLevels.NextAt(now) <= at ? ServiceLevels.Tick(now, at, clock ?? new(null)) : now;
        if (now.Handling.Snooze?.Until <= at)
        {
            return Change(tenant, now, ticked with { Handling = ticked.Handling with { Snooze = null } });
        }

        if (now.Handling.Offer is { } offer && offer.ExpiresAt <= at)
        {
            return With(Pass(tenant, now, new(OfferOutcome.Expired, null), takers.Others, at), missed?.Missed());
        }

        if (now.GivenBackAt <= at)
        {
            return GiveBack(tenant, now, takers.Source, at);
        }

        return Silences.NextAt(now) <= at && silence is not null ? EndSilence(tenant, now, silence, at) : Change(tenant, now, ticked);
    }

    static Answer NotFound => Decision.NotFound("conversation");

    static Answer Closed => Answer.Refused(ErrorCode.Closed, "The conversation is resolved; it must be reopened first.");

    /// <summary>Whether the caller may change where the conversation stands; null when it may. What it does not see it does not learn of, whatever it may do.</summary>
    static Answer? Steer(ConversationSnapshot? now, Standing caller, Controls control)
    {
        if (now is null || !IsVisible(now, caller))
        {
            return NotFound;
        }

        if (caller.Role == Role.Customer)
        {
            return Answer.Refused(ErrorCode.Forbidden, "Only an agent may do this.");
        }

        return !caller.Manages && now.IsApart(caller.PersonId) ? Answer.Refused(ErrorCode.Forbidden, "Who reads along unseen controls nothing.") : Forbid(caller, control);
    }

    /// <summary>As <see cref="Steer"/>, for what can only be done to an open conversation.</summary>
    static Answer? SteerOpen(ConversationSnapshot? now, Standing caller, Controls control) =>
        Steer(now, caller, control) ?? (now!.State.Status == ConversationStatus.Resolved ? Closed : null);

    /// <summary>Null when the agent's manager lets it.</summary>
    static Answer? Forbid(Standing caller, Controls control) =>
        caller.May(control) ? null : Answer.Refused(ErrorCode.Forbidden, $"The agent's controls do not contain {control}.");

    /// <summary>A new session begins. It stays with its last agent if that one can take it; else that agent leaves, and it waits like a new one.</summary>
    static (ConversationSnapshot Next, ImmutableArray<CapacityClaim> Claims) Reopened(ConversationSnapshot now, Session session)
    {
        var opened = now with
        {
            State = now.State with { Status = ConversationStatus.Open, ContributionId = session.ContributionId },
            Handling = now.Handling with { Disposition = null, Targets = session.Targets, Since = session.At, Silence = session.Silence },
        };
        return now.State.AssigneeId is not null && session.Keeper is { } keeper
            ? (opened, [keeper.Claim])
            : (Assigned(opened, null, session.At), []);
    }

    internal static Decision<ConversationSnapshot> Change(
        TenantId tenant, ConversationSnapshot? now, ConversationSnapshot next, Func<Proposal, Proposal>? more = null, OfferEnding? ending = null)
    {
        var (numbered, change) = ConversationChange.Between(tenant, now, next, ending);
        return Decision.Accept(numbered, more is null ? change : more(change));
    }
}
