using System.Collections.Immutable;
using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Sync;
using Rcc.Core.Sync;

namespace Rcc.Core.Agents;

/// <summary>The rules of a group of sub-agents. Pure. The master agent who makes a group runs it.</summary>
public static class Group
{
    public static Decision<GroupSnapshot> Create(TenantId tenant, Guid id, GroupSnapshot? now, Caller caller, string name)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (now is not null)
        {
            return Answer.Refused(ErrorCode.Taken, "Another group has this id.");
        }

        if (caller.Role != Role.MasterAgent)
        {
            return Answer.Refused(ErrorCode.Forbidden, "Only a master agent makes groups.");
        }

        return Change(tenant, new(id, 1, new() { Name = name, MasterAgentId = caller.PersonId }), [new(caller.PersonId, Audience.OfGroup(id), MembershipState.Reads)], new("team", id, "create", Act.Of(("name", name))));
    }

    public static Decision<GroupSnapshot> Rename(TenantId tenant, GroupSnapshot? now, Caller caller, string name)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (now is null)
        {
            return Decision.NotFound("group");
        }

        return caller.Role != Role.Application && now.State.MasterAgentId != caller.PersonId
            ? Answer.Refused(ErrorCode.Forbidden, "The group is run by another master agent.")
            : Change(tenant, now with { Revision = now.Revision + 1, State = now.State with { Name = name } }, [], new("team", now.Id, "update", Act.Of(("name", name))));
    }

    static Decision<GroupSnapshot> Change(TenantId tenant, GroupSnapshot next, ImmutableArray<AudienceChange> audiences, Act act)
    {
        var home = Audience.OfAgents(tenant);
        return Decision.Accept(next, new()
        {
            Answer = Answer.Done with { Id = next.Id, Revision = next.Revision },
            Act = act,
            Audiences = audiences,
            Items = [new(new(ItemKind.Group, next.Id), next.Revision, ImmutableArray.Create(JsonSerializer.SerializeToUtf8Bytes(next.State, ContractJson.Default.GroupState)), home, [home])],
            Rows = [new GroupRow { Id = next.Id, Name = next.State.Name, MasterAgentId = next.State.MasterAgentId }],
        });
    }
}
