using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Core.Agents;
using Rcc.Core.Sync;

namespace Rcc.Core.Access;

/// <summary>The door to groups of agents.</summary>
public sealed class GroupDoor(IGrainFactory grains, IAgentStore agents, Admission admission, IOptions<AccessOptions> access, IOptions<AgentOptions> limits)
{
    /// <summary>A master agent makes a group and runs it; an administrator or an application may name another who does. <see cref="Outcome.Id"/> names it.</summary>
    public Task<Outcome> CreateAsync(Caller caller, NewGroup group, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(group);
        var key = CommandKeys.Make(group, AccessJson.Default.NewGroup, 0, attempt, out var refusal);
        refusal ??= Permission.RequireMasterOr(caller, Scopes.AgentsWrite) ?? Shape.Name(group.Name, "name", access.Value.MaxNameLength);
        return admission.CommandAsync(caller, refusal, () => Grain(caller, Guid.CreateVersion7()).CreateAsync(caller, key, group, cancellationToken));
    }

    /// <summary>Changes a group's name, supervisors, or who runs it.</summary>
    public Task<Outcome> ChangeAsync(Caller caller, Guid group, GroupChange change, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(change);
        var key = CommandKeys.Make(new(group, change), AccessJson.Default.ChangeOfGroup, 0, attempt, out var refusal);
        refusal ??= Permission.RequireMasterOr(caller, Scopes.AgentsWrite)
            ?? Shape.Id(group, "group")
            ?? Shape.OptionalName(change.Name, "name", access.Value.MaxNameLength)
            ?? (change.SupervisorIds is { } supervisors ? CheckSupervisors(supervisors) : null);
        return admission.CommandAsync(caller, refusal, () => Grain(caller, group).ChangeAsync(caller, key, change, cancellationToken));
    }

    public Task<Found<GroupListing>> FindAsync(Caller caller, Guid group, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<GroupListing>(caller, Permission.RequireAgentOr(caller, Scopes.AgentsRead), async () => await agents.LoadGroupAsync(caller.Tenant, group, cancellationToken) is { } found
            ? new GroupListing(found.Id, found.State)
            : Decision.NotFound("group").ToOutcome());
    }

    public Task<Found<Listing<GroupListing>>> ListAsync(Caller caller, PageOf page, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ListAsync(caller, Permission.RequireAgentOr(caller, Scopes.AgentsRead), page, (after, limit) => agents.ListGroupsAsync(caller.Tenant, after, limit, cancellationToken));
    }

    Outcome? CheckSupervisors(ImmutableArray<Guid> supervisors) =>
        Shape.Counted(supervisors.Length, "supervisorIds", nameof(AgentOptions.MaxSupervisors), limits.Value.MaxSupervisors) ?? Shape.Once(supervisors, "supervisorIds");

    IGroupGrain Grain(Caller caller, Guid group) => grains.GetGrain<IGroupGrain>(caller.Tenant.KeyOf(group));
}
