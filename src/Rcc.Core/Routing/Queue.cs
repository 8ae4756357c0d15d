using System.Collections.Immutable;
using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Routing;
using Rcc.Contracts.Sync;
using Rcc.Core.Sync;

namespace Rcc.Core.Routing;

/// <summary>The rules of a queue. Pure. A master agent makes queues for agents of its own and changes those, never another's (RCC-36); an administrator or an application changes all.</summary>
public static class Queue
{
    /// <summary>Makes a queue. <paramref name="count"/> is how many there are.</summary>
    public static Decision<QueueSnapshot> Create(TenantId tenant, Guid id, QueueSnapshot? now, Caller caller, QueueState state, int count, RoutingOptions options)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(options);
        if (now is not null)
        {
            return Answer.Refused(ErrorCode.Taken, "Another queue has this id.");
        }

        if (count >= options.MaxQueues)
        {
            return Answer.Refused(ErrorCode.TooLarge, $"The account has {count} queues; MaxQueues is {options.MaxQueues}.");
        }

        if (RefuseEverybody(caller, state) is { } refusal)
        {
            return refusal;
        }

        return Change(tenant, null, new(id, 1, state with { MasterAgentId = caller.Role == Role.MasterAgent ? caller.PersonId : null }), "create");
    }

    /// <summary>Replaces the settings; whose it is stays.</summary>
    public static Decision<QueueSnapshot> Change(TenantId tenant, QueueSnapshot? now, Caller caller, QueueState state)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(state);
        if ((Refuse(now, caller) ?? RefuseEverybody(caller, state)) is { } refusal)
        {
            return refusal;
        }

        if (now!.Id == tenant.Value && (state.GroupIds.Count > 0 || state.AgentIds.Count > 0))
        {
            return Answer.Refused(ErrorCode.Malformed, "All agents serve the queue every account has: it names none.");
        }

        if (state.OverflowQueueId == now.Id)
        {
            return Answer.Refused(ErrorCode.Malformed, "A queue does not overflow into itself.");
        }

        return Change(tenant, now, new(now.Id, now.Revision + 1, state with { MasterAgentId = now.State.MasterAgentId }), "update");
    }

    /// <summary>Removes the queue for ever. <paramref name="wayIn"/> is what leads into it.</summary>
    public static Decision<QueueSnapshot> Remove(TenantId tenant, QueueSnapshot? now, Caller caller, string? wayIn)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (Refuse(now, caller) is { } refusal)
        {
            return refusal;
        }

        if (now!.Id == tenant.Value)
        {
            return Answer.Refused(ErrorCode.Conflict, "Every account has this queue: it cannot be removed.");
        }

        if (wayIn is not null)
        {
            return Answer.Refused(ErrorCode.Conflict, $"The queue is in use: {wayIn} leads into it.");
        }

        var key = new ItemKey(ItemKind.Queue, now.Id);
        return Decision.Accept(now, new()
        {
            Answer = Answer.Done with { Id = now.Id },
            Fences = [new(key, now.Revision)],
            Departures = [new(key, LeftReason.Deleted, [Audience.OfAgents(tenant)], Delete: true)],
            Rows = [new QueueRow { Id = now.Id }],
            Act = new("queue", now.Id, "remove") { Changes = ActChanges.Of(now.State, null, ContractJson.Default.QueueState).ToImmutable() },
        });
    }

    /// <summary>Null when the caller keeps the queue: who runs it, and for all of them administrators and applications.</summary>
    public static Answer? Refuse(QueueSnapshot? now, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (now is null)
        {
            return Decision.NotFound("queue");
        }

        return caller.Role == Role.MasterAgent && now.State.MasterAgentId != caller.PersonId
            ? Answer.Refused(ErrorCode.Forbidden, "The queue is the account's, or run by another master agent.")
            : null;
    }

    /// <summary>A queue that names nobody is served by all agents of the account, who are not all a master agent's.</summary>
    static Answer? RefuseEverybody(Caller caller, QueueState state) => caller.Role == Role.MasterAgent && state.GroupIds.Count == 0 && state.AgentIds.Count == 0
        ? Answer.Refused(ErrorCode.Forbidden, "A master agent's queue names groups or agents that serve it.")
        : null;

    static Decision<QueueSnapshot> Change(TenantId tenant, QueueSnapshot? before, QueueSnapshot next, string action)
    {
        var home = Audience.OfAgents(tenant);
        var state = JsonSerializer.SerializeToUtf8Bytes(next.State, ContractJson.Default.QueueState);
        return Decision.Accept(next, new()
        {
            Answer = Answer.Done with { Id = next.Id, Revision = next.Revision },
            Items = [new(new(ItemKind.Queue, next.Id), next.Revision, ImmutableArray.Create(state), home, [home])],

            // A group may be removed meanwhile: then this is decided again.
            Fences = [.. next.State.GroupIds.Select(group => ItemFence.Exists(new(ItemKind.Group, group)))],
            Rows =
            [
                new QueueRow
                {
                    Id = next.Id,
                    Name = next.State.Name,
                    IsTimed = next.State is not { Hours: null, MaxWaitSeconds: null, OfflineMessageWhenUnattended: false },
                    OverflowQueueId = next.State.OverflowQueueId,
                    GroupIds = [.. next.State.GroupIds],
                },
            ],
            Act = new("queue", next.Id, action) { Changes = ActChanges.Of(before?.State, next.State, ContractJson.Default.QueueState).ToImmutable() },
        });
    }
}
