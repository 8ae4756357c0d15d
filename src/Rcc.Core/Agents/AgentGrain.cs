using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Core.Devices;
using Rcc.Core.Routing;
using Rcc.Core.Sync;

namespace Rcc.Core.Agents;

/// <summary>The single writer of one agent: what belongs to the person on all devices. Rules are in <see cref="Agent"/>.</summary>
[GrainType("agent")]
internal sealed partial class AgentGrain(
    IAgentStore store,
    Reaches reaches,
    ISyncStore sync,
    TimeProvider clock,
    SealedSecrets secrets,
    IOptions<AgentOptions> options,
    ILogger<AgentGrain> logger) : DecidingGrain<AgentSnapshot>, IAgentGrain
{
    DevicesInUse? devices;
    DevicesInUse Devices => devices ??= new(clock.GetUtcNow());

    public Task<Answer> CreateAsync(Caller? caller, CommandKey? command, NewAgent agent, CancellationToken cancellationToken) =>
        CarryOutAsync(
            caller,
            command,
            async now =>
            {
                var group = await FindGroupAsync(agent.GroupId, cancellationToken);
                return Agent.Resting(Agent.Create(Tenant, Id, now, caller, agent, group), caller, group);
            },
            cancellationToken);

    public Task<Answer> ChangeAsync(Caller caller, CommandKey? command, AgentChange change, CancellationToken cancellationToken) => ChangeAsync(caller, command, change, null, cancellationToken);

    public Task<Answer> ChangeOwnAsync(Caller caller, AgentChange change, SignInProof proof, CancellationToken cancellationToken) => ChangeAsync(caller, null, change, proof, cancellationToken);

    Task<Answer> ChangeAsync(Caller caller, CommandKey? command, AgentChange change, SignInProof? proof, CancellationToken cancellationToken)
    {
        // Only a new password signs devices out; only that and what the agent may do must have reached every node.
        return change is { PasswordHash: null, Controls: null }
            ? CarryOutAsync(caller, command, EditAsync, cancellationToken)
            : CarryOutEverywhereAsync(caller, command, sync, EditAsync, cancellationToken);

        async ValueTask<Decision<AgentSnapshot>> EditAsync(AgentSnapshot? now)
        {
            var target = await FindGroupAsync(change.GroupId, cancellationToken);
            return Agent.Resting(await ManageAsync(now, caller, group => Agent.Edit(Tenant, now, caller, change, group, target, clock.GetUtcNow(), proof, Check(now, proof?.Code)), cancellationToken), caller, target);
        }
    }

    public Task<Answer> SetRoleAsync(Caller caller, CommandKey? command, Role role, CancellationToken cancellationToken) =>
        CarryOutEverywhereAsync(caller, command, sync, now => new(Agent.SetRole(Tenant, now, caller, role, clock.GetUtcNow())), cancellationToken);

    public Task<Answer> SetEmailAsync(Caller caller, CommandKey? command, string email, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, now => ManageAsync(now, caller, group => Agent.SetEmail(Tenant, now, caller, group, email), cancellationToken), cancellationToken);

    public Task<Answer> SetSuspendedAsync(Caller caller, CommandKey? command, bool suspended, CancellationToken cancellationToken) =>
        CarryOutEverywhereAsync(
            caller,
            command,
            sync,
            now => ManageAsync(now, caller, group => Agent.SetSuspended(Tenant, now, caller, group, suspended, clock.GetUtcNow()), cancellationToken),
            cancellationToken);

    public Task<Answer> RemoveAsync(Caller caller, CommandKey? command, CancellationToken cancellationToken) =>
        CarryOutEverywhereAsync(
            caller,
            command,
            sync,
            now => ManageAsync(now, caller, group => Agent.Remove(Tenant, now, caller, group, clock.GetUtcNow()), cancellationToken),
            cancellationToken);

    public Task<Answer> InviteAsync(Caller caller, Invitation invitation, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, null, now => ManageAsync(now, caller, group => Agent.Invite(Tenant, now, caller, group, invitation), cancellationToken), cancellationToken);

    public Task<Answer> AcceptAsync(ImmutableArray<byte> hash, string name, string passwordHash, CancellationToken cancellationToken) =>
        CarryOutAsync(null, null, now => Agent.Accept(Tenant, now, hash, name, passwordHash, clock.GetUtcNow()), cancellationToken);

    public Task<Answer> SignInAsync(NewDevice device, SignInProof proof, CancellationToken cancellationToken) =>
        CarryOutAsync(null, null, now => Agent.SignIn(Tenant, now, device, proof, Check(now, proof.Code), options.Value), cancellationToken);

    public Task<Answer> SignInByIdentityAsync(NewDevice device, IdentityClaim claim, CancellationToken cancellationToken) => CarryOutAsync(
        null, null, async now => Agent.SignInByIdentity(Tenant, now, device, claim, await FindLinkAsync(claim, cancellationToken), options.Value), cancellationToken);

    public Task<Answer> UnlinkIdentitiesAsync(Caller caller, CommandKey? command, CancellationToken cancellationToken) => CarryOutAsync(
        caller,
        command,
        async now =>
        {
            var identities = await store.ListIdentitiesAsync(Tenant, Id, cancellationToken);
            return await ManageAsync(now, caller, group => Agent.UnlinkIdentities(now, caller, group, identities), cancellationToken);
        },
        cancellationToken);

    public Task<Answer> BeginSecondFactorAsync(ImmutableArray<byte> secret, string passwordHash, CancellationToken cancellationToken) =>
        CarryOutAsync(null, null, now => Agent.BeginSecondFactor(now, secret, passwordHash), cancellationToken);

    public Task<Answer> ConfirmSecondFactorAsync(Caller caller, string code, ImmutableArray<string> recoveryHashes, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, null, now => Agent.ConfirmSecondFactor(Tenant, now, Check(now, code), recoveryHashes), cancellationToken);

    public Task<Answer> RenewRecoveryCodesAsync(Caller caller, string code, ImmutableArray<string> recoveryHashes, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, null, now => Agent.RenewRecoveryCodes(now, Check(now, code), recoveryHashes), cancellationToken);

    public Task<Answer> DisableSecondFactorAsync(Caller caller, string code, bool isRequired, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, null, now => Agent.DisableSecondFactor(Tenant, now, Check(now, code), isRequired), cancellationToken);

    public Task<Answer> ResetSecondFactorAsync(Caller caller, CommandKey? command, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, now => ManageAsync(now, caller, group => Agent.ResetSecondFactor(Tenant, now, caller, group), cancellationToken), cancellationToken);

    public Task<Answer> SignOutAsync(Caller caller, CommandKey? command, Guid device, CancellationToken cancellationToken) =>
        CarryOutEverywhereAsync(
            caller,
            command,
            sync,
            now => ManageAsync(now, caller, group => Agent.SignOut(now, caller, group, device, clock.GetUtcNow()), cancellationToken),
            cancellationToken);

    public Task EndSessionsAsync(ImmutableArray<Guid> ended, CancellationToken cancellationToken) =>
        CarryOutAsync(null, null, now => Agent.EndSessions(now, ended, clock.GetUtcNow()), cancellationToken);

    public Task<Answer> SetAvailabilityAsync(Caller caller, CommandKey? command, AvailabilityChoice choice, CancellationToken cancellationToken) => CarryOutAsync(
        caller,
        command,
        async now => Agent.SetAvailability(Tenant, now, caller, choice, choice.Label is null ? [] : await ReadLabelsAsync(cancellationToken), clock.GetUtcNow()),
        cancellationToken);

    public Task CheckAvailabilityAsync(int revision, CancellationToken cancellationToken)
    {
        if (Known?.Revision != revision)
        {
            Forget();
        }

        return InferAvailabilityAsync(cancellationToken);
    }

    public Task CheckMissedOffersAsync(CancellationToken cancellationToken) => CarryOutAsync(
        null,
        null,
        async now => Agent.GoAway(
            Tenant,
            now,
            MissedOffers.Read(Id, await sync.FindItemAsync(Tenant, MissedOffers.Key(Id), cancellationToken)),
            options.Value.MissedOffersUntilAway,
            clock.GetUtcNow()),
        cancellationToken);

    public Task<Answer> SetOpenConversationAsync(Caller caller, CommandKey? command, Guid? conversation, CancellationToken cancellationToken) =>
        CarryOutAsync(
            caller,
            command,
            async now => Agent.SetOpenConversation(now, caller, conversation, conversation is { } open && await FindSeenAsync(caller, open, cancellationToken) is not null),
            cancellationToken);

    public Task<Answer> SetDraftAsync(
        Caller caller, CommandKey? command, Guid conversation, Lane lane, string text, int? ifRevision, CancellationToken cancellationToken) =>
        CarryOutAsync(
            caller,
            command,
            async now => Agent.SetDraft(
                now,
                caller,
                conversation,
                new(text, lane),
                ifRevision,
                (await sync.FindItemAsync(Tenant, new(ItemKind.Draft, conversation, Id), cancellationToken))?.Revision ?? 0,
                await FindSeenAsync(caller, conversation, cancellationToken)),
            cancellationToken);

    protected override Task<AgentSnapshot?> LoadAsync(CancellationToken cancellationToken) => store.LoadAsync(Tenant, Id, cancellationToken);

    protected override void OnCommitted(AgentSnapshot? before, AgentSnapshot after)
    {
        if (before?.Revision == after.Revision)
        {
            return;
        }

        logger.Changed(Tenant, Id, after.Revision, after.State.Suspended);
        if (after.State.Availability == Availability.Online)
        {
            GrainFactory.LookSoon(Tenant, logger);
        }
        else if (before is not null && IsThere(before) && !IsThere(after))
        {
            GrainFactory.TakeBackSoon(Tenant, logger);
        }

        static bool IsThere(AgentSnapshot agent) => Agent.IsThere(agent.State.Suspended, agent.State.Availability);
    }

    async Task InferAvailabilityAsync(CancellationToken cancellationToken)
    {
        // Most reports say what is known: they cost neither a read nor a commit.
        var at = clock.GetUtcNow();
        var inferred = Devices.Infer(at, options.Value.AwayAfter);
        if (Known is null || Agent.Infer(Tenant, Known, inferred, at).Refusal is null)
        {
            await CarryOutAsync(null, null, now => Agent.Infer(Tenant, now, inferred, at), cancellationToken);
        }
    }

    async Task<IReadOnlyList<AvailabilityLabel>> ReadLabelsAsync(CancellationToken cancellationToken) =>
        await sync.FindItemAsync(Tenant, AvailabilityLabels.Key(Tenant), cancellationToken) is { } item ? AvailabilityLabels.Read(item).Labels : [];

    /// <summary>A removed agent's identity may become another's: the person's next one.</summary>
    async Task<IdentityLink> FindLinkAsync(IdentityClaim claim, CancellationToken cancellationToken)
    {
        if (await sync.FindItemAsync(Tenant, Identity.Key(claim.Issuer, claim.Subject), cancellationToken) is not { } item)
        {
            return default;
        }

        var holder = Identity.Read(item).AgentId;
        return new(item.Revision, await store.LoadAsync(Tenant, holder, cancellationToken) is { State.Removed: false } ? holder : null);
    }

    CodeCheck Check(AgentSnapshot? now, string? code) => now?.SecondFactor is { } factor && code is not null
        ? factor.Check(secrets.TryOpen(factor.Secret.AsSpan(), SecondFactor.PurposeOf(Tenant, Id)), code, clock.GetUtcNow())
        : default;

    /// <summary>By what the caller sees the conversation; null: the caller does not. Who takes part and who has it is read after its handling's revision, so that a fence on it finds who leaves meanwhile.</summary>
    async Task<Sight?> FindSeenAsync(Caller caller, Guid conversation, CancellationToken cancellationToken)
    {
        if (await sync.FindItemAsync(Tenant, ItemKey.OfHandling(conversation), cancellationToken) is not { } item)
        {
            return null;
        }

        return await store.TakesPartAsync(Tenant, conversation, caller.PersonId, cancellationToken) ? new(item.Revision, [])
            : await reaches.FindAsync(caller, conversation, sync, cancellationToken) is { Manages: true } reach ? new(item.Revision, reach.RestsOn)
            : null;
    }

    /// <summary>Decides as who may manage the agent by the group it is in, as long as that is so.</summary>
    async ValueTask<Decision<AgentSnapshot>> ManageAsync(AgentSnapshot? now, Caller caller, Func<GroupSnapshot?, Decision<AgentSnapshot>> decide, CancellationToken cancellationToken)
    {
        var group = await FindGroupAsync(now?.State.GroupId, cancellationToken);
        return Agent.Resting(decide(group), caller, group);
    }

    async Task<GroupSnapshot?> FindGroupAsync(Guid? group, CancellationToken cancellationToken) =>
        group is { } named ? await store.LoadGroupAsync(Tenant, named, cancellationToken) : null;
}
