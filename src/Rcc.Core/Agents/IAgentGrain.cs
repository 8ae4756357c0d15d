using System.Collections.Immutable;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Core.Devices;
using Rcc.Core.Sync;

namespace Rcc.Core.Agents;

/// <summary>One agent, master or sub, keyed by <see cref="TenantId.KeyOf"/>: what belongs to the person on all devices. Rules in <c>Agent</c>.</summary>
[Alias("rcc.IAgentGrain")]
public interface IAgentGrain : IActivityListener
{
    /// <summary>Creates the agent. Only a master agent (or an application, or the platform operator: <paramref name="caller"/> null) may.</summary>
    [Alias("Create")]
    Task<Answer> CreateAsync(Caller? caller, CommandKey? command, NewAgent agent, CancellationToken cancellationToken);

    /// <summary>Changes name, group, skills, capacity or password.</summary>
    [Alias("Change")]
    Task<Answer> ChangeAsync(Caller caller, CommandKey? command, AgentChange change, CancellationToken cancellationToken);

    /// <summary>As the other, by the agent itself: <paramref name="proof"/> is what it proves to be more than a device left open with.</summary>
    [Alias("ChangeOwn")]
    Task<Answer> ChangeOwnAsync(Caller caller, AgentChange change, SignInProof proof, CancellationToken cancellationToken);

    /// <summary>Makes another of it. Answers when every node has passed it.</summary>
    [Alias("SetRole")]
    Task<Answer> SetRoleAsync(Caller caller, CommandKey? command, Role role, CancellationToken cancellationToken);

    /// <summary>Gives it another address to sign in with.</summary>
    [Alias("SetEmail")]
    Task<Answer> SetEmailAsync(Caller caller, CommandKey? command, string email, CancellationToken cancellationToken);

    /// <summary>Suspends (every device signed out, refused at once on live connections) or resumes. Answers when every node has passed it.</summary>
    [Alias("Suspend")]
    Task<Answer> SetSuspendedAsync(Caller caller, CommandKey? command, bool suspended, CancellationToken cancellationToken);

    /// <summary>Invites an invited agent again: what it was sent before is good no more.</summary>
    [Alias("Invite")]
    Task<Answer> InviteAsync(Caller caller, Invitation invitation, CancellationToken cancellationToken);

    /// <summary>The invited person comes: <paramref name="hash"/> is that of what it was sent.</summary>
    [Alias("Accept")]
    Task<Answer> AcceptAsync(ImmutableArray<byte> hash, string name, string passwordHash, CancellationToken cancellationToken);

    /// <summary>Removes the agent for ever. Answers when every node has passed it.</summary>
    [Alias("Remove")]
    Task<Answer> RemoveAsync(Caller caller, CommandKey? command, CancellationToken cancellationToken);

    /// <summary>Adds a device of who has proved to be the agent.</summary>
    [Alias("SignIn")]
    Task<Answer> SignInAsync(NewDevice device, SignInProof proof, CancellationToken cancellationToken);

    /// <summary>Adds a device of who is the agent to its tenant's identity provider.</summary>
    [Alias("SignInByIdentity")]
    Task<Answer> SignInByIdentityAsync(NewDevice device, IdentityClaim claim, CancellationToken cancellationToken);

    /// <summary>Nobody that a provider knows is the agent any more.</summary>
    [Alias("UnlinkIdentities")]
    Task<Answer> UnlinkIdentitiesAsync(Caller caller, CommandKey? command, CancellationToken cancellationToken);

    /// <summary>Gives the agent a secret for codes, sealed; it asks for nothing until a code confirms it. <paramref name="passwordHash"/> is what its password was compared with.</summary>
    [Alias("BeginSecondFactor")]
    Task<Answer> BeginSecondFactorAsync(ImmutableArray<byte> secret, string passwordHash, CancellationToken cancellationToken);

    /// <summary>From now on a code is asked for at each sign-in.</summary>
    [Alias("ConfirmSecondFactor")]
    Task<Answer> ConfirmSecondFactorAsync(Caller caller, string code, ImmutableArray<string> recoveryHashes, CancellationToken cancellationToken);

    [Alias("RenewRecoveryCodes")]
    Task<Answer> RenewRecoveryCodesAsync(Caller caller, string code, ImmutableArray<string> recoveryHashes, CancellationToken cancellationToken);

    /// <summary>The agent switches its second factor off. <paramref name="isRequired"/>: its tenant wants one of everybody.</summary>
    [Alias("DisableSecondFactor")]
    Task<Answer> DisableSecondFactorAsync(Caller caller, string code, bool isRequired, CancellationToken cancellationToken);

    /// <summary>Who manages the agent takes its second factor away.</summary>
    [Alias("ResetSecondFactor")]
    Task<Answer> ResetSecondFactorAsync(Caller caller, CommandKey? command, CancellationToken cancellationToken);

    /// <summary>Signs one of the agent's devices out. Answers when every node has passed it.</summary>
    [Alias("SignOut")]
    Task<Answer> SignOutAsync(Caller caller, CommandKey? command, Guid device, CancellationToken cancellationToken);

    /// <summary>Signs devices out that are signed in for longer than the tenant allows.</summary>
    [Alias("EndSessions")]
    Task EndSessionsAsync(ImmutableArray<Guid> ended, CancellationToken cancellationToken);

    [Alias("SetAvailability")]
    Task<Answer> SetAvailabilityAsync(Caller caller, CommandKey? command, AvailabilityChoice choice, CancellationToken cancellationToken);

    /// <summary>Infers the availability anew where it is left to the devices or what was set by hand has expired. <paramref name="revision"/> is what the store holds.</summary>
    [Alias("CheckAvailability")]
    Task CheckAvailabilityAsync(int revision, CancellationToken cancellationToken);

    /// <summary>The agent has left offers unanswered: after too many in a row it is away.</summary>
    [Alias("CheckMissedOffers")]
    Task CheckMissedOffersAsync(CancellationToken cancellationToken);

    [Alias("SetOpenConversation")]
    Task<Answer> SetOpenConversationAsync(Caller caller, CommandKey? command, Guid? conversation, CancellationToken cancellationToken);

    [Alias("SetDraft")]
    Task<Answer> SetDraftAsync(Caller caller, CommandKey? command, Guid conversation, Lane lane, string text, int? ifRevision, CancellationToken cancellationToken);
}

/// <summary>How an agent sets its availability; with neither <paramref name="Availability"/> nor <paramref name="Label"/> it leaves it to its devices.</summary>
[GenerateSerializer, Immutable, Alias("rcc.agents.AvailabilityChoice")]
public sealed record AvailabilityChoice(
    [property: Id(0)] Availability? Availability,
    [property: Id(1)] string? Label = null,
    [property: Id(2)] string? Note = null,
    [property: Id(3)] DateTimeOffset? Until = null)
{
    public bool IsLeftToDevices => Availability is null && Label is null;
}

/// <summary>How somebody proves to be the agent.</summary>
/// <param name="PasswordHash">What the password was compared with: the device is refused when that is the agent's no more.</param>
[GenerateSerializer, Immutable, Alias("rcc.agents.SignInProof")]
public sealed record SignInProof([property: Id(0)] string PasswordHash)
{
    /// <summary>A code of the second factor, or a recovery code.</summary>
    [Id(1)] public string? Code { get; init; }

    /// <summary>The tenant requires a second factor of all its agents.</summary>
    [Id(2)] public bool SecondFactorIsRequired { get; init; }

    /// <summary>The tenant has second factors: else none is required of an agent who could not get one.</summary>
    [Id(3)] public bool SecondFactorIsOffered { get; init; }

    /// <summary>The code confirms the second factor that was begun, and these are its recovery codes' hashes.</summary>
    [Id(4)] public ImmutableArray<string> RecoveryHashes { get; init; } = [];

    public bool IsConfirming => !RecoveryHashes.IsEmpty;
}

/// <summary>A new agent.</summary>
[GenerateSerializer, Immutable, Alias("rcc.agents.NewAgent")]
public sealed record NewAgent(
    [property: Id(0)] string Name,
    [property: Id(1)] string Email,
    [property: Id(2)] Role Role,
    [property: Id(3)] Guid? GroupId,
    [property: Id(4)] string PasswordHash)
{
    /// <summary>The platform operator who makes it.</summary>
    [Id(5)] public Guid? OperatorId { get; init; }

    /// <summary>It is to come by an invitation, and has no password until then.</summary>
    [Id(6)] public Invitation? Invitation { get; init; }
}

/// <summary>An invitation. Only the hash of what the person is sent is kept.</summary>
/// <param name="Hash">SHA-256.</param>
/// <param name="ExpiresAt">Until when it can be accepted.</param>
[GenerateSerializer, Immutable, Alias("rcc.agents.Invitation")]
public sealed record Invitation([property: Id(0)] ImmutableArray<byte> Hash, [property: Id(1)] DateTimeOffset ExpiresAt);

/// <summary>What to change of an agent; absent members stay.</summary>
[GenerateSerializer, Immutable, Alias("rcc.agents.AgentChange")]
public sealed record AgentChange
{
    [Id(0)] public string? Name { get; init; }

    [Id(1)] public Guid? GroupId { get; init; }

    [Id(2)] public bool LeaveGroup { get; init; }

    [Id(3)] public string? PasswordHash { get; init; }

    /// <summary>All its skills from now on.</summary>
    [Id(4)] public ImmutableArray<string>? Skills { get; init; }

    [Id(5)] public int? Capacity { get; init; }

    /// <summary>Back to <see cref="AgentOptions.DefaultCapacity"/>.</summary>
    [Id(6)] public bool UseDefaultCapacity { get; init; }

    [Id(7)] public Controls? Controls { get; init; }

    [Id(8)] public bool? SecondFactorRequired { get; init; }
}
