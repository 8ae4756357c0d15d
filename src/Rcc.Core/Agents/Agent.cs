using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Sync;
using Rcc.Core.Sync;

namespace Rcc.Core.Agents;

/// <summary>
/// The rules of one agent. Pure. A master agent manages the sub-agents of the groups it runs, and those it made that are in no group; never others (RCC-36). An administrator manages all agents of the tenant,
/// an application all but administrators, who decide what applications may.
/// </summary>
public static partial class Agent
{
    /// <summary>Whether the caller manages the agent. <paramref name="group"/> is the group the agent is in.</summary>
    public static bool IsManagedBy(AgentSnapshot agent, GroupSnapshot? group, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(agent);
        ArgumentNullException.ThrowIfNull(caller);
        return caller.Role switch
        {
            Role.Administrator => true,
            Role.Application => agent.State.Role != Role.Administrator,
            Role.MasterAgent => agent.State.Role == Role.Agent
                && (agent.State.GroupId is null ? agent.CreatedBy == caller.PersonId : group?.State.MasterAgentId == caller.PersonId),
            _ => false,
        };
    }

    /// <summary>What <see cref="IsManagedBy"/> was decided on: the group the agent is in, and who runs it.</summary>
    internal static ImmutableArray<ItemFence> GroundsOf(AgentSnapshot agent, GroupSnapshot? group)
    {
        var self = new ItemFence(new(ItemKind.Agent, agent.Id), agent.Revision);
        return group is null ? [self] : [self, group.Fence];
    }

    /// <summary>A decision that a master agent may make by the groups it runs holds only while it runs them.</summary>
    internal static Decision<AgentSnapshot> Resting(Decision<AgentSnapshot> decision, Caller? caller, params IEnumerable<GroupSnapshot?> groups) =>
        caller is { Role: Role.MasterAgent } && decision is { Next: { } next, Change: { } change }
            ? Decision.Accept(next, change with { Fences = [.. change.Fences.Union(groups.OfType<GroupSnapshot>().Select(group => group.Fence))] })
            : decision;

    /// <summary>Makes an agent; <paramref name="caller"/> null is the platform operator. <paramref name="group"/> is the one named.</summary>
    public static Decision<AgentSnapshot> Create(TenantId tenant, Guid id, AgentSnapshot? now, Caller? caller, NewAgent agent, GroupSnapshot? group)
    {
        ArgumentNullException.ThrowIfNull(agent);
        if (now is not null)
        {
            return Answer.Refused(ErrorCode.Taken, "Another agent has this id.");
        }

        if (caller is not (null or { Role: Role.Application or Role.MasterAgent or Role.Administrator }))
        {
            return Answer.Refused(ErrorCode.Forbidden, "Only a master agent or an administrator makes agents.");
        }

        if (agent.Role is not (Role.Agent or Role.MasterAgent or Role.Administrator))
        {
            return Answer.Refused(ErrorCode.Malformed, "role must be agent, masterAgent or administrator.");
        }

        if (agent.Role == Role.MasterAgent && caller is { Role: Role.MasterAgent })
        {
            return Answer.Refused(ErrorCode.Forbidden, "A master agent makes sub-agents only.");
        }

        if (agent.Role == Role.Administrator && caller is { Role: not Role.Administrator })
        {
            return Answer.Refused(ErrorCode.Forbidden, "Only administrators and the platform operator make administrators.");
        }

        if (IsOutsideKey(caller, agent.Role) && agent.Invitation is null)
        {
            return Answer.Refused(ErrorCode.Forbidden, "A key sets no password of a master agent; it may invite one.");
        }

        if (agent.GroupId is not null && RefuseGroup(group, agent.Role, caller) is { } refusal)
        {
            return refusal;
        }

        var next = new AgentSnapshot(
            id,
            Revision: 1,
            new() { Name = agent.Name, Role = agent.Role, Availability = Availability.Offline, GroupId = agent.GroupId, Invited = agent.Invitation is not null },
            agent.Email,
            agent.PasswordHash,
            caller?.PersonId,
            OpenConversationRevision: 0,
            SignIns: 0,
            Devices: []) { Invitation = agent.Invitation };
        var change = Change(tenant, null, next);
        return Decision.Accept(next, change with
        {
            Audiences = [new(id, Audience.OfAgents(tenant), MembershipState.Reads), new(id, Audience.OfPerson(id), MembershipState.Reads), .. change.Audiences],
            Fences = [.. change.Fences, .. agent.GroupId is { } joined ? [Group.There(joined)] : Array.Empty<ItemFence>()],
            Act = new("agent", id, agent.Invitation is null ? "create" : "invite") { OperatorId = agent.OperatorId, Changes = ChangesOf(null, next) },
        });
    }

    /// <summary>
    /// Changes name, group, skills, capacity, controls or password. An agent changes its own name and, with a <paramref name="proof"/>, its own password; the rest is its manager's.
    /// <paramref name="group"/> is the agent's, <paramref name="target"/> the one named; <paramref name="code"/> is what the proof's code was found to be.
    /// </summary>
    public static Decision<AgentSnapshot> Edit(
        TenantId tenant, AgentSnapshot? now, Caller caller, AgentChange edit, GroupSnapshot? group, GroupSnapshot? target, DateTimeOffset at, SignInProof? proof = null, CodeCheck code = default)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(edit);
        if (IsGone(now))
        {
            return NotFound;
        }

        var isSelf = caller.PersonId == now.Id;
        if (!isSelf && !IsManagedBy(now, group, caller))
        {
            return NotManaged;
        }

        if (edit.PasswordHash is not null && IsOutsideKey(caller, now.State.Role))
        {
            return Answer.Refused(ErrorCode.Forbidden, "A key sets no password of a master agent.");
        }

        if (edit.GroupId is not null && RefuseGroup(target, now.State.Role, caller) is { } refusal)
        {
            return refusal;
        }

        if (isSelf && (edit.LeaveGroup || edit.GroupId is not null || edit.Skills is not null || edit.Capacity is not null || edit.UseDefaultCapacity || edit.Controls is not null
                || edit.SecondFactorRequired is not null)
            && !IsManagedBy(now, group, caller))
        {
            return Answer.Refused(ErrorCode.Forbidden, "Who manages the agent decides on its group, skills, capacity, controls and second factor.");
        }

        if (isSelf && edit.PasswordHash is not null && RefuseProof(now, proof, code) is { } unproved)
        {
            return unproved;
        }

        if (edit.Controls is not null && now.State.Role == Role.Administrator)
        {
            return Answer.Refused(ErrorCode.Malformed, "An administrator has all controls.");
        }

        var signedOut = edit.PasswordHash is null ? [] : now.Devices.Where(device => !isSelf || device.Id != caller.DeviceId).ToList();
        var next = now with
        {
            Revision = now.Revision + 1,
            State = now.State with
            {
                Name = edit.Name ?? now.State.Name,
                GroupId = edit.LeaveGroup ? null : edit.GroupId ?? now.State.GroupId,
                Skills = edit.Skills ?? now.State.Skills,
                Capacity = edit.UseDefaultCapacity ? null : edit.Capacity ?? now.State.Capacity,
                Controls = edit.Controls is { } controls ? Chosen(controls, now.State.Controls) : now.State.Controls,
                SecondFactorRequired = edit.SecondFactorRequired ?? now.State.SecondFactorRequired,
            },
            PasswordHash = edit.PasswordHash ?? now.PasswordHash,
            SignIns = code.Left is null ? now.SignIns : now.SignIns + 1,
            SecondFactor = code.Left ?? now.SecondFactor,
            Devices = [.. now.Devices.Except(signedOut)],
        };
        var change = Change(tenant, now, next) with { Act = new("agent", now.Id, "update") { Changes = ChangesOf(now, next) } };
        if (next.State.GroupId is { } joined && joined != now.State.GroupId)
        {
            change = change with { Fences = change.Fences.Add(Group.There(joined)) };
        }

        if (next.SignIns != now.SignIns)
        {
            change = change with { Items = change.Items.Add(SignInsItem(next)) };
        }

        return Decision.Accept(next, edit.PasswordHash is null ? change : SignOutAll(change, now, signedOut, at));
    }

    /// <summary>Suspends (all devices are signed out) or resumes.</summary>
    public static Decision<AgentSnapshot> SetSuspended(TenantId tenant, AgentSnapshot? now, Caller caller, GroupSnapshot? group, bool suspended, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (IsGone(now))
        {
            return NotFound;
        }

        if (!IsManagedBy(now, group, caller))
        {
            return NotManaged;
        }

        if (suspended && caller.PersonId == now.Id)
        {
            return Answer.Refused(ErrorCode.Forbidden, "Nobody suspends itself: another administrator does.");
        }

        var signedOut = suspended ? now.Devices : [];
        if (now.State.Suspended == suspended)
        {
            return Decision.Accept(now, Unchanged(now));
        }

        var next = now with
        {
            Revision = now.Revision + 1,
            State = Unavailable(now.State) with { Suspended = suspended },
            Devices = suspended ? [] : now.Devices,
        };
        return Decision.Accept(next, SignOutAll(Change(tenant, now, next) with { Act = new("agent", now.Id, suspended ? "suspend" : "resume") }, now, signedOut, at));
    }

    /// <summary>
    /// Removes the agent for ever: its devices are signed out, its address is free, its name stays. What it had open, routing takes back.
    /// </summary>
    public static Decision<AgentSnapshot> Remove(TenantId tenant, AgentSnapshot? now, Caller caller, GroupSnapshot? group, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (now is null)
        {
            return NotFound;
        }

        if (!IsManagedBy(now, group, caller))
        {
            return NotManaged;
        }

        if (caller.PersonId == now.Id)
        {
            return Answer.Refused(ErrorCode.Forbidden, "Nobody removes itself: another administrator does.");
        }

        if (now.State.Removed)
        {
            return Decision.Accept(now, Unchanged(now));
        }

        var next = now with
        {
            Revision = now.Revision + 1,
            State = Unavailable(now.State) with { Removed = true, Suspended = true, Invited = false },
            Email = "",
            PasswordHash = "",
            Invitation = null,
            Devices = [],
        };
        var change = Change(tenant, now, next) with { Act = new("agent", now.Id, "remove") };
        return Decision.Accept(next, SignOutAll(change, now, now.Devices, at) with { Audiences = [.. change.Audiences, .. LeftBehind(tenant, now)] });
    }

    /// <summary>Of what is the agent's manager's to decide.</summary>
    static ImmutableArray<ActChange> ChangesOf(AgentSnapshot? before, AgentSnapshot after) => ActChanges.Of("name", before?.State.Name, after.State.Name)
        .And("email", before?.Email, after.Email)
        .And("role", before?.State.Role, after.State.Role)
        .And("team_id", before?.State.GroupId, after.State.GroupId)
        .And("skills", before?.State.Skills ?? [], after.State.Skills)
        .And("capacity", before?.State.Capacity, after.State.Capacity)
        .And("controls", before?.State.Controls ?? Controls.All, (Controls?)(after.State.Controls ?? Controls.All))
        .And("second_factor_required", before?.State.SecondFactorRequired ?? false, after.State.SecondFactorRequired)
        .AndUnseen("password", before is not null && !string.Equals(before.PasswordHash, after.PasswordHash, StringComparison.Ordinal))
        .ToImmutable();

    /// <summary>What a later version allows it, this one can neither see nor take away.</summary>
    static Controls? Chosen(Controls controls, Controls? before) =>
        controls.HasFlag(Controls.All) ? null : controls | (before.GetValueOrDefault() & ~Controls.All);

    /// <summary>With a password of its own choosing, whoever has the key would be a master agent whom no scope binds.</summary>
    static bool IsOutsideKey(Caller? caller, Role role) => caller is { Role: Role.Application } && role != Role.Agent;

    static bool IsGone([NotNullWhen(false)] AgentSnapshot? now) => now is null or { State.Removed: true };

    static IEnumerable<AudienceChange> LeftBehind(TenantId tenant, AgentSnapshot agent)
    {
        yield return new(agent.Id, Audience.OfAgents(tenant), MembershipState.Left);
        if (agent.State.GroupId is { } group)
        {
            yield return new(agent.Id, Audience.OfGroup(group), MembershipState.Left);
        }
    }

    static Answer NotFound => Decision.NotFound("agent");

    static Answer NotManaged => Answer.Refused(ErrorCode.Forbidden, "The agent is not managed by the caller.");

    static Answer? RefuseGroup(GroupSnapshot? group, Role role, Caller? caller)
    {
        if (group is null)
        {
            return Decision.NotFound("group");
        }

        if (role != Role.Agent)
        {
            return Answer.Refused(ErrorCode.Malformed, "Only a sub-agent works in a group.");
        }

        return caller is { Role: not (Role.Application or Role.Administrator) } && group.State.MasterAgentId != caller.PersonId
            ? Answer.Refused(ErrorCode.Forbidden, "The group is run by another master agent.")
            : null;
    }

    /// <summary>Nothing moves; the decision holds only while the agent is as it was, above all not suspended.</summary>
    static Proposal Unchanged(AgentSnapshot now) => new()
    {
        Answer = Answer.Done with { Revision = now.Revision },
        Fences = [new(new(ItemKind.Agent, now.Id), now.Revision)],
    };

    static Proposal Change(TenantId tenant, AgentSnapshot? before, AgentSnapshot after) => new()
    {
        Answer = Answer.Done with { Id = after.Id, Revision = after.Revision },
        Audiences = [.. GroupMoves(before, after)],
        Items = [ItemChange.Of(new(ItemKind.Agent, after.Id), after.Revision, after.State, ContractJson.Default.AgentState, Audience.OfAgents(tenant))],
        Rows =
        [
            new AgentRow
            {
                Id = after.Id,
                Email = after.State.Removed ? null : after.Email,
                Name = after.State.Name,
                Role = after.State.Role,
                GroupId = after.State.GroupId,
                CreatedBy = after.CreatedBy,
                PasswordHash = after.PasswordHash,
                Availability = after.State.Availability,
                Suspended = after.State.Suspended,
                Skills = [.. after.State.Skills],
                Capacity = after.State.Capacity,
                Controls = after.State.Controls,
                Removed = after.State.Removed,
                Invitation = after.Invitation,
                AvailabilityInferred = after.State.AvailabilityInferred,
                AvailabilityUntil = after.State.AvailabilityUntil,
            },
        ],
    };

    static IEnumerable<AudienceChange> GroupMoves(AgentSnapshot? before, AgentSnapshot after)
    {
        if (before?.State.GroupId == after.State.GroupId)
        {
            yield break;
        }

        if (before?.State.GroupId is { } left)
        {
            yield return new(after.Id, Audience.OfGroup(left), MembershipState.Left);
        }

        if (after.State.GroupId is { } joined)
        {
            yield return new(after.Id, Audience.OfGroup(joined), MembershipState.Reads);
        }
    }
}
