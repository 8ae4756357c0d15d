using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Devices;
using Rcc.Core.Routing;
using Rcc.Core.Sync;

namespace Rcc.Core.Access;

/// <summary>The door to agents and their devices.</summary>
public sealed class AgentDoor(
    IGrainFactory grains,
    IAgentStore agents,
    ISyncStore items,
    IConversationStore conversations,
    Admission admission,
    Entitlements entitlements,
    RefusalDoor refusals,
    GroupSuccession succession,
    AccountNames names,
    TimeProvider clock,
    IOptions<AccessOptions> access,
    IOptions<AgentOptions> limits,
    IOptions<ConversationOptions> conversationLimits)
{
    const int FreedAtOnce = 100;

    /// <summary>One answer for an unknown account, an unknown address and a wrong password.</summary>
    public static Outcome WrongLogin { get; } = Outcome.Refused(ErrorCode.Unauthenticated, "The account, address or password is wrong.");

    /// <summary>
    /// Who signs in, when the password is right; then <see cref="SignInAsync"/> follows. <paramref name="verify"/> gets what the password is checked against, null where there is no such agent, and takes as long either way.
    /// It costs most of a sign-in and is in the account's share. Who asks limits how often anybody may.
    /// </summary>
    public Task<Found<AgentLogin>> CheckLoginAsync(string account, string email, Func<string?, Task<bool>> verify, CancellationToken cancellationToken) => admission.ReadAsync<AgentLogin>(null, async () =>
    {
        ArgumentNullException.ThrowIfNull(verify);
        var address = email?.Trim().ToLowerInvariant();
        if (Shape.Email(address, "email", access.Value.MaxEmailLength) is not null || await names.FindAsync(account, cancellationToken) is not { } tenant)
        {
            await verify(null);
            return WrongLogin;
        }

        return await admission.ReadOfAsync<AgentLogin>(tenant, async () =>
        {
            var login = await agents.FindLoginAsync(account, address!, cancellationToken);
            if (login is not null)
            {
                names.Remember(account, login.Tenant);
            }

            // Who is invited has no password yet.
            var isRight = await verify(login is { PasswordHash: "" } ? null : login?.PasswordHash);
            if (login is null)
            {
                return WrongLogin;
            }

            if (!isRight)
            {
                refusals.RecordSignInSoon(login, WrongLogin);
            }

            return isRight ? login : WrongLogin;
        });
    });

    /// <summary>
    /// Adds a device of an agent whose password was checked; <paramref name="code"/> is of its second factor, if it gave one. Refused with <see cref="ErrorCode.Suspended"/> when the agent or the tenant is,
    /// with <see cref="ErrorCode.Unauthenticated"/> when the password was changed since or the code is wrong or used, with <see cref="ErrorCode.SecondFactorRequired"/> or
    /// <see cref="ErrorCode.SecondFactorEnrolmentRequired"/> when a code is missing. With <paramref name="recoveryHashes"/> the code confirms the second factor that was begun.
    /// </summary>
    public async Task<Outcome> SignInAsync(AgentLogin login, SigningIn device, string? code, ImmutableArray<string> recoveryHashes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(login);
        ArgumentNullException.ThrowIfNull(device);
        var refusal = SignIns.Check(device, access.Value)
            ?? (login.Suspended || login.TenantSuspended ? Outcome.Refused(ErrorCode.Suspended, "The agent or the account is suspended.") : null);
        var outcome = await admission.CommandOfAsync(login.Tenant, refusal, async () =>
        {
            if (login.OidcOnly && await entitlements.RefuseAsync(login.Tenant, Tenants.Services.Oidc, cancellationToken) is null)
            {
                return Agent.ByProviderOnly;
            }

            var notOffered = await entitlements.RefuseAsync(login.Tenant, Tenants.Services.Totp, cancellationToken);
            if (notOffered is not null && !recoveryHashes.IsEmpty)
            {
                return notOffered;
            }

            var isOffered = notOffered is null;
            var proof = new SignInProof(login.PasswordHash)
            {
                Code = code,
                SecondFactorIsOffered = isOffered,
                SecondFactorIsRequired = isOffered && login.SecondFactorRequired,
                RecoveryHashes = recoveryHashes,
            };
            return await Grain(login.Tenant, login.AgentId).SignInAsync(SignIns.NewDevice(device, clock), proof, cancellationToken);
        }, counts: false);
        refusals.RecordSignInSoon(login, outcome);
        return outcome;
    }

    /// <summary>Signs one of the caller's own devices out, or one of an agent the caller manages. Answers when no node serves it any more.</summary>
    public Task<Outcome> SignOutAsync(Caller caller, Guid agent, Guid device, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var key = CommandKeys.Make(new("signOut", agent, device.ToString()), AccessJson.Default.TargetOf, 0, attempt, out var refusal);
        return ManageAsync(caller, agent, refusal, grain => grain.SignOutAsync(caller, key, device, cancellationToken));
    }

    /// <summary>The devices that are signed in, of the caller itself or of an agent it manages.</summary>
    public Task<Found<Listing<DeviceSnapshot>>> ListDevicesAsync(Caller caller, Guid agent, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<Listing<DeviceSnapshot>>(caller, RequireManager(caller, agent), async () =>
        {
            if (await agents.LoadAsync(caller.Tenant, agent, cancellationToken) is not { } found)
            {
                return Decision.NotFound("agent").ToOutcome();
            }

            var group = found.State.GroupId is { } named ? await agents.LoadGroupAsync(caller.Tenant, named, cancellationToken) : null;
            return agent == caller.PersonId || Agent.IsManagedBy(found, group, caller)
                ? new Listing<DeviceSnapshot>([.. found.Devices], More: false)
                : Outcome.Refused(ErrorCode.Forbidden, "The agent is not managed by the caller.");
        });
    }

    /// <summary>A master agent or an application makes an agent. <see cref="Outcome.Id"/> names it.</summary>
    public Task<Outcome> CreateAsync(Caller caller, CreateAgent agent, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(agent);
        var key = CommandKeys.Make(agent, AccessJson.Default.CreateAgent, 0, attempt, out var refusal);
        var email = agent.Email?.Trim().ToLowerInvariant();
        refusal ??= Permission.RequireMasterOr(caller, Scopes.AgentsWrite)
            ?? Shape.Name(agent.Name, "name", access.Value.MaxNameLength)
            ?? Shape.Email(email, "email", access.Value.MaxEmailLength)
            ?? Shape.Defined(agent.Role, "role")
            ?? Shape.PasswordHash(agent.PasswordHash);
        return admission.CommandAsync(caller, refusal, () => Grain(caller.Tenant, Guid.CreateVersion7()).CreateAsync(
            caller, key, new(agent.Name, email!, agent.Role, agent.GroupId, agent.PasswordHash), cancellationToken));
    }

    public Task<Outcome> ChangeAsync(Caller caller, Guid agent, ChangeAgent change, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(change);
        var key = CommandKeys.Make(new(agent, change), AccessJson.Default.ChangeOfAgent, 0, attempt, out var refusal);
        refusal ??= Shape.OptionalName(change.Name, "name", access.Value.MaxNameLength)
            ?? (change.PasswordHash is null ? null : Shape.PasswordHash(change.PasswordHash))
            ?? (change.Skills is { } skills ? CheckSkills(skills) : null)
            ?? (change.Capacity is { } capacity ? CheckCapacity(capacity) : null)
            ?? (change is { UseDefaultCapacity: true, Capacity: not null } ? Shape.Malformed("An agent has the default capacity or one of its own, not both.") : null)
            ?? (change is { LeaveGroup: true, GroupId: not null } ? Shape.Malformed("An agent leaves its group or joins another, not both.") : null);
        var edit = new AgentChange
        {
            Name = change.Name,
            GroupId = change.GroupId,
            LeaveGroup = change.LeaveGroup,
            PasswordHash = change.PasswordHash,
            Skills = change.Skills,
            Capacity = change.Capacity,
            UseDefaultCapacity = change.UseDefaultCapacity,
            Controls = change.Controls,
            SecondFactorRequired = change.SecondFactorRequired,
        };
        return ManageAsync(caller, agent, refusal, async grain =>
            (change.SecondFactorRequired == true ? await entitlements.RefuseAsync(caller.Tenant, Tenants.Services.Totp, cancellationToken) : null)
            ?? await grain.ChangeAsync(caller, key, edit, cancellationToken));
    }

    /// <summary>What the calling agent's own password is checked against. Who calls limits how often it is tried.</summary>
    public Task<Found<OwnPassword>> FindOwnPasswordAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<OwnPassword>(caller, Permission.RequireAgent(caller), async () => await agents.LoadAsync(caller.Tenant, caller.PersonId, cancellationToken) is { } found
            ? new OwnPassword(found.PasswordHash)
            : Decision.NotFound("agent").ToOutcome());
    }

    /// <summary>The calling agent gives itself another password: <paramref name="proof"/> is the one it has, which was checked, or a code.</summary>
    public Task<Outcome> ChangeOwnPasswordAsync(Caller caller, string? name, string passwordHash, SignInProof proof, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(proof);
        var refusal = Shape.OptionalName(name, "name", access.Value.MaxNameLength)
            ?? Shape.PasswordHash(passwordHash)
            ?? Shape.OptionalName(proof.Code, "code", SecondFactorDoor.MaxCodeLength);
        return OwnAsync(caller, refusal, grain => grain.ChangeOwnAsync(caller, new() { Name = name, PasswordHash = passwordHash }, proof, cancellationToken));
    }

    /// <summary>Suspends or resumes an agent. Answers when every node has passed it.</summary>
    public Task<Outcome> SetSuspendedAsync(Caller caller, Guid agent, bool suspended, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var key = CommandKeys.Make(new(suspended ? "suspend" : "resume", agent), AccessJson.Default.TargetOf, 0, attempt, out var refusal);
        refusal ??= Permission.RequireMasterOr(caller, Scopes.AgentsWrite);
        return ManageAsync(caller, agent, refusal, async grain =>
        {
            var answer = await grain.SetSuspendedAsync(caller, key, suspended, cancellationToken);
            if (answer.IsOk && suspended)
            {
                await FreeConversationsAsync(caller.Tenant, agent, cancellationToken);
            }

            return answer;
        });
    }

    /// <summary>Removes an agent for ever: it is signed out everywhere, its address is free again, its conversations wait, groups it ran are the caller's (an application cannot remove who runs any), its name stays in history. Answers when every node has passed it.</summary>
    public Task<Outcome> RemoveAsync(Caller caller, Guid agent, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var key = CommandKeys.Make(new("remove", agent), AccessJson.Default.TargetOf, 0, attempt, out var refusal);
        refusal ??= Permission.RequireMasterOr(caller, Scopes.AgentsWrite);
        return ManageAsync(caller, agent, refusal, async grain =>
        {
            if (await succession.RefuseAsync(caller, agent, cancellationToken) is { } runs)
            {
                return runs;
            }

            var answer = await grain.RemoveAsync(caller, key, cancellationToken);
            if (!answer.IsOk)
            {
                return answer;
            }

            await FreeConversationsAsync(caller.Tenant, agent, cancellationToken);
            return await succession.TakeAsync(caller, agent, cancellationToken) ?? answer;
        });
    }

    /// <summary>
    /// Makes an agent who is to come by an invitation; <paramref name="hash"/> is that of what the person is sent. Always carried out anew, because that can be shown only once.
    /// <see cref="Outcome.Id"/> names the agent, <see cref="Outcome.At"/> is when the invitation expires.
    /// </summary>
    public async Task<Outcome> InviteAsync(Caller caller, InviteAgent agent, ImmutableArray<byte> hash, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(agent);
        var email = agent.Email?.Trim().ToLowerInvariant();
        var refusal = Permission.RequireMasterOr(caller, Scopes.AgentsWrite)
            ?? Shape.OptionalName(agent.Name, "name", access.Value.MaxNameLength)
            ?? Shape.Email(email, "email", access.Value.MaxEmailLength)
            ?? Shape.Defined(agent.Role, "role")
            ?? Shape.CredentialHash(hash);
        var invitation = NewInvitation(hash);
        var outcome = await admission.CommandAsync(caller, refusal, () => Grain(caller.Tenant, Guid.CreateVersion7()).CreateAsync(
            caller, null, new(agent.Name ?? NameOf(email!), email!, agent.Role, agent.GroupId, "") { Invitation = invitation }, cancellationToken));
        return outcome.IsOk ? outcome with { At = invitation.ExpiresAt } : outcome;
    }

    /// <summary>Invites an invited agent again: what it was sent before is good no more. <see cref="Outcome.At"/> is when the new invitation expires.</summary>
    public async Task<Outcome> InviteAgainAsync(Caller caller, Guid agent, ImmutableArray<byte> hash, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var refusal = Permission.RequireMasterOr(caller, Scopes.AgentsWrite) ?? Shape.CredentialHash(hash);
        var invitation = NewInvitation(hash);
        var outcome = await ManageAsync(caller, agent, refusal, grain => grain.InviteAsync(caller, invitation, cancellationToken));
        return outcome.IsOk ? outcome with { At = invitation.ExpiresAt } : outcome;
    }

    /// <summary>Whom an invitation is for, as long as it can be accepted. The caller limits how often anybody may ask.</summary>
    public Task<Found<Invited>> FindInvitationAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken) =>
        admission.ReadAsync<Invited>(null, async () => await agents.FindInvitationAsync(hash, cancellationToken) is { } found && found.ExpiresAt > clock.GetUtcNow()
            ? admission.CountOf(found.Tenant) is { } tooMuch ? tooMuch : found
            : Agent.NoInvitation.ToOutcome());

    /// <summary>The invited person comes, with a name and a password, which <paramref name="hashPassword"/> hashes. Once: the invitation is used up with it.</summary>
    public async Task<Found<Invited>> AcceptInvitationAsync(ImmutableArray<byte> hash, string name, Func<Task<string>> hashPassword, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(hashPassword);
        if ((Shape.Name(name, "name", access.Value.MaxNameLength) ?? Shape.CredentialHash(hash)) is { } refusal)
        {
            return refusal;
        }

        var invited = await FindInvitationAsync(hash.AsMemory(), cancellationToken);
        if (!invited.IsOk)
        {
            return invited;
        }

        var outcome = await admission.CommandOfAsync(
            invited.Value.Tenant,
            null,
            async () => invited.Value.OidcOnly && await entitlements.RefuseAsync(invited.Value.Tenant, Tenants.Services.Oidc, cancellationToken) is null
                ? Agent.ByProviderOnly
                : await Grain(invited.Value.Tenant, invited.Value.AgentId).AcceptAsync(hash, name, await hashPassword(), cancellationToken),
            counts: false);
        return outcome.IsOk ? invited : outcome;
    }

    public Task<Outcome> SetAvailabilityAsync(Caller caller, SetAvailability command, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(command);
        var key = CommandKeys.Make(command, ContractJson.Default.SetAvailability, command.Number, attempt, out var refusal);
        refusal ??= (command.Availability is { } availability ? Shape.Defined(availability, "availability") : null)
            ?? Shape.OptionalName(command.Label, "label", limits.Value.MaxAvailabilityLabelLength)
            ?? Shape.OptionalName(command.Note, "note", limits.Value.MaxAvailabilityNoteLength)
            ?? (command is { Availability: not null, Label: not null } ? Shape.Malformed("An availability is set by itself or by a label, not both.") : null)
            ?? (command is { Availability: null, Label: null, Until: not null } ? Shape.Malformed("Only what is set by hand expires: until needs availability or label.") : null)
            ?? (command.Until <= clock.GetUtcNow() ? Shape.Malformed("until has passed.") : null);
        return OwnAsync(caller, refusal, grain => grain.SetAvailabilityAsync(
            caller, key, new(command.Availability, command.Label, command.Note, command.Until), cancellationToken));
    }

    /// <summary>The tenant's own words for availability.</summary>
    public Task<Found<AvailabilityLabelsState>> FindAvailabilityLabelsAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<AvailabilityLabelsState>(caller, Permission.RequireAgentOr(caller, Scopes.AgentsRead), async () =>
            await items.FindItemAsync(caller.Tenant, AvailabilityLabels.Key(caller.Tenant), cancellationToken) is { } found ? AvailabilityLabels.Read(found) : new AvailabilityLabelsState());
    }

    /// <summary>Replaces the tenant's own words for availability.</summary>
    public Task<Outcome> SetAvailabilityLabelsAsync(Caller caller, ImmutableArray<AvailabilityLabel> labels, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var key = CommandKeys.Make(new() { Labels = labels }, ContractJson.Default.AvailabilityLabelsState, 0, attempt, out var refusal);
        refusal ??= Permission.RequireAdministrator(caller) ?? CheckLabels(labels);
        return admission.CommandAsync(caller, refusal, () => grains.GetGrain<IAvailabilityLabelsGrain>(caller.Tenant.Key).SetAsync(
            caller, key, [.. labels.Select(label => new NewAvailabilityLabel(label.Name, label.Availability))], cancellationToken));
    }

    public Task<Outcome> SetOpenConversationAsync(Caller caller, SetOpenConversation command, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(command);
        var key = CommandKeys.Make(command, ContractJson.Default.SetOpenConversation, command.Number, attempt, out var refusal);
        return OwnAsync(caller, refusal, grain => grain.SetOpenConversationAsync(caller, key, command.ConversationId, cancellationToken));
    }

    public Task<Outcome> SetDraftAsync(Caller caller, SetDraft command, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(command);
        var key = CommandKeys.Make(command, ContractJson.Default.SetDraft, command.Number, attempt, out var refusal);
        refusal ??= Shape.Id(command.ConversationId, "conversationId")
            ?? Shape.Defined(command.Lane, "lane")
            ?? (command.IfRevision is null or >= 0 ? null : Shape.Malformed("ifRevision must be 0 or more."))
            ?? Shape.Utf8(command.Text, "text", nameof(ConversationOptions.MaxDraftBytes), conversationLimits.Value.MaxDraftBytes, mayBeEmpty: true, out _);
        return OwnAsync(caller, refusal, grain => grain.SetDraftAsync(caller, key, command.ConversationId, command.Lane, command.Text, command.IfRevision, cancellationToken));
    }

    public Task<Found<AgentListing>> FindAsync(Caller caller, Guid agent, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<AgentListing>(caller, Permission.RequireAgentOr(caller, Scopes.AgentsRead), async () => await agents.LoadAsync(caller.Tenant, agent, cancellationToken) is { } found
            ? new AgentListing(found.Id, found.Email, found.State, found.CreatedBy)
            : Decision.NotFound("agent").ToOutcome());
    }

    public Task<Found<Listing<AgentListing>>> ListAsync(Caller caller, PageOf page, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ListAsync(caller, Permission.RequireAgentOr(caller, Scopes.AgentsRead), page, (after, limit) => agents.ListAsync(caller.Tenant, after, limit, cancellationToken));
    }

    /// <summary>Oneself, or whoever may manage agents at all.</summary>
    static Outcome? RequireManager(Caller caller, Guid agent) =>
        caller.IsAgent && caller.PersonId == agent ? null : Permission.RequireMasterOr(caller, Scopes.AgentsWrite) ?? Shape.Id(agent, "agent");

    Outcome? CheckLabels(ImmutableArray<AvailabilityLabel> labels) =>
        Shape.Counted(labels.Length, "labels", nameof(AgentOptions.MaxAvailabilityLabels), limits.Value.MaxAvailabilityLabels)
        ?? Shape.Each(labels, label => Shape.Name(label.Name, "name", limits.Value.MaxAvailabilityLabelLength) ?? Shape.Defined(label.Availability, "availability"))
        ?? Shape.Once([.. labels.Select(label => label.Name)], "labels", StringComparer.OrdinalIgnoreCase);

    Outcome? CheckSkills(ImmutableArray<string> skills) =>
        Shape.Counted(skills.Length, "skills", nameof(AgentOptions.MaxSkills), limits.Value.MaxSkills)
        ?? Shape.Each(skills, skill => Shape.Name(skill, "skills", limits.Value.MaxSkillLength))
        ?? Shape.Once(skills, "skills", StringComparer.OrdinalIgnoreCase);

    Outcome? CheckCapacity(int capacity) => capacity >= 0 && capacity <= limits.Value.MaxCapacity
        ? null
        : Shape.TooLarge($"capacity is {capacity}; it must be 0 … {limits.Value.MaxCapacity} (MaxCapacity).");

    IAgentGrain Grain(TenantId tenant, Guid agent) => grains.GetGrain<IAgentGrain>(tenant.KeyOf(agent));

    Task<Outcome> ManageAsync(Caller caller, Guid agent, Outcome? refusal, Func<IAgentGrain, Task<Answer>> act)
    {
        refusal ??= RequireManager(caller, agent);
        return admission.CommandAsync(caller, refusal, () => act(Grain(caller.Tenant, agent)));
    }

    Task<Outcome> OwnAsync(Caller caller, Outcome? refusal, Func<IAgentGrain, Task<Answer>> act)
    {
        refusal ??= Permission.RequireAgent(caller);
        return admission.CommandAsync(caller, refusal, () => act(Grain(caller.Tenant, caller.PersonId)));
    }

    Invitation NewInvitation(ImmutableArray<byte> hash) => new(hash, clock.GetUtcNow().AddHours(limits.Value.InvitationHours));

    /// <summary>Until the person says its name.</summary>
    string NameOf(string email) => email.Length <= access.Value.MaxNameLength ? email : email[..access.Value.MaxNameLength];

    /// <summary>What a suspended or removed agent had waits again. Should this be cut short, the routing watch takes it, or a repetition of the command does.</summary>
    async Task FreeConversationsAsync(TenantId tenant, Guid agent, CancellationToken cancellationToken)
    {
        var query = new ConversationQuery { AssigneeId = agent, Status = ConversationStatus.Open, Limit = FreedAtOnce };
        int freed;
        do
        {
            freed = 0;
            foreach (var conversation in await conversations.ListAsync(tenant, query, cancellationToken))
            {
                freed += await grains.GetGrain<IAssignable>(tenant.KeyOf(conversation.Id)).TakeBackAsync(cancellationToken) ? 1 : 0;
            }
        }
        while (freed == FreedAtOnce);
    }
}

/// <summary>What an agent's own password is checked against: not to be kept or logged. Empty: it has none.</summary>
public sealed record OwnPassword(string Hash)
{
    /// <summary>Never the hash: what is logged by accident tells nothing.</summary>
    public override string ToString() => nameof(OwnPassword);
}

/// <summary>A device that signs in: an agent's, a customer's or a new key.</summary>
public sealed record SigningIn
{
    /// <summary>Shown to the person: 1 … 100 characters.</summary>
    public required string DeviceName { get; init; }

    /// <summary>SHA-256 of the credential.</summary>
    public required ImmutableArray<byte> CredentialHash { get; init; }
}
