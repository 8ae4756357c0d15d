using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Routing;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>
/// Transfers. Until somebody has accepted, and with an attended one until it is completed, the conversation stays with the agent who has it: whatever goes wrong, nothing has to be put back (RCC-15).
/// Only in a queue it waits for whoever takes it, and is given back when nobody does. A place of the agent it is offered to, and then of the one consulted, is reserved: completing cannot fail for want of capacity.
/// </summary>
public static partial class Conversation
{
    /// <summary>Begins a transfer to an agent, a group or a queue. <paramref name="targets"/> is who may get it; null when there is no such agent, group or queue. <paramref name="formers"/>: how many who had it may read on.</summary>
    public static Decision<ConversationSnapshot> Transfer(TenantId tenant, ConversationSnapshot? now, Standing caller, TransferTo to, Targets? targets, ConversationOptions options, int formers = 0)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(options);
        if (RefuseTransfer(now, caller) is { } refusal)
        {
            return refusal;
        }

        if (targets is null)
        {
            return Decision.NotFound(to.What);
        }

        if (now!.State.AssigneeId is not { } from)
        {
            return Answer.Refused(ErrorCode.Conflict, "The conversation waits for an agent: it is assigned, not transferred.");
        }

        if (now.Handling.Transfer is { IsUnderWay: true })
        {
            return Answer.Refused(ErrorCode.Conflict, "A transfer is under way.");
        }

        if (to.AgentId == from)
        {
            return Answer.Refused(ErrorCode.Conflict, "The agent has the conversation.");
        }

        if (to.Kind == TransferKind.Attended && RefuseAnother(now, null, options) is { } full)
        {
            return full;
        }

        var transfer = new Transfer
        {
            Kind = to.Kind,
            FromId = from,
            ById = caller.PersonId,
            AgentId = to.AgentId,
            GroupId = to.GroupId,
            QueueId = to.QueueId,
            FromQueueId = now.Handling.QueueId,
            At = targets.At,
            Until = targets.GiveUpAt,
        };
        if (to is { Kind: TransferKind.Blind, QueueId: { } queue })
        {
            var waits = Assigned(now, null, targets.At, formers: formers);
            var silence = Silences.Moved(now.Handling.Silence, queue, targets.Queue, targets.At);
            return targets.IsClosed
                ? Answer.Refused(ErrorCode.Conflict, "The queue is closed.")
                : Change(tenant, now, waits with { Handling = waits.Handling with { QueueId = queue, Transfer = transfer, Targets = waits.Handling.Targets ?? targets.Service, Silence = silence } });
        }

        return OfferNext(tenant, now, transfer, targets, null)
            ?? Answer.Refused(ErrorCode.Conflict, to.AgentId is null ? $"No agent of the {to.What} is available." : "The agent is not available, or takes part already.");
    }

    /// <summary>Gives the conversation to the agent who was consulted. <paramref name="consultant"/> is that agent as the store knows it.</summary>
    public static Decision<ConversationSnapshot> CompleteTransfer(TenantId tenant, ConversationSnapshot? now, Standing caller, ConversationAgent? consultant, DateTimeOffset at, int formers = 0)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (RefuseTransfer(now, caller) is { } refusal)
        {
            return refusal;
        }

        if (now!.Handling.Transfer is not { IsUnderWay: true, ConsultantId: { } consulted } || consultant?.Id != consulted)
        {
            return Answer.Refused(ErrorCode.Conflict, "Nobody is being consulted.");
        }

        return consultant.IsSuspended
            ? Answer.Refused(ErrorCode.Conflict, "The agent is suspended.")
            : Change(tenant, now, Assigned(now, consulted, at, TransferOutcome.Completed, formers), change => change with { Fences = change.Fences.Add(consultant.Fence) });
    }

    /// <summary>
    /// Calls a transfer off: by whoever may transfer, by the agent who is consulted, who declines then, or by the agent who has transferred to a queue. <paramref name="source"/> is that agent as the store knows it.
    /// </summary>
    public static Decision<ConversationSnapshot> CancelTransfer(TenantId tenant, ConversationSnapshot? now, Standing caller, ConversationAgent? source, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var isConsulted = now?.Handling.Transfer is { IsUnderWay: true } transfer && transfer.ConsultantId == caller.PersonId;
        var waiting = now?.Handling.Transfer is { WaitsInQueue: true } queued ? queued : null;
        var refusal = waiting is not null && waiting.FromId == caller.PersonId ? Forbid(caller, Controls.Transfer) : isConsulted ? null : RefuseTransfer(now, caller);
        if (refusal is not null)
        {
            return refusal;
        }

        if (waiting is not null)
        {
            return GiveBack(tenant, now!, waiting, source, at, TransferOutcome.Cancelled);
        }

        return now!.Handling.Transfer is { IsUnderWay: true }
            ? Change(tenant, now, now with { Handling = EndTransfer(now, isConsulted ? TransferOutcome.Declined : TransferOutcome.Cancelled) })
            : Answer.Refused(ErrorCode.Conflict, "No transfer is under way.");
    }

    /// <summary>Null when the caller may transfer: who has the conversation, or who manages it.</summary>
    static Answer? RefuseTransfer(ConversationSnapshot? now, Standing caller) =>
        SteerOpen(now, caller, Controls.Transfer)
        ?? (!caller.Manages && now!.State.AssigneeId != caller.PersonId ? Answer.Refused(ErrorCode.Forbidden, "An agent transfers only what is assigned to it.") : null);

    /// <summary>Offers a transfer to the first who can take it; null when nobody can.</summary>
    static Decision<ConversationSnapshot>? OfferNext(TenantId tenant, ConversationSnapshot now, Transfer transfer, Targets targets, OfferEnding? ending)
    {
        foreach (var (agent, lastRevision) in targets.Agents)
        {
            var canTake = agent is { IsSuspended: false, Availability: Availability.Online or Availability.TransferOnly }
                && agent.Id != transfer.FromId && !transfer.Passed.Contains(agent.Id)
                && (transfer.Kind == TransferKind.Blind || !now.WorksOn(agent.Id));
            if (canTake)
            {
                var offer = new Offering(agent.Id, lastRevision + 1, targets.At, targets.Until < transfer.Until ? targets.Until : transfer.Until, transfer.FromId);
                return Change(
                    tenant,
                    now,
                    now with { Handling = now.Handling with { Transfer = transfer, Offer = offer } },
                    change => change with { Fences = change.Fences.Add(agent.Fence), Claims = [agent.Claim] },
                    ending);
            }
        }

        return null;
    }

    /// <summary>Who was offered it has not taken it. From a queue: it waits again. Of a transfer: the next is asked, and after the last it has failed.</summary>
    static Decision<ConversationSnapshot> Pass(TenantId tenant, ConversationSnapshot now, OfferEnding ending, Targets? others, DateTimeOffset at)
    {
        if (now.Handling.Offer is { FromId: null })
        {
            return Change(tenant, now, Passed(now, at), ending: ending);
        }

        var transfer = now.Handling.Transfer! with { Passed = [.. now.Handling.Transfer.Passed, now.Handling.Offer!.AgentId] };
        return (others is not null && transfer.AgentId is null && at < transfer.Until ? OfferNext(tenant, now, transfer, others, ending) : null)
            ?? Change(tenant, now, Failed(now, transfer, ending.Outcome == OfferOutcome.Declined ? TransferOutcome.Declined : TransferOutcome.NoAnswer), ending: ending);
    }

    static ConversationSnapshot Failed(ConversationSnapshot now, Transfer transfer, TransferOutcome outcome) =>
        now with { Handling = now.Handling with { Offer = null, Transfer = transfer with { Outcome = outcome } } };

    /// <summary>Who is offered a transfer accepts: a blind one is complete, with an attended one the agent reads along unseen, or if it takes part by now, as it does.</summary>
    static ConversationSnapshot Accepted(ConversationSnapshot now, Guid agent, DateTimeOffset at, int formers) => now.Handling.Transfer!.Kind == TransferKind.Blind
        ? Assigned(now, agent, at, TransferOutcome.Completed, formers)
        : now with
        {
            Handling = now.Handling with
            {
                Agents = now.WorksOn(agent)
                    ? now.Handling.Agents
                    : [.. now.Handling.Agents.Where(one => one.AgentId != agent), new(agent, Part.Consultant) { ReadsOn = now.TakesPart(agent) }],
                Offer = null,
                Transfer = now.Handling.Transfer with { ConsultantId = agent },
            },
        };

    /// <summary>The handling after a transfer that is under way has ended: nobody is consulted or offered it any more.</summary>
    static HandlingState EndTransfer(ConversationSnapshot now, TransferOutcome outcome) => now.Handling.Transfer is { IsUnderWay: true } transfer
        ? now.Handling with
        {
            Agents = [.. now.Handling.Agents.Where(one => one.Part != Part.Consultant || one.ReadsOn).Select(one => one.Part == Part.Consultant ? new(one.AgentId, Part.Former) : one)],
            Offer = null,
            Transfer = transfer with { Outcome = outcome },
        }
        : now.Handling;
}

/// <summary>Where a conversation is to be transferred to: one of the three.</summary>
public sealed record TransferTo(TransferKind Kind, Guid? AgentId, Guid? GroupId, Guid? QueueId)
{
    internal string What => AgentId is not null ? "agent" : GroupId is not null ? "group" : "queue";
}

/// <summary>Who may get a transfer, whom to ask first at the front, the least busy.</summary>
/// <param name="At">Now.</param>
/// <param name="Until">When whoever is asked must have answered.</param>
/// <param name="Agents">The agents.</param>
public sealed record Targets(DateTimeOffset At, DateTimeOffset Until, IReadOnlyList<TransferTarget> Agents)
{
    /// <summary>When a transfer that begins now has failed, unless somebody has accepted it.</summary>
    public DateTimeOffset GiveUpAt { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>What the queue asks for where nothing was asked before.</summary>
    public ServiceTargets? Service { get; init; }

    /// <summary>The queue it would wait in is not served now.</summary>
    public bool IsClosed { get; init; }

    /// <summary>That queue; null when it goes to an agent or a group.</summary>
    public QueueState? Queue { get; init; }

    /// <summary>Without agents who turned out to have no capacity left.</summary>
    internal Targets Without(IReadOnlySet<Guid> full) => full.Count == 0 ? this : this with { Agents = [.. Agents.Where(target => !full.Contains(target.Agent.Id))] };
}

/// <summary>Who may get what nobody has taken.</summary>
/// <param name="Others">Who may be offered a transfer instead.</param>
/// <param name="Source">The agent who gets a transfer back that waits in a queue in vain.</param>
public readonly record struct Takers(Targets? Others, ConversationAgent? Source);

/// <summary>An agent who may get a transfer.</summary>
/// <param name="Agent">The agent.</param>
/// <param name="LastOffer">The revision of the last offer of the conversation to it; 0 for none.</param>
public sealed record TransferTarget(ConversationAgent Agent, int LastOffer);
