using System.Collections.Immutable;
using Rcc.Core.Routing;
using Rcc.Core.Sync;

namespace Rcc.Core.Agents;

/// <summary>The single writer of one group. Rules are in <see cref="Group"/>.</summary>
[GrainType("group")]
internal sealed class GroupGrain(IAgentStore store, IQueueStore queues) : DecidingGrain<GroupSnapshot>, IGroupGrain
{
    public Task<Answer> CreateAsync(Caller caller, CommandKey? command, NewGroup group, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, async now => Group.Create(Tenant, Id, now, caller, group, await FindAsync(group.MasterAgentId, cancellationToken)), cancellationToken);

    public Task<Answer> ChangeAsync(Caller caller, CommandKey? command, GroupChange change, CancellationToken cancellationToken) =>
        CarryOutAsync(
            caller,
            command,
            async now => Group.Edit(
                Tenant, now, caller, change, await FindAsync(change.MasterAgentId, cancellationToken), await FindSupervisorsAsync(change.SupervisorIds ?? [], cancellationToken)),
            cancellationToken);

    public async Task<Answer> RemoveAsync(Caller caller, CommandKey? command, CancellationToken cancellationToken)
    {
        var answer = await CarryOutAsync(
            caller,
            command,
            async now => Group.Remove(
                Tenant, now, caller, await store.ListMembersAsync(Tenant, Id, Group.MaxCounted, cancellationToken), await queues.FindNamingAsync(Tenant, Id, cancellationToken)),
            cancellationToken);

        // There is no state after it: whoever asks next finds nothing in the store.
        if (answer.IsOk)
        {
            DeactivateOnIdle();
        }

        return answer;
    }

    protected override Task<GroupSnapshot?> LoadAsync(CancellationToken cancellationToken) => store.LoadGroupAsync(Tenant, Id, cancellationToken);

    async Task<AgentSnapshot?> FindAsync(Guid? agent, CancellationToken cancellationToken) =>
        agent is { } named ? await store.LoadAsync(Tenant, named, cancellationToken) : null;

    async Task<IReadOnlyList<(AgentSnapshot Agent, GroupSnapshot? Group)>> FindSupervisorsAsync(ImmutableArray<Guid> ids, CancellationToken cancellationToken)
    {
        List<(AgentSnapshot, GroupSnapshot?)> found = [];
        foreach (var supervisor in ids)
        {
            if (await FindAsync(supervisor, cancellationToken) is { } agent)
            {
                found.Add((agent, agent.State.GroupId is { } group ? await store.LoadGroupAsync(Tenant, group, cancellationToken) : null));
            }
        }

        return found;
    }
}
