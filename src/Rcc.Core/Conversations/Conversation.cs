using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>
/// The rules of one conversation. Pure: the clock, new ids and what others say are given. The revision moves with control state alone (status, assignment, participants), never with posts or reads.
/// <para>
/// Who may what: a customer writes in its own conversations, in the public lane. An agent who takes part writes in both lanes, resolves, reopens and gives its own away; any agent takes one that waits.
/// A master agent does all of it in every conversation of the tenant, and takes part from its first message on. An application does what a master agent does and takes part in nothing.
/// </para>
/// </summary>
public static class Conversation
{
    /// <summary>Whether the caller may see the conversation at all: else there is none for it.</summary>
    public static bool IsVisible(ConversationSnapshot now, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(now);
        ArgumentNullException.ThrowIfNull(caller);
        return caller.Role switch
        {
            Role.Customer => now.State.ContactId == caller.PersonId,
            Role.Agent => now.Agents.Contains(caller.PersonId),
            Role.MasterAgent or Role.Application => true,
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
            Revision: 1,
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
            WaitingSince: session.At,
            Agents: [],
            LastSeq: 0,
            LastNotesSeq: 0);
        return Change(tenant, null, next);
    }

    public static Decision<ConversationSnapshot> Post(TenantId tenant, ConversationSnapshot? now, Caller caller, Post post, Session session, ConversationOptions options)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(post);
        ArgumentNullException.ThrowIfNull(options);
        if (now is null || !IsVisible(now, caller))
        {
            return NotFound;
        }

        if (caller.Role == Role.Customer && post.Lane != Lane.Public)
        {
            return Answer.Refused(ErrorCode.Forbidden, "A customer writes in the public lane only.");
        }

        var next = now;
        if (now.State.Status == ConversationStatus.Resolved)
        {
            if (caller.Role != Role.Customer)
            {
                return Closed;
            }

            next = Reopened(now, session);
        }
        else if (caller.Role == Role.MasterAgent && !now.Agents.Contains(caller.PersonId))
        {
            if (now.Agents.Length >= options.MaxAgents)
            {
                return Answer.Refused(ErrorCode.TooLarge, $"The conversation has {now.Agents.Length} agents; MaxAgents is {options.MaxAgents}.");
            }

            next = now with { Revision = now.Revision + 1, Agents = now.Agents.Add(caller.PersonId) };
        }

        var seq = (post.Lane == Lane.Public ? now.LastSeq : now.LastNotesSeq) + 1;
        next = post.Lane == Lane.Public ? next with { LastSeq = seq } : next with { LastNotesSeq = seq };
        var message = new NewMessage(now.Id, post.Lane, seq, post.MessageId, caller.PersonId, caller.Role, post.ContentType, post.Content);
        return Change(tenant, now, next, change => change with
        {
            Messages = [message],
            Answer = change.Answer with { MessageId = post.MessageId, Seq = seq, Revision = null },
        });
    }

    public static Decision<ConversationSnapshot> Resolve(TenantId tenant, ConversationSnapshot? now, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (Steer(now, caller) is { } refusal)
        {
            return refusal;
        }

        return now!.State.Status == ConversationStatus.Resolved
            ? Change(tenant, now, now)
            : Change(tenant, now, now with { Revision = now.Revision + 1, State = now.State with { Status = ConversationStatus.Resolved }, WaitingSince = null });
    }

    public static Decision<ConversationSnapshot> Reopen(TenantId tenant, ConversationSnapshot? now, Caller caller, Session session)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (Steer(now, caller) is { } refusal)
        {
            return refusal;
        }

        return now!.State.Status == ConversationStatus.Open
            ? Change(tenant, now, now)
            : Change(tenant, now, Reopened(now, session with { KeepsAssignee = session.KeepsAssignee || now.State.AssigneeId == caller.PersonId }));
    }

    /// <summary>Gives the conversation to an agent, or with <paramref name="to"/> null to nobody. <paramref name="agent"/> is the one named, as the store knows it.</summary>
    public static Decision<ConversationSnapshot> Assign(
        TenantId tenant, ConversationSnapshot? now, Caller caller, Guid? to, AgentSnapshot? agent, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var takes = now is not null && IsWaiting(now) && caller.Role == Role.Agent && to == caller.PersonId;
        if (!takes && Steer(now, caller) is { } refusal)
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

        return agent.State.Suspended ? Answer.Refused(ErrorCode.Conflict, "The agent is suspended.") : Give(tenant, now, agent, at);
    }

    /// <summary>
    /// Routing gives the conversation to an available agent. <paramref name="holder"/> is the agent it is assigned to by now, if any: one who was suspended holds nothing.
    /// </summary>
    public static Decision<ConversationSnapshot> Route(TenantId tenant, ConversationSnapshot? now, AgentSnapshot? agent, AgentSnapshot? holder, DateTimeOffset at)
    {
        if (now is null)
        {
            return NotFound;
        }

        var waits = IsWaiting(now) || (now.State.Status == ConversationStatus.Open && holder is { State.Suspended: true });
        if (!waits)
        {
            return Answer.Refused(ErrorCode.Conflict, "The conversation does not wait any more.");
        }

        return agent is { State: { Suspended: false, Availability: Contracts.Agents.Availability.Online } }
            ? Give(tenant, now, agent, at)
            : Answer.Refused(ErrorCode.Conflict, "The agent is not available.");
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
        if (isCustomer ? lane != Lane.Public : !now.Agents.Contains(caller.PersonId))
        {
            return Answer.Refused(ErrorCode.Forbidden, isCustomer ? "A customer reads the public lane only." : "Only who takes part in the conversation can have read it.");
        }

        var read = lane == Lane.Public
            ? new MarkAdvance(MarkKind.Read, now.Id, caller.PersonId, seq, 0)
            : new MarkAdvance(MarkKind.Read, now.Id, caller.PersonId, 0, seq);
        return Change(tenant, now, now, change => change with
        {
            Marks = lane == Lane.Public ? [new(MarkKind.Receipt, now.Id, caller.PersonId, 0, seq), read] : [read],
            Answer = change.Answer with { Revision = null },
        });
    }

    static Answer NotFound => Decision.NotFound("conversation");

    static Answer Closed => Answer.Refused(ErrorCode.Closed, "The conversation is resolved; it must be reopened first.");

    /// <summary>Whether the caller may change where the conversation stands; null when it may.</summary>
    static Answer? Steer(ConversationSnapshot? now, Caller caller)
    {
        if (now is null || !IsVisible(now, caller))
        {
            return NotFound;
        }

        return caller.Role == Role.Customer ? Answer.Refused(ErrorCode.Forbidden, "Only an agent may do this.") : null;
    }

    /// <summary>A new session begins. It stays with its last agent if that one can take it; else that agent leaves, and it waits like a new one.</summary>
    static ConversationSnapshot Reopened(ConversationSnapshot now, Session session)
    {
        var opened = now with { State = now.State with { Status = ConversationStatus.Open, ContributionId = session.ContributionId } };
        return now.State.AssigneeId is not null && session.KeepsAssignee
            ? opened with { Revision = now.Revision + 1 }
            : Assigned(opened, null, session.At);
    }

    static Decision<ConversationSnapshot> Give(TenantId tenant, ConversationSnapshot now, AgentSnapshot agent, DateTimeOffset at) =>
        now.State.AssigneeId == agent.Id
            ? Change(tenant, now, now)
            : Change(tenant, now, Assigned(now, agent.Id, at), change => change with
            {
                // The agent must not be suspended while this is on its way.
                Fences = [new(new(ItemKind.Agent, agent.Id), agent.Revision)],
            });

    static ConversationSnapshot Assigned(ConversationSnapshot now, Guid? agent, DateTimeOffset at)
    {
        var agents = now.State.AssigneeId is { } before ? now.Agents.Remove(before) : now.Agents;
        return now with
        {
            Revision = now.Revision + 1,
            State = now.State with { AssigneeId = agent },
            WaitingSince = agent is null ? now.WaitingSince ?? at : null,
            Agents = agent is { } added && !agents.Contains(added) ? agents.Add(added) : agents,
        };
    }

    static Decision<ConversationSnapshot> Change(TenantId tenant, ConversationSnapshot? now, ConversationSnapshot next, Func<Proposal, Proposal>? more = null)
    {
        var change = ConversationChange.Between(tenant, now, next);
        return Decision.Accept(next, more is null ? change : more(change));
    }
}

/// <summary>A session of the conversation that begins, if one does.</summary>
/// <param name="At">Now.</param>
/// <param name="ContributionId">Its id (Contribution-ID).</param>
/// <param name="KeepsAssignee">The agent it was assigned to last is available.</param>
public readonly record struct Session(DateTimeOffset At, Guid ContributionId, bool KeepsAssignee);
