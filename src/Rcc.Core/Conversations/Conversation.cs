using System.Collections.Immutable;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Routing;
using Rcc.Contracts.Sync;
using Rcc.Core.Routing;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>
/// The rules of one conversation. Pure: the clock, new ids and what others say are given. Revisions follow from what changed, see <see cref="ConversationChange"/>: they move with control state, never with posts or reads.
/// <para>
/// Who may what: a customer writes in its own conversations, in the public lane. An agent who takes part writes in both lanes, resolves, reopens and gives its own away; any agent takes one that waits.
/// A master agent or administrator does all of it in every conversation of the tenant, and takes part from its first message on. An application does what a master agent does and takes part in nothing.
/// </para>
/// </summary>
public static partial class Conversation
{
    /// <summary>Whether the caller may see the conversation at all: else there is none for it.</summary>
    public static bool IsVisible(ConversationSnapshot now, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(now);
        ArgumentNullException.ThrowIfNull(caller);
        return caller.Role switch
        {
            Role.Customer => now.State.ContactId == caller.PersonId,
            Role.Agent => now.TakesPart(caller.PersonId),
            Role.MasterAgent or Role.Administrator or Role.Application => true,
            _ => false,
        };
    }

    /// <summary>Whether it waits for an agent.</summary>
    public static bool IsWaiting(ConversationSnapshot now)
    {
        ArgumentNullException.ThrowIfNull(now);
        return now.State is { Status: ConversationStatus.Open, AssigneeId: null };
    }

    /// <summary>The answer to who wants to open a conversation that exists.</summary>
    public static Answer TakenId => Answer.Refused(ErrorCode.Taken, "Another conversation has this id.");

    /// <summary>Opens a conversation that does not exist. <paramref name="openCount"/> is how many the contact has open.</summary>
    public static Decision<ConversationSnapshot> Open(
        TenantId tenant, Guid id, Opening opening, long displayId, int openCount, Session session, ConversationOptions options)
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
            new() { QueueId = opening.QueueId ?? tenant.Value, Targets = session.Targets },
            WaitingSince: session.At,
            WaitingRevision: 0,
            LastSeq: 0,
            LastNotesSeq: 0);
        return Change(tenant, null, next);
    }

    /// <summary>Appends a message. <paramref name="mentioned"/> are the agents whom it mentions, as the store knows them.</summary>
    public static Decision<ConversationSnapshot> Post(
        TenantId tenant, ConversationSnapshot? now, Caller caller, Post post, Session session, ConversationOptions options, Mentioned? mentioned = null)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(post);
        ArgumentNullException.ThrowIfNull(options);
        if (now is null || !IsVisible(now, caller))
        {
            return NotFound;
        }

        if (RefusePost(now, caller, post.Lane) is { } refusal)
        {
            return refusal;
        }

        var next = now;
        ImmutableArray<CapacityClaim> claims = [];
        if (now.State.Status == ConversationStatus.Resolved)
        {
            if (caller.Role != Role.Customer)
            {
                return Closed;
            }

            (next, claims) = Reopened(now, session);
        }
        else if (caller.Role == Role.Customer)
        {
            // What was put off comes back with the customer's next message.
            next = now with { Handling = now.Handling with { Snooze = null } };
        }
        else if (caller.IsManager && !now.TakesPart(caller.PersonId))
        {
            if (RefuseAnother(now, options) is { } full)
            {
                return full;
            }

            next = now with { Handling = now.Handling with { Agents = [.. now.Handling.Agents, new(caller.PersonId, Part.Collaborator)] } };
        }

        var seq = (post.Lane == Lane.Public ? now.LastSeq : now.LastNotesSeq) + 1;
        var mentions = Mentions.None;
        if (!post.Mentions.IsEmpty)
        {
            (mentions, var unfit) = Mention(next, caller, post, seq, mentioned ?? throw new ArgumentNullException(nameof(mentioned)), options);
            if (unfit is not null)
            {
                return unfit;
            }

            next = mentions.Next!;
        }

        next = ServiceLevels.Answered(post.Lane == Lane.Public ? next with { LastSeq = seq } : next with { LastNotesSeq = seq }, caller, post.Lane);
        var message = new NewMessage(now.Id, post.Lane, seq, post.MessageId, caller.PersonId, caller.Role, post.ContentType, post.Content);
        return Change(tenant, now, next, change => change with
        {
            Messages = [message],
            Items = change.Items.AddRange(mentions.Items),
            Fences = change.Fences.AddRange(mentions.Fences),
            Claims = claims,
            Answer = change.Answer with { MessageId = post.MessageId, Seq = seq, Revision = null },
        });
    }

    /// <summary>Closes the conversation. <paramref name="closing"/> says how it ended, and what its inbox and queue ask for.</summary>
    public static Decision<ConversationSnapshot> Resolve(TenantId tenant, ConversationSnapshot? now, Caller caller, Closing closing = default)
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
            : Change(tenant, now, now with
            {
                State = now.State with { Status = ConversationStatus.Resolved, OnHold = false },
                Handling = ServiceLevels.Resolved(Ended(now, TransferOutcome.Withdrawn)) with { Disposition = closing.Disposition },
                WaitingSince = null,
            });
    }

    public static Decision<ConversationSnapshot> Reopen(TenantId tenant, ConversationSnapshot? now, Caller caller, Session session)
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

    /// <summary>Gives the conversation to an agent, or with <paramref name="to"/> null to nobody. <paramref name="agent"/> is the one named, as the store knows it.</summary>
    public static Decision<ConversationSnapshot> Assign(
        TenantId tenant, ConversationSnapshot? now, Caller caller, Guid? to, ConversationAgent? agent, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var takes = now is not null && IsWaiting(now) && caller.Role == Role.Agent && to == caller.PersonId;
        if ((takes ? Forbid(caller, Controls.Assign) : Steer(now, caller, Controls.Assign)) is { } refusal)
        {
            return refusal;
        }

        if (!takes && caller.Role == Role.Agent && now!.State.AssigneeId != caller.PersonId)
        {
            return Answer.Refused(ErrorCode.Forbidden, "An agent gives away only what is assigned to it, and takes only what waits.");
        }

        if (now!.State.Status == ConversationStatus.Resolved)
        {
            return Closed;
        }

        if (to is null)
        {
            return Change(tenant, now, now.State.AssigneeId is null ? now : Assigned(now, null, at));
        }

        if (agent is null)
        {
            return Decision.NotFound("agent");
        }

        return agent.IsSuspended ? Answer.Refused(ErrorCode.Conflict, "The agent is suspended.") : Give(tenant, now, agent, at);
    }

    /// <summary>
    /// Routing gives the conversation to an available agent. <paramref name="holder"/> is the agent it is assigned to by now, if any: one who was suspended holds nothing.
    /// </summary>
    public static Decision<ConversationSnapshot> Route(
        TenantId tenant, ConversationSnapshot? now, ConversationAgent? agent, ConversationAgent? holder, DateTimeOffset at) =>
        RefuseRouting(now, agent, holder) is { } refusal ? refusal : Give(tenant, now!, agent!, at);

    /// <summary>
    /// Routing offers the conversation to an available agent until <paramref name="until"/>: its place with the agent is reserved from now on.
    /// <paramref name="lastRevision"/> is that of the last offer of the conversation to the agent; 0 for none.
    /// </summary>
    public static Decision<ConversationSnapshot> Offer(
        TenantId tenant, ConversationSnapshot? now, ConversationAgent? agent, ConversationAgent? holder, int lastRevision, DateTimeOffset at, DateTimeOffset until)
    {
        if (RefuseRouting(now, agent, holder) is { } refusal)
        {
            return refusal;
        }

        if (now!.Handling.Offer is not null)
        {
            return Answer.Refused(ErrorCode.Conflict, "The conversation is offered to an agent already.");
        }

        var waits = now.State.AssigneeId is null ? now : Assigned(now, null, at);
        var next = waits with { Handling = waits.Handling with { Offer = new(agent!.Id, lastRevision + 1, at, until) } };
        return Change(tenant, now, next, change => change with { Fences = change.Fences.Add(agent.Fence), Claims = [agent.Claim] });
    }

    /// <summary>The agent it is offered to takes it. Of all who try one wins, whatever device they try on (RCC-9).</summary>
    public static Decision<ConversationSnapshot> Accept(TenantId tenant, ConversationSnapshot? now, Caller caller, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return FindOffer(now, caller) is { } refusal
            ? refusal
            : Change(tenant, now, now!.Handling.Offer!.FromId is null ? Assigned(now, caller.PersonId, at) : Accepted(now, caller.PersonId, at), ending: new(OfferOutcome.Accepted, caller.DeviceId));
    }

    /// <summary>The agent it is offered to does not take it. <paramref name="others"/>: who may get a transfer instead.</summary>
    public static Decision<ConversationSnapshot> Decline(TenantId tenant, ConversationSnapshot? now, Caller caller, DateTimeOffset at, Targets? others = null)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return FindOffer(now, caller) is { } refusal ? refusal : Pass(tenant, now!, new(OfferOutcome.Declined, caller.DeviceId), others, at);
    }

    /// <summary>What is to happen by time alone: a target is near or missed, what was put off comes back, an offer that nobody answered is over. <paramref name="others"/>: who may get a transfer instead.</summary>
    public static Decision<ConversationSnapshot> Tick(TenantId tenant, ConversationSnapshot? now, DateTimeOffset at, Targets? others = null, BusinessClock? clock = null)
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

        return now.Handling.Offer is { } offer && offer.ExpiresAt <= at
            ? Pass(tenant, now, new(OfferOutcome.Expired, null), others, at)
            : Change(tenant, now, ticked);
    }

    /// <summary>Takes the conversation from its agent when that one was suspended or removed. <paramref name="holder"/> is the agent it is assigned to.</summary>
    public static Decision<ConversationSnapshot> TakeBack(TenantId tenant, ConversationSnapshot? now, ConversationAgent? holder, DateTimeOffset at)
    {
        if (now is null)
        {
            return NotFound;
        }

        return now.State is { Status: ConversationStatus.Open, AssigneeId: { } } && holder is { IsSuspended: true }
            ? Change(tenant, now, Assigned(now, null, at), change => change with { Fences = change.Fences.Add(holder.Fence) })
            : Answer.Refused(ErrorCode.Conflict, "Nobody has it who may not keep it.");
    }

    /// <summary>A person saw the messages of a lane up to <paramref name="seq"/>. Only who takes part can have: for others it would be a lie to the sender.</summary>
    public static Decision<ConversationSnapshot> MarkRead(TenantId tenant, ConversationSnapshot? now, Caller caller, Lane lane, long seq)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (now is null || !IsVisible(now, caller))
        {
            return NotFound;
        }

        var isCustomer = caller.Role == Role.Customer;
        if (isCustomer ? lane != Lane.Public : !now.TakesPart(caller.PersonId))
        {
            return Answer.Refused(ErrorCode.Forbidden, isCustomer ? "A customer reads the public lane only." : "Only who takes part in the conversation can have read it.");
        }

        var read = lane == Lane.Public
            ? new MarkAdvance(MarkKind.Read, now.Id, caller.PersonId, seq, 0)
            : new MarkAdvance(MarkKind.Read, now.Id, caller.PersonId, 0, seq);
        return Change(tenant, now, now, change => change with
        {
            Marks = lane == Lane.Public && !now.IsHidden(caller.PersonId) ? [new(MarkKind.Receipt, now.Id, caller.PersonId, 0, seq), read] : [read],
            Answer = change.Answer with { Revision = null },
        });
    }

    static Answer NotFound => Decision.NotFound("conversation");

    static Answer Closed => Answer.Refused(ErrorCode.Closed, "The conversation is resolved; it must be reopened first.");

    /// <summary>Whether the caller may change where the conversation stands; null when it may. What it does not see it does not learn of, whatever it may do.</summary>
    static Answer? Steer(ConversationSnapshot? now, Caller caller, Controls control)
    {
        if (now is null || !IsVisible(now, caller))
        {
            return NotFound;
        }

        if (caller.Role == Role.Customer)
        {
            return Answer.Refused(ErrorCode.Forbidden, "Only an agent may do this.");
        }

        return caller.Role == Role.Agent && now.IsHidden(caller.PersonId) ? Answer.Refused(ErrorCode.Forbidden, "Who reads along unseen controls nothing.") : Forbid(caller, control);
    }

    /// <summary>Whether one more agent may take part; null when it may. Who is asked for a consultation has a place.</summary>
    static Answer? RefuseAnother(ConversationSnapshot now, ConversationOptions options)
    {
        var count = now.Handling.Agents.Count + (now.Handling is { Offer: not null, Transfer: { IsUnderWay: true, Kind: TransferKind.Attended } } ? 1 : 0);
        return count >= options.MaxAgents ? Answer.Refused(ErrorCode.TooLarge, $"The conversation has {count} agents; MaxAgents is {options.MaxAgents}.") : null;
    }

    /// <summary>Whether the caller may write in the lane now; null when it may.</summary>
    static Answer? RefusePost(ConversationSnapshot now, Caller caller, Lane lane)
    {
        if (caller.Role == Role.Customer)
        {
            return lane == Lane.Public ? null : Answer.Refused(ErrorCode.Forbidden, "A customer writes in the public lane only.");
        }

        if (lane == Lane.Public && now.IsHidden(caller.PersonId))
        {
            return Answer.Refused(ErrorCode.Forbidden, "Who reads along unseen does not write to the customer.");
        }

        if (now.Handling.Agents.Any(one => one.AgentId == caller.PersonId && one.Part == Part.Monitor))
        {
            return Answer.Refused(ErrorCode.Forbidden, "Who monitors whispers, or barges in.");
        }

        return lane == Lane.Public && now.State.OnHold ? Answer.Refused(ErrorCode.OnHold, "The customer is on hold; the conversation must be resumed first.") : null;
    }

    /// <summary>Null when the agent's manager lets it.</summary>
    static Answer? Forbid(Caller caller, Controls control) =>
        caller.May(control) ? null : Answer.Refused(ErrorCode.Forbidden, $"The agent's controls do not contain {control}.");

    static Answer? RefuseRouting(ConversationSnapshot? now, ConversationAgent? agent, ConversationAgent? holder)
    {
        if (now is null)
        {
            return NotFound;
        }

        var waits = IsWaiting(now) || (now.State.Status == ConversationStatus.Open && holder is { IsSuspended: true });
        if (!waits)
        {
            return Answer.Refused(ErrorCode.Conflict, "The conversation does not wait any more.");
        }

        return agent is { IsSuspended: false, Availability: Availability.Online } ? null : Answer.Refused(ErrorCode.Conflict, "The agent is not available.");
    }

    /// <summary>Null when the conversation is offered to the caller.</summary>
    static Answer? FindOffer(ConversationSnapshot? now, Caller caller)
    {
        if (now?.Handling.Offer is { } offer && offer.AgentId == caller.PersonId)
        {
            return null;
        }

        // Who is not offered it, and does not see it otherwise, is not to learn that it exists.
        return now is not null && IsVisible(now, caller) ? Answer.Refused(ErrorCode.Conflict, "The offer is over.") : Decision.NotFound("offer");
    }

    static ConversationSnapshot Passed(ConversationSnapshot now, DateTimeOffset at)
    {
        var agent = now.Handling.Offer!.AgentId;
        return now with { Handling = now.Handling with { Offer = null, Passed = [.. now.Handling.Passed.Where(other => other != agent), agent], PassedAt = at } };
    }

    /// <summary>A new session begins. It stays with its last agent if that one can take it; else that agent leaves, and it waits like a new one.</summary>
    static (ConversationSnapshot Next, ImmutableArray<CapacityClaim> Claims) Reopened(ConversationSnapshot now, Session session)
    {
        var opened = now with
        {
            State = now.State with { Status = ConversationStatus.Open, ContributionId = session.ContributionId },
            Handling = now.Handling with { Disposition = null, Targets = session.Targets },
        };
        return now.State.AssigneeId is not null && session.Keeper is { } keeper
            ? (opened, [keeper.Claim])
            : (Assigned(opened, null, session.At), []);
    }

    static Decision<ConversationSnapshot> Give(TenantId tenant, ConversationSnapshot now, ConversationAgent agent, DateTimeOffset at)
    {
        if (now.State.AssigneeId == agent.Id)
        {
            return Change(tenant, now, now);
        }

        // The agent must not be suspended while this is on its way. What was offered to it has its place already.
        var isReserved = now.ReservedFor == agent.Id;
        return Change(tenant, now, Assigned(now, agent.Id, at), change => change with
        {
            Fences = change.Fences.Add(agent.Fence),
            Claims = isReserved ? [] : [agent.Claim],
        });
    }

    /// <summary>The handling after its agent has ceased to serve it: what was for that agent is over, and whoever monitored it is gone.</summary>
    static HandlingState Ended(ConversationSnapshot now, TransferOutcome transfer)
    {
        var handling = EndTransfer(now, transfer);
        return handling with { Agents = [.. handling.Agents.Where(one => one.Part != Part.Monitor)], Offer = null, Passed = [], PassedAt = null, OverflowedFromId = null, OfflineSince = null, Hold = null, Snooze = null };
    }

    static ConversationSnapshot Assigned(ConversationSnapshot now, Guid? agent, DateTimeOffset at, TransferOutcome transfer = TransferOutcome.Withdrawn)
    {
        var handling = Ended(now, transfer);
        var others = handling.Agents.Where(one => one.AgentId != now.State.AssigneeId && one.AgentId != agent);
        return now with
        {
            State = now.State with { AssigneeId = agent, OnHold = false },
            Handling = handling with { Agents = agent is { } added ? [.. others, new(added, Part.Server)] : [.. others] },
            WaitingSince = agent is null ? now.WaitingSince ?? at : null,
        };
    }

    internal static Decision<ConversationSnapshot> Change(
        TenantId tenant, ConversationSnapshot? now, ConversationSnapshot next, Func<Proposal, Proposal>? more = null, OfferEnding? ending = null)
    {
        var (numbered, change) = ConversationChange.Between(tenant, now, next, ending);
        return Decision.Accept(numbered, more is null ? change : more(change));
    }
}

/// <summary>A session of the conversation that begins, if one does.</summary>
/// <param name="At">Now.</param>
/// <param name="ContributionId">Its id (Contribution-ID).</param>
/// <param name="Keeper">The agent it was assigned to last, if that one can take it again.</param>
/// <param name="Targets">By when it is to be answered and resolved.</param>
public readonly record struct Session(DateTimeOffset At, Guid ContributionId, ConversationAgent? Keeper, ServiceTargets? Targets = null);

/// <summary>What the rules ask of an agent who may get a conversation.</summary>
/// <param name="Id">The agent.</param>
/// <param name="Revision">Its revision: the decision holds while the agent is as it was.</param>
/// <param name="IsSuspended">It gets nothing and holds nothing.</param>
/// <param name="Availability">Whether it takes conversations.</param>
/// <param name="Capacity">How many it serves at once, offers included.</param>
public sealed record ConversationAgent(Guid Id, int Revision, bool IsSuspended, Availability Availability, int Capacity)
{
    internal ItemFence Fence => new(new(ItemKind.Agent, Id), Revision);

    internal CapacityClaim Claim => new(Id, Capacity);
}
