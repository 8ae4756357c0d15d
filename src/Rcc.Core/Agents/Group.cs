using System.Collections.Immutable;
using Rcc.Contracts;
using Rcc.Contracts.Sync;
using Rcc.Core.Sync;

namespace Rcc.Core.Agents;

/// <summary>The rules of a group of sub-agents. Pure. The master agent who makes a group runs it; administrators and applications may do with every group what its master does, and hand it over.</summary>
public static class Group
{
    /// <summary>Whether the caller may supervise conversations of the group's agents.</summary>
    public static bool IsSupervisedBy(GroupSnapshot group, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(caller);
        return caller.Role == Role.Administrator
            || (caller.IsAgent && caller.May(Contracts.Agents.Controls.Supervise)
                && (group.State.MasterAgentId == caller.PersonId || group.State.SupervisorIds.Contains(caller.PersonId)));
    }

    /// <summary>Makes a group. <paramref name="master"/> is who is to run it when the caller names somebody else.</summary>
    public static Decision<GroupSnapshot> Create(TenantId tenant, Guid id, GroupSnapshot? now, Caller caller, NewGroup group, AgentSnapshot? master)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(group);
        if (now is not null)
        {
            return Answer.Refused(ErrorCode.Taken, "Another group has this id.");
        }

        if (group.MasterAgentId is { } named && named != caller.PersonId)
        {
            return (RefuseHandOver(caller) ?? RefuseMaster(master)) is { } refusal
                ? refusal
                : Change(tenant, null, new(id, 1, new() { Name = group.Name, MasterAgentId = named }), [FenceOf(master!)], ActOf(named));
        }

        return caller.IsManager
            ? Change(tenant, null, new(id, 1, new() { Name = group.Name, MasterAgentId = caller.PersonId }), [], ActOf(caller.PersonId))
            : caller.Role == Role.Application
                ? Answer.Refused(ErrorCode.Malformed, "masterAgentId is missing: an application runs no group.")
                : Answer.Refused(ErrorCode.Forbidden, "Only a master agent or an administrator makes groups.");

        Act ActOf(Guid runs) => new("team", id, "create") { Changes = ActChanges.Of("name", null, group.Name).And("master_agent_id", null, runs).ToImmutable() };
    }

    /// <summary>
    /// Changes name, supervisors or who runs it. <paramref name="master"/> is who is named to run it, <paramref name="supervisors"/> are those of the named ones there are, each with the group it works in.
    /// A master agent makes supervisors of itself and its own agents only.
    /// </summary>
    public static Decision<GroupSnapshot> Edit(
        TenantId tenant,
        GroupSnapshot? now,
        Caller caller,
        GroupChange edit,
        AgentSnapshot? master,
        IReadOnlyList<(AgentSnapshot Agent, GroupSnapshot? Group)> supervisors)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(edit);
        ArgumentNullException.ThrowIfNull(supervisors);
        if (Refuse(now, caller) is { } notKept)
        {
            return notKept;
        }

        List<ItemFence> fences = [];
        if (edit.MasterAgentId is { } named && named != now!.State.MasterAgentId)
        {
            if ((RefuseHandOver(caller) ?? RefuseMaster(master)) is { } refusal)
            {
                return refusal;
            }

            fences.Add(FenceOf(master!));
        }

        if (edit.SupervisorIds is { } ids)
        {
            if (ids.Any(id => supervisors.All(one => one.Agent.Id != id || one.Agent.State.Removed)))
            {
                return Decision.NotFound("agent");
            }

            if (caller.Role == Role.MasterAgent && supervisors.Any(one => one.Agent.Id != caller.PersonId && !Agent.IsManagedBy(one.Agent, one.Group, caller)))
            {
                return Answer.Refused(ErrorCode.Forbidden, "A master agent makes supervisors of its own agents only.");
            }

            fences.AddRange(supervisors.Select(one => FenceOf(one.Agent)));
        }

        var next = now! with
        {
            Revision = now.Revision + 1,
            State = new()
            {
                Name = edit.Name ?? now.State.Name,
                MasterAgentId = edit.MasterAgentId ?? now.State.MasterAgentId,
                SupervisorIds = edit.SupervisorIds ?? now.State.SupervisorIds,
            },
        };
        return Change(
            tenant,
            now,
            next,
            [.. fences.Distinct()],
            new("team", now.Id, "update") { Changes = ActChanges.Of(now.State, next.State, ContractJson.Default.GroupState).ToImmutable() });
    }

    /// <summary>More members than these are not counted, only told to be more.</summary>
    public const int MaxCounted = 1_000;

    /// <summary>
    /// Removes the group for ever; <paramref name="members"/> are those who work in it, <paramref name="queue"/> is one that names it. The store judges both once more when it is committed, so that nobody is left in a
    /// group that is gone; who joins or names it rests on its being there, see <see cref="There"/>.
    /// </summary>
    public static Decision<GroupSnapshot> Remove(TenantId tenant, GroupSnapshot? now, Caller caller, IReadOnlyCollection<Guid> members, string? queue)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(members);
        if (Refuse(now, caller) is { } refusal)
        {
            return refusal;
        }

        if (members.Count > 0)
        {
            return InUse($"{members.Count}{(members.Count == MaxCounted ? " or more" : "")} agents work in it");
        }

        if (queue is not null)
        {
            return InUse($"the queue {queue} names it");
        }

        var (key, agents) = (Key(now!.Id), Audience.OfAgents(tenant));
        return Decision.Accept(now, new()
        {
            Answer = Answer.Done with { Id = now.Id },
            Act = new("team", now.Id, "remove") { Changes = ActChanges.Of(now.State, null, ContractJson.Default.GroupState).ToImmutable() },
            Audiences = [new(now.State.MasterAgentId, Audience.OfGroup(now.Id), MembershipState.Left)],
            Fences = [new(key, now.Revision)],
            Departures = [new(key, LeftReason.Deleted, [agents], Delete: true)],
            Rows = [new GroupRow { Id = now.Id, Name = now.State.Name, MasterAgentId = now.State.MasterAgentId, IsRemoved = true }],
        });
    }

    /// <summary>Null when the caller keeps the group: who runs it, and for all of them administrators and applications.</summary>
    public static Answer? Refuse(GroupSnapshot? now, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return now is null ? Decision.NotFound("group")
            : caller.Role is not (Role.Application or Role.Administrator) && now.State.MasterAgentId != caller.PersonId ? Answer.Refused(ErrorCode.Forbidden, "The group is run by another master agent.")
            : null;
    }

    static Answer InUse(string why) => Answer.Refused(ErrorCode.Conflict, $"The group is in use: {why}. Say which group is to take its place.");

    /// <summary>What names the group holds only while there is one. Many may join it in the same instant.</summary>
    public static ItemFence There(Guid group) => ItemFence.Exists(Key(group));

    static ItemKey Key(Guid group) => new(ItemKind.Group, group);

    static Answer? RefuseHandOver(Caller caller) => caller.Role is Role.Administrator or Role.Application
        ? null
        : Answer.Refused(ErrorCode.Forbidden, "Only an administrator decides which master agent runs a group.");

    static Answer? RefuseMaster(AgentSnapshot? master) =>
        master is null or { State.Removed: true } ? Decision.NotFound("agent")
        : master.State.Role is Role.MasterAgent or Role.Administrator ? null
        : Answer.Refused(ErrorCode.Malformed, "A group is run by a master agent or an administrator.");

    static ItemFence FenceOf(AgentSnapshot agent) => new(new(ItemKind.Agent, agent.Id), agent.Revision);

    static Decision<GroupSnapshot> Change(TenantId tenant, GroupSnapshot? before, GroupSnapshot next, ImmutableArray<ItemFence> fences, Act act)
    {
        var audience = Audience.OfGroup(next.Id);
        ImmutableArray<AudienceChange> audiences = before?.State.MasterAgentId == next.State.MasterAgentId
            ? []
            : [.. before is null ? [] : new[] { new AudienceChange(before.State.MasterAgentId, audience, MembershipState.Left) }, new(next.State.MasterAgentId, audience, MembershipState.Reads)];
        return Decision.Accept(next, new()
        {
            Answer = Answer.Done with { Id = next.Id, Revision = next.Revision },
            Act = act,
            Audiences = audiences,
            Fences = fences,
            Items = [ItemChange.Of(Key(next.Id), next.Revision, next.State, ContractJson.Default.GroupState, Audience.OfAgents(tenant))],
            Rows = [new GroupRow { Id = next.Id, Name = next.State.Name, MasterAgentId = next.State.MasterAgentId, SupervisorIds = [.. next.State.SupervisorIds] }],
        });
    }
}
