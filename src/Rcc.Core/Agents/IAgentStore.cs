using System.Collections.Immutable;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Sync;
using Rcc.Core.Devices;
using Rcc.Core.Sync;

namespace Rcc.Core.Agents;

/// <summary>Reads of agents and groups. They are written through the log only.</summary>
public interface IAgentStore
{
    /// <summary>What the rules decide on; null when there is no such agent in the tenant.</summary>
    Task<AgentSnapshot?> LoadAsync(TenantId tenant, Guid agent, CancellationToken cancellationToken);

    Task<GroupSnapshot?> LoadGroupAsync(TenantId tenant, Guid group, CancellationToken cancellationToken);

    /// <summary>For signing in: the agent with this address in the account with this name for people; null when there is none. E-mail is compared in lower case.</summary>
    Task<AgentLogin?> FindLoginAsync(string account, string email, CancellationToken cancellationToken);

    /// <summary>Whom an invitation is for; null when there is none, or it was used, withdrawn or renewed. Whether it has expired is the rules' to say.</summary>
    Task<Invited?> FindInvitationAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken);

    /// <summary>Whom identity providers know the agent as: its items of <see cref="ItemKind.Identity"/>.</summary>
    Task<IReadOnlyList<StoredItem>> ListIdentitiesAsync(TenantId tenant, Guid agent, CancellationToken cancellationToken);

    /// <summary>Without those who were removed.</summary>
    Task<IReadOnlyList<AgentListing>> ListAsync(TenantId tenant, Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>Groups that the agent runs, by id.</summary>
    Task<IReadOnlyList<Guid>> ListRunAsync(TenantId tenant, Guid master, int limit, CancellationToken cancellationToken);

    /// <summary>Agents who work in the group, by id.</summary>
    Task<IReadOnlyList<Guid>> ListMembersAsync(TenantId tenant, Guid group, int limit, CancellationToken cancellationToken);

    Task<IReadOnlyList<GroupListing>> ListGroupsAsync(TenantId tenant, Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Agents of tenants that are not suspended whose availability was set by hand until a time that has come, or is inferred to be online: whether it still is, their grains know. Who has not been looked at for longest comes
    /// first, and is due again at <paramref name="again"/>: so everybody's turn comes, however many there are, and no two nodes look at the same ones.
    /// </summary>
    Task<IReadOnlyList<AvailabilityDue>> TakeAvailabilityDueAsync(DateTimeOffset at, DateTimeOffset again, int limit, CancellationToken cancellationToken);

    /// <summary>Devices of agents that are signed in for longer, or have been away for longer, than their tenants' policies allow, by the store's clock. No credential of theirs is good any more.</summary>
    Task<IReadOnlyList<EndedSessions>> FindEndedSessionsAsync(int limit, CancellationToken cancellationToken);

    /// <summary>Keeps that these devices are in use now, as exactly as an hour.</summary>
    Task KeepUsedAsync(IReadOnlyCollection<(TenantId Tenant, Guid Device)> devices, CancellationToken cancellationToken);

    /// <summary>Makes what is known of the agent's devices last so much longer from now; false when it is of another revision, or has lapsed.</summary>
    Task<bool> KeepPresenceAsync(TenantId tenant, Guid agent, int revision, TimeSpan goodFor, CancellationToken cancellationToken);

    /// <summary>Whether the agent takes part in the conversation.</summary>
    Task<bool> TakesPartAsync(TenantId tenant, Guid conversation, Guid agent, CancellationToken cancellationToken);
}

/// <summary>An agent as stored. While <see cref="ItemKind.SignIns"/> has the revision <c>SignIns</c>, no device has joined <c>Devices</c>.</summary>
public sealed record AgentSnapshot(
    Guid Id,
    int Revision,
    AgentState State,
    string Email,
    string PasswordHash,
    Guid? CreatedBy,
    int OpenConversationRevision,
    int SignIns,
    IReadOnlyList<DeviceSnapshot> Devices)
{
    /// <summary>While it is invited.</summary>
    public Invitation? Invitation { get; init; }

    public SecondFactor? SecondFactor { get; init; }
}

/// <summary>An agent whose availability may have run out.</summary>
public readonly record struct AvailabilityDue(TenantId Tenant, Guid AgentId, int Revision);

/// <summary>Somebody who is invited.</summary>
public sealed record Invited(TenantId Tenant, Guid AgentId, string AccountName, string AccountSlug, string Email, DateTimeOffset ExpiresAt)
{
    /// <summary>As of <see cref="AgentLogin.OidcOnly"/>.</summary>
    public bool OidcOnly { get; init; }
}

/// <summary>A group as stored.</summary>
public sealed record GroupSnapshot(Guid Id, int Revision, GroupState State)
{
    internal ItemFence Fence => new(new(ItemKind.Group, Id), Revision);
}

/// <summary>What a sign-in is checked against.</summary>
public sealed record AgentLogin(TenantId Tenant, Guid AgentId, string Name, Role Role, string PasswordHash, bool Suspended, bool TenantSuspended)
{
    /// <summary>The tenant requires a second factor of all its agents.</summary>
    public bool SecondFactorRequired { get; init; }

    /// <summary>The tenant lets its agents sign in by its identity provider only.</summary>
    public bool OidcOnly { get; init; }
}

/// <summary>An agent with devices that are signed in for longer than its tenant allows.</summary>
public sealed record EndedSessions(TenantId Tenant, Guid AgentId, ImmutableArray<Guid> Devices);

/// <summary>An agent in a list.</summary>
public sealed record AgentListing(Guid Id, string Email, AgentState State, Guid? CreatedBy);

/// <summary>A group in a list.</summary>
public sealed record GroupListing(Guid Id, GroupState State);

/// <summary>The agent's row: what is listed, searched and checked at sign-in.</summary>
[GenerateSerializer, Immutable, Alias("rcc.agents.AgentRow")]
public sealed record AgentRow : RowWrite
{
    [Id(0)] public required Guid Id { get; init; }

    /// <summary>Null once it is removed: the address is free again.</summary>
    [Id(1)] public required string? Email { get; init; }

    [Id(2)] public required string Name { get; init; }

    [Id(3)] public required Role Role { get; init; }

    [Id(4)] public Guid? GroupId { get; init; }

    [Id(5)] public Guid? CreatedBy { get; init; }

    [Id(6)] public required string PasswordHash { get; init; }

    [Id(7)] public required Availability Availability { get; init; }

    /// <summary>Suspended or removed: the same to whoever asks whether it may do anything.</summary>
    [Id(8)] public bool Suspended { get; init; }

    [Id(9)] public ImmutableArray<string> Skills { get; init; } = [];

    /// <summary>Null: <see cref="AgentOptions.DefaultCapacity"/>.</summary>
    [Id(10)] public int? Capacity { get; init; }

    /// <summary>Null: all.</summary>
    [Id(11)] public Controls? Controls { get; init; }

    [Id(12)] public bool Removed { get; init; }

    [Id(13)] public Invitation? Invitation { get; init; }

    [Id(14)] public bool AvailabilityInferred { get; init; }

    [Id(15)] public DateTimeOffset? AvailabilityUntil { get; init; }
}

/// <summary>The group's row.</summary>
[GenerateSerializer, Immutable, Alias("rcc.agents.GroupRow")]
public sealed record GroupRow : RowWrite
{
    [Id(0)] public required Guid Id { get; init; }

    [Id(1)] public required string Name { get; init; }

    [Id(2)] public required Guid MasterAgentId { get; init; }

    [Id(3)] public ImmutableArray<Guid> SupervisorIds { get; init; } = [];

    /// <summary>The row goes, and the name is free.</summary>
    [Id(4)] public bool IsRemoved { get; init; }
}

/// <summary>What others ask of agents.</summary>
internal static class AgentReaders
{
    /// <summary>The group an agent works in; null for none, and for applications.</summary>
    public static async Task<Guid?> FindGroupOfAsync(this IAgentStore agents, Caller caller, CancellationToken cancellationToken) =>
        caller.IsAgent ? (await agents.LoadAsync(caller.Tenant, caller.PersonId, cancellationToken))?.State.GroupId : null;
}
