using System.Collections.Immutable;
using Rcc.Contracts;
using Rcc.Contracts.Sync;
using Rcc.Core.Routing;
using Rcc.Core.Sync;

namespace Rcc.Core.Agents;

/// <summary>Looks up what <see cref="Reach"/> decides on. Only a master agent, and who wants to supervise, costs a read.</summary>
public sealed class Reaches(IAgentStore agents, IQueueStore queues)
{
    const int AtOnce = 200;

    /// <summary>What a conversation is to the caller: of the agent who has it, or where no agent has it of its queue. <paramref name="toSupervise"/>: also to who only supervises.</summary>
    public async ValueTask<Reach> FindAsync(Caller caller, Guid? assignee, Guid queue, bool toSupervise, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Role != Role.MasterAgent && !(toSupervise && caller.Role == Role.Agent))
        {
            return Reach.Of(caller);
        }

        if (assignee is { } holder)
        {
            return holder != caller.PersonId && await agents.LoadAsync(caller.Tenant, holder, cancellationToken) is { } agent
                ? Reach.Over(caller, agent, await FindGroupAsync(caller, agent.State.GroupId, cancellationToken))
                : Reach.None;
        }

        if (caller.Role != Role.MasterAgent)
        {
            return Reach.None;
        }

        var found = await queues.LoadAsync(caller.Tenant, queue, cancellationToken);
        List<GroupSnapshot> serving = [];
        foreach (var named in found?.State.GroupIds ?? [])
        {
            serving.AddRange(await FindGroupAsync(caller, named, cancellationToken) is { } group ? [group] : []);
        }

        return Reach.In(caller, queue, found, serving);
    }

    /// <summary>What a master agent manages the agent by; default where it does not, or the caller is none.</summary>
    public async ValueTask<ImmutableArray<ItemFence>> FindManagedAsync(Caller caller, Guid agent, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Role != Role.MasterAgent || await agents.LoadAsync(caller.Tenant, agent, cancellationToken) is not { } found)
        {
            return default;
        }

        var group = await FindGroupAsync(caller, found.State.GroupId, cancellationToken);
        return Agent.IsManagedBy(found, group, caller) ? Agent.GroundsOf(found, group) : default;
    }

    /// <summary>The queues of which <see cref="Reach.In"/> says that what is in them is nothing to the master agent.</summary>
    public async Task<IReadOnlyList<Guid>> ListForeignQueuesAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        List<Guid> foreign = [];
        var run = await agents.ListRunAsync(caller.Tenant, caller.PersonId, int.MaxValue, cancellationToken);
        Guid? after = null;
        while (await queues.ListAsync(caller.Tenant, after, AtOnce, cancellationToken) is { Count: > 0 } page)
        {
            after = page[^1].Id;
            foreign.AddRange(page.Where(queue => !Reach.IsServedBy(queue.State, caller.PersonId, run)).Select(queue => queue.Id));
        }

        return foreign;
    }

    /// <summary>As the other, of a conversation as its items tell; null when there is none.</summary>
    public async ValueTask<Reach?> FindAsync(Caller caller, Guid conversation, ISyncStore items, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(items);
        if (caller.Role != Role.MasterAgent)
        {
            return Reach.Of(caller);
        }

        return await items.FindItemAsync(caller.Tenant, new(ItemKind.Conversation, conversation), cancellationToken) is { } state
            && await items.FindItemAsync(caller.Tenant, ItemKey.OfHandling(conversation), cancellationToken) is { } handling
                ? await FindAsync(
                    caller,
                    state.Read(ContractJson.Default.ConversationState).AssigneeId,
                    handling.Read(ContractJson.Default.HandlingState).QueueId,
                    toSupervise: false,
                    cancellationToken)
                : null;
    }

    async ValueTask<GroupSnapshot?> FindGroupAsync(Caller caller, Guid? group, CancellationToken cancellationToken) =>
        group is { } named ? await agents.LoadGroupAsync(caller.Tenant, named, cancellationToken) : null;
}
