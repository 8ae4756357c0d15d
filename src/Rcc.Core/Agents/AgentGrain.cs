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
internal sealed class AgentGrain(
    IAgentStore store,
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
            caller, command, async now => Agent.Create(Tenant, Id, now, caller, agent, await FindGroupAsync(agent.GroupId, cancellationToken)), cancellationToken);

    public Task<Answer> ChangeAsync(Caller caller, CommandKey? command, AgentChange change, CancellationToken cancellationToken) => ChangeAsync(caller, command, change, null, cancellationToken);

    public Task<Answer> ChangeOwnAsync(Caller caller, AgentChange change, SignInProof proof, CancellationToken cancellationToken) => ChangeAsync(caller, null, change, proof, cancellationToken);

    Task<Answer> ChangeAsync(Caller caller, CommandKey? command, AgentChange change, SignInProof? proof, CancellationToken cancellationToken)
    {
        // Only a new password signs devices out; only that and what the agent may do must have reached every node.
        return change is { PasswordHash: null, Controls: null }
            ? CarryOutAsync(caller, command, EditAsync, cancellationToken)
            : CarryOutEverywhereAsync(caller, command, sync, EditAsync, cancellationToken);

        async ValueTask<Decision<AgentSnapshot>> EditAsync(AgentSnapshot? now) => Agent.Edit(
            Tenant, now, caller, change, await FindOwnGroupAsync(now, cancellationToken), await FindGroupAsync(change.GroupId, cancellationToken), clock.GetUtcNow(), proof, Check(now, proof?.Code));
    }

    public Task<Answer> SetRoleAsync(Caller caller, CommandKey? command, Role role, CancellationToken cancellationToken) =>
        CarryOutEverywhereAsync(caller, command, sync, now => new(Agent.SetRole(Tenant, now, caller, role, clock.GetUtcNow())), cancellationToken);

    public Task<Answer> SetEmailAsync(Caller caller, CommandKey? command, string email, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, async now => Agent.SetEmail(Tenant, now, caller, await FindOwnGroupAsync(now, cancellationToken), email), cancellationToken);

    public Task<Answer> SetSuspendedAsync(Caller caller, CommandKey? command, bool suspended, CancellationToken cancellationToken) =>
        CarryOutEverywhereAsync(
            caller,
            command,
            sync,
            async now => Agent.SetSuspended(Tenant, now, caller, await FindOwnGroupAsync(now, cancellationToken), suspended, clock.GetUtcNow()),
            cancellationToken);

    public Task<Answer> RemoveAsync(Caller caller, CommandKey? command, CancellationToken cancellationToken) =>
        CarryOutEverywhereAsync(
            caller,
            command,
            sync,
            async now => Agent.Remove(Tenant, now, caller, await FindOwnGroupAsync(now, cancellationToken), clock.GetUtcNow()),
            cancellationToken);

    public Task<Answer> InviteAsync(Caller caller, Invitation invitation, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, null, async now => Agent.Invite(Tenant, now, caller, await FindOwnGroupAsync(now, cancellationToken), invitation), cancellationToken);

    public Task<Answer> AcceptAsync(ImmutableArray<byte> hash, string name, string passwordHash, CancellationToken cancellationToken) =>
        CarryOutAsync(null, null, now => Agent.Accept(Tenant, now, hash, name, passwordHash, clock.GetUtcNow()), cancellationToken);

    public Task<Answer> SignInAsync(NewDevice device, SignInProof proof, CancellationToken cancellationToken) =>
        CarryOutAsync(null, null, now => Agent.SignIn(Tenant, now, device, proof, Check(now, proof.Code), options.Value), cancellationToken);

    public Task<Answer> SignInByIdentityAsync(NewDevice device, IdentityClaim claim, CancellationToken cancellationToken) => CarryOutAsync(
        null, null, async now => Agent.SignInByIdentity(Tenant, now, device, claim, await FindLinkAsync(claim, cancellationToken), options.Value), cancellationToken);

    public Task<Answer> UnlinkIdentitiesAsync(Caller caller, CommandKey? command, CancellationToken cancellationToken) => CarryOutAsync(
        caller,
        command,
        async now => Agent.UnlinkIdentities(now, caller, await FindOwnGroupAsync(now, cancellationToken), await store.ListIdentitiesAsync(Tenant, Id, cancellationToken)),
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
        CarryOutAsync(caller, command, async now => Agent.ResetSecondFactor(Tenant, now, caller, await FindOwnGroupAsync(now, cancellationToken)), cancellationToken);

    public Task<Answer> SignOutAsync(Caller caller, CommandKey? command, Guid device, CancellationToken cancellationToken) =>
        CarryOutEverywhereAsync(
            caller,
            command,
            sync,
            async now => Agent.SignOut(now, caller, await FindOwnGroupAsync(now, cancellationToken), device, clock.GetUtcNow()),
            cancellationToken);

    public Task EndSessionsAsync(ImmutableArray<Guid> ended, CancellationToken cancellationToken) =>
        CarryOutAsync(null, null, now => Agent.EndSessions(now, ended, clock.GetUtcNow()), cancellationToken);

    public Task<Answer> SetAvailabilityAsync(Caller caller, CommandKey? command, AvailabilityChoice choice, CancellationToken cancellationToken) => CarryOutAsync(
        caller,
        command,
        async now => Agent.SetAvailability(Tenant, now, caller, choice, choice.Label is null ? [] : await ReadLabelsAsync(cancellationToken), clock.GetUtcNow()),
        cancellationToken);

    public Task ReportAsync(ActivityReport report, CancellationToken cancellationToken)
    {
        Devices.Report(report, clock.GetUtcNow());
        return InferAvailabilityAsync(cancellationToken);
    }

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

    /// <summary>The revision of the conversation's handling at which the caller sees it; null: the caller does not. Who takes part is read after it, so that a fence on it finds who leaves meanwhile.</summary>
    async Task<int?> FindSeenAsync(Caller caller, Guid conversation, CancellationToken cancellationToken) =>
        await sync.FindItemAsync(Tenant, ItemKey.OfHandling(conversation), cancellationToken) is { } item
        && (caller.IsManager || await store.TakesPartAsync(Tenant, conversation, caller.PersonId, cancellationToken))
            ? item.Revision
            : null;

    Task<GroupSnapshot?> FindOwnGroupAsync(AgentSnapshot? now, CancellationToken cancellationToken) => FindGroupAsync(now?.State.GroupId, cancellationToken);

    async Task<GroupSnapshot?> FindGroupAsync(Guid? group, CancellationToken cancellationToken) =>
        group is { } named ? await store.LoadGroupAsync(Tenant, named, cancellationToken) : null;
}
