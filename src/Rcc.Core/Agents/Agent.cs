using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Core.Devices;
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
            Act = new("agent", id, agent.Invitation is null ? "create" : "invite", Act.Of(("role", agent.Role switch { Role.Administrator => "administrator", Role.MasterAgent => "master_agent", _ => "agent" }), ("team", agent.GroupId))) { OperatorId = agent.OperatorId },
        });
    }

    /// <summary>Invites an invited agent again: what it was sent before is good no more.</summary>
    public static Decision<AgentSnapshot> Invite(TenantId tenant, AgentSnapshot? now, Caller caller, GroupSnapshot? group, Invitation invitation)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(invitation);
        if (IsGone(now))
        {
            return NotFound;
        }

        if (!IsManagedBy(now, group, caller))
        {
            return NotManaged;
        }

        if (!now.State.Invited)
        {
            return Answer.Refused(ErrorCode.Conflict, "The agent has come already.");
        }

        var next = now with { Revision = now.Revision + 1, Invitation = invitation };
        return Decision.Accept(next, Change(tenant, now, next) with { Act = new("agent", now.Id, "invite") });
    }

    /// <summary>The invited person comes, with a name and a password of its own. The invitation is used up with it: a second attempt finds none.</summary>
    public static Decision<AgentSnapshot> Accept(TenantId tenant, AgentSnapshot? now, ImmutableArray<byte> hash, string name, string passwordHash, DateTimeOffset at)
    {
        if (IsGone(now) || now.Invitation is not { } invitation || !invitation.Hash.AsSpan().SequenceEqual(hash.AsSpan()) || invitation.ExpiresAt <= at)
        {
            return NoInvitation;
        }

        if (now.State.Suspended)
        {
            return Answer.Refused(ErrorCode.Suspended, "The agent is suspended.");
        }

        var next = now with
        {
            Revision = now.Revision + 1,
            State = now.State with { Name = name, Invited = false },
            PasswordHash = passwordHash,
            Invitation = null,
        };
        return Decision.Accept(next, Change(tenant, now, next) with { Act = new("agent", now.Id, "accept_invitation") });
    }

    /// <summary>There is none, it was used, withdrawn or renewed, or it has expired: which, nobody is told.</summary>
    public static Answer NoInvitation => Answer.Refused(ErrorCode.NotFound, "There is no such invitation, or it was used or has expired.");

    /// <summary>Changes name, group, skills, capacity, controls or password. An agent changes its own name and password; the rest is its manager's. <paramref name="group"/> is the agent's, <paramref name="target"/> the one named.</summary>
    public static Decision<AgentSnapshot> Edit(
        TenantId tenant, AgentSnapshot? now, Caller caller, AgentChange edit, GroupSnapshot? group, GroupSnapshot? target, DateTimeOffset at)
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
            Devices = [.. now.Devices.Except(signedOut)],
        };
        var detail = Act.Of(("name", edit.Name), ("team", edit.LeaveGroup ? "none" : edit.GroupId), ("skills", edit.Skills is { } skills ? string.Join(' ', skills) : null),
            ("capacity", edit.UseDefaultCapacity ? "default" : edit.Capacity), ("controls", edit.Controls), ("second_factor_required", edit.SecondFactorRequired), ("password", edit.PasswordHash is null ? null : "new"));
        var change = Change(tenant, now, next) with { Act = new("agent", now.Id, "update", detail) };
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

    /// <summary>Adds a device of an agent who has proved who it is. <paramref name="taken"/> is what is left of its second factor when the code is used.</summary>
    public static Decision<AgentSnapshot> SignIn(TenantId tenant, AgentSnapshot? now, NewDevice device, SignInProof proof, SecondFactor? taken, AgentOptions options)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(proof);
        ArgumentNullException.ThrowIfNull(options);
        if (now is null)
        {
            return NotFound;
        }

        if (now.State.Suspended)
        {
            return Answer.Refused(ErrorCode.Suspended, "The agent is suspended.");
        }

        if (now.State.Invited)
        {
            return Answer.Refused(ErrorCode.Unauthenticated, "The agent has not accepted its invitation.");
        }

        if (!string.Equals(now.PasswordHash, proof.PasswordHash, StringComparison.Ordinal))
        {
            return Answer.Refused(ErrorCode.Unauthenticated, "The password has just been changed.");
        }

        if (RefuseSecondFactor(now, proof, taken) is { } refusal)
        {
            return refusal;
        }

        var proved = proof.IsConfirming ? Confirmed(now, taken!, proof.RecoveryHashes) : now with { SignIns = now.SignIns + 1, SecondFactor = taken ?? now.SecondFactor };
        var began = proof.IsConfirming ? Change(tenant, now, proved) with { Act = new("agent", now.Id, "enable_second_factor") } : Unchanged(now);
        return AddDevice(now, proved, began, device, options);
    }

    /// <summary>Adds a device to what a sign-in has begun; the one that signed in first makes room.</summary>
    static Decision<AgentSnapshot> AddDevice(AgentSnapshot now, AgentSnapshot proved, Proposal began, NewDevice device, AgentOptions options)
    {
        var signedOut = now.Devices.OrderBy(signedIn => signedIn.SignedInAt).Take(Math.Max(0, now.Devices.Count + 1 - options.MaxDevices)).ToList();
        var next = proved with { Devices = [.. now.Devices.Except(signedOut), new(device.DeviceId, 1, device.Name, device.At)] };
        var change = (began with
        {
            Answer = Answer.Done with { Id = device.DeviceId },
            Items = began.Items.Add(SignInsItem(next)),
        }).WithSignedIn(now.Id, now.State.Role, device);
        return Decision.Accept(next, signedOut.Aggregate(change, (sum, old) => sum.WithSignedOut(now.Id, old, device.At)));
    }

    public static Decision<AgentSnapshot> SignOut(AgentSnapshot? now, Caller caller, GroupSnapshot? group, Guid device, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (now is null)
        {
            return NotFound;
        }

        if (caller.PersonId != now.Id && !IsManagedBy(now, group, caller))
        {
            return NotManaged;
        }

        return now.Devices.FirstOrDefault(signedIn => signedIn.Id == device) is { } found
            ? Decision.Accept(
                now with { Devices = [.. now.Devices.Where(other => other != found)] },
                Unchanged(now).WithSignedOut(now.Id, found, at) with { Act = new("agent", now.Id, "sign_out_device", $"device: {device}") })
            : Decision.NotFound("device");
    }

    /// <summary>Says which conversation is open on the desk. <paramref name="isVisible"/>: the caller may see it.</summary>
    public static Decision<AgentSnapshot> SetOpenConversation(AgentSnapshot? now, Caller caller, Guid? conversation, bool isVisible)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (now is null || now.Id != caller.PersonId)
        {
            return NotFound;
        }

        if (conversation is not null && !isVisible)
        {
            return Decision.NotFound("conversation");
        }

        var next = now with { OpenConversationRevision = now.OpenConversationRevision + 1 };
        return Decision.Accept(next, Own(
            now,
            new(ItemKind.OpenConversation, now.Id),
            next.OpenConversationRevision,
            JsonSerializer.SerializeToUtf8Bytes(new OpenConversationState(conversation), ContractJson.Default.OpenConversationState)));
    }

    /// <summary>
    /// Keeps an unsent text. <paramref name="draftRevision"/> is what is stored now, 0 for none. A draft is never deleted: its revision must go on rising, or a device would take the next one for an old one.
    /// </summary>
    public static Decision<AgentSnapshot> SetDraft(AgentSnapshot? now, Caller caller, Guid conversation, DraftState draft, int? ifRevision, int draftRevision, bool isVisible)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (now is null || now.Id != caller.PersonId)
        {
            return NotFound;
        }

        if (!isVisible)
        {
            return Decision.NotFound("conversation");
        }

        if (ifRevision is { } expected && expected != draftRevision)
        {
            return Answer.Refused(ErrorCode.Conflict, $"The draft has revision {draftRevision}, not {expected}: another device has changed it.");
        }

        return Decision.Accept(now, Own(
            now,
            new(ItemKind.Draft, conversation, now.Id),
            draftRevision + 1,
            JsonSerializer.SerializeToUtf8Bytes(draft, ContractJson.Default.DraftState)));
    }

    /// <summary>What a later version allows it, this one can neither see nor take away.</summary>
    static Controls? Chosen(Controls controls, Controls? before) =>
        controls.HasFlag(Controls.All) ? null : controls | (before.GetValueOrDefault() & ~Controls.All);

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

    static Proposal Change(TenantId tenant, AgentSnapshot? before, AgentSnapshot after)
    {
        var home = Audience.OfAgents(tenant);
        return new()
        {
            Answer = Answer.Done with { Id = after.Id, Revision = after.Revision },
            Audiences = [.. GroupMoves(before, after)],
            Items =
            [
                new(new(ItemKind.Agent, after.Id), after.Revision, ImmutableArray.Create(JsonSerializer.SerializeToUtf8Bytes(after.State, ContractJson.Default.AgentState)), home, [home]),
            ],
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
    }

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

    static ItemKey SignInsOf(AgentSnapshot agent) => new(ItemKind.SignIns, agent.Id);

    /// <summary>Holds only while no further device has signed in.</summary>
    static Proposal SignOutAll(Proposal change, AgentSnapshot now, IEnumerable<DeviceSnapshot> devices, DateTimeOffset at) =>
        devices.Aggregate(change with { Fences = change.Fences.Add(new(SignInsOf(now), now.SignIns)) }, (sum, device) => sum.WithSignedOut(now.Id, device, at));

    static Proposal Own(AgentSnapshot now, ItemKey key, int revision, byte[] state)
    {
        var home = Audience.OfPerson(now.Id);
        return new() { Answer = Answer.Done with { Revision = revision }, Items = [new(key, revision, ImmutableArray.Create(state), home, [home])] };
    }
}
