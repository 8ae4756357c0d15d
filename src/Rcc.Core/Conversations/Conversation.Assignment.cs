using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Routing;
using Rcc.Contracts.Sync;
using Rcc.Core.Routing;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>Who has a conversation, and what ends with it.</summary>
public static partial class Conversation
{
    /// <summary>Gives the conversation to an agent, or with <paramref name="to"/> null to nobody. <paramref name="agent"/> is the one named, as the store knows it, <paramref name="queue"/> what it waits in; null: it is as all are at first.</summary>
    public static Decision<ConversationSnapshot> Assign(
        TenantId tenant, ConversationSnapshot? now, Standing caller, Guid? to, ConversationAgent? agent, DateTimeOffset at, QueueState? queue = null)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var takes = now is not null && IsWaiting(now) && caller is { IsAgent: true, Manages: false } && to == caller.PersonId;
        if ((takes ? Forbid(caller, Controls.Assign) : Steer(now, caller, Controls.Assign)) is { } refusal)
        {
            return refusal;
        }

        if (!takes && !caller.Manages && now!.State.AssigneeId != caller.PersonId)
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

        if (caller is { Role: Role.MasterAgent, Manages: true } && to != caller.PersonId && agent.ManagedOn.IsDefault)
        {
            return Answer.Refused(ErrorCode.Forbidden, "A master agent gives to itself and agents it manages; to others it transfers.");
        }

        if (takes && queue is not null && now.Handling.Offer?.AgentId != agent.Id && RefuseTaking(agent, queue) is { } unfit)
        {
            return unfit;
        }

        return agent.IsSuspended ? Answer.Refused(ErrorCode.Conflict, "The agent is suspended.") : Give(tenant, now, agent, at);
    }

    /// <summary>Whether the queue lets the agent take by hand what waits in it.</summary>
    public static bool MayTake(Guid agent, Guid? group, IReadOnlyList<string> skills, QueueState queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        return queue.SelfAssign == SelfAssignment.Anyone || (queue.SelfAssign == SelfAssignment.Members && Picking.Serves(agent, group, skills, queue));
    }

    static Answer? RefuseTaking(ConversationAgent agent, QueueState queue) => queue.SelfAssign switch
    {
        _ when MayTake(agent.Id, agent.GroupId, agent.Skills, queue) => null,
        SelfAssignment.Members => Answer.Refused(ErrorCode.Forbidden, "Only agents who serve the queue, with all its skills, take what waits in it."),
        _ => Answer.Refused(ErrorCode.Forbidden, "No agent takes by hand what waits in this queue: it is given to whose turn it is."),
    };

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
            Fences = [.. change.Fences.Add(agent.Fence).Union(agent.ManagedOn.IsDefault ? [] : agent.ManagedOn)],
            Claims = isReserved ? [] : [agent.Claim],
        });
    }

    /// <summary>Another agent has it, or nobody. <paramref name="formers"/>: it is transferred, and so many who had it read on, whoever had it last included; null: it is not, and who reads on stays.</summary>
    static ConversationSnapshot Assigned(ConversationSnapshot now, Guid? agent, DateTimeOffset at, TransferOutcome transfer = TransferOutcome.Withdrawn, int? formers = null)
    {
        var isTaken = now.Handling.Transfer is { WaitsInQueue: true } waiting && agent is not null && agent != waiting.FromId;
        var handling = Ended(now, isTaken ? TransferOutcome.Completed : transfer);
        var others = handling.Agents.Where(one => one.AgentId != now.State.AssigneeId && one.AgentId != agent).ToList();
        if (formers is { } allowed)
        {
            var read = others.Where(one => one.Part == Part.Former).Concat(now.State.AssigneeId is { } source && source != agent ? [new(source, Part.Former)] : []).TakeLast(allowed).ToList();
            others = [.. others.Where(one => one.Part != Part.Former), .. read];
        }

        return now with
        {
            State = now.State with { AssigneeId = agent, OnHold = false },
            Handling = handling with { Agents = agent is { } added ? [.. others, new(added, Part.Server)] : [.. others], Silence = agent is null ? handling.Silence : Silences.Given(handling.Silence, at) },
            WaitingSince = agent is null ? now.WaitingSince ?? at : null,
        };
    }

    /// <summary>The handling after its agent has ceased to serve it: what was for that agent is over, and whoever monitored it is gone.</summary>
    static HandlingState Ended(ConversationSnapshot now, TransferOutcome transfer)
    {
        var handling = EndTransfer(now, transfer);
        return handling with { Agents = [.. handling.Agents.Where(one => one.Part != Part.Monitor)], Offer = null, Passed = [], PassedAt = null, OverflowedFromId = null, OfflineSince = null, Hold = null, Snooze = null };
    }
}
