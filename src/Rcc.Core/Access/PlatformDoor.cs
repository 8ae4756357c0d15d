using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Access;

/// <summary>The platform operator: who onboards and suspends tenants, and sees nothing inside them.</summary>
/// <param name="Id">The operator.</param>
public sealed record Operator(Guid Id);

/// <summary>The platform operator's door.</summary>
public sealed class PlatformDoor(
    IGrainFactory grains, IOperatorStore operators, ITenantStore tenants, ITermsStore usage, Admission admission, TimeProvider clock, IOptions<AccessOptions> access, IOptions<AgentOptions> agents)
{
    /// <summary>Whether there is an operator at all; if not, the first may be made.</summary>
    public Task<bool> HasOperatorAsync(CancellationToken cancellationToken) => operators.HasOperatorAsync(cancellationToken);

    /// <summary>Makes the first operator; <see cref="ErrorCode.Taken"/> when there is one already.</summary>
    public Task<Outcome> AddFirstOperatorAsync(string name, string passwordHash, CancellationToken cancellationToken)
    {
        var refusal = Shape.Name(name, "name", access.Value.MaxNameLength) ?? Shape.PasswordHash(passwordHash);
        return admission.CommandAsync(refusal, async () => await operators.AddFirstOperatorAsync(Guid.CreateVersion7(), name, passwordHash, cancellationToken)
            ? Answer.Done
            : Answer.Refused(ErrorCode.Taken, "There is a platform operator already."));
    }

    /// <summary>What an operator's sign-in is checked against. The caller checks the password.</summary>
    public Task<OperatorLogin?> FindLoginAsync(string name, CancellationToken cancellationToken) =>
        Shape.Name(name, "name", access.Value.MaxNameLength) is null ? operators.FindOperatorAsync(name, cancellationToken) : Task.FromResult<OperatorLogin?>(null);

    /// <summary>Begins a session; the answer's <see cref="Outcome.At"/> is when it ends.</summary>
    public Task<Outcome> BeginSessionAsync(OperatorLogin login, ReadOnlyMemory<byte> credentialHash, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(login);
        return admission.CommandAsync(null, async () =>
        {
            var expiresAt = clock.GetUtcNow().AddHours(access.Value.OperatorSessionHours);
            await operators.AddOperatorSessionAsync(login.Id, credentialHash, expiresAt, cancellationToken);
            return Answer.Done with { Id = login.Id, At = expiresAt };
        });
    }

    public Task<Found<Operator>> AuthenticateAsync(ReadOnlyMemory<byte> credentialHash, CancellationToken cancellationToken) =>
        admission.ReadAsync<Operator>(null, async () => await operators.FindOperatorSessionAsync(credentialHash, cancellationToken) is { } id
            ? new Operator(id)
            : Outcome.Refused(ErrorCode.Unauthenticated, "The credential is unknown or has expired."));

    public Task<Outcome> EndSessionAsync(ReadOnlyMemory<byte> credentialHash, CancellationToken cancellationToken) =>
        admission.CommandAsync(null, async () =>
        {
            await operators.RemoveOperatorSessionAsync(credentialHash, cancellationToken);
            return Answer.Done;
        });

    /// <summary>Makes a tenant with its first administrator. <see cref="Outcome.Id"/> names the tenant; <see cref="Outcome.At"/> is when the administrator's invitation expires, if it has one.</summary>
    public async Task<Outcome> OnboardAsync(Operator caller, CreateAccount account, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(account);
        var refusal = Shape.Name(account.Name, "name", access.Value.MaxNameLength) ?? Shape.Slug(account.Slug, "slug") ?? AccountShape.Terms(account.Terms, access.Value) ?? Check(account.Master);
        var invitation = InvitationOf(account.Master);
        return WithEnd(invitation, await admission.CommandAsync(refusal, () => Grain(new(Guid.CreateVersion7())).OnboardAsync(
            new(account.Name, account.Slug, Guid.CreateVersion7(), account.Master.Name, AddressOf(account.Master), account.Master.PasswordHash)
            {
                OperatorId = caller.Id,
                Terms = account.Terms,
                MasterInvitation = invitation,
            },
            cancellationToken)));
    }

    /// <summary>Suspends or resumes a tenant. Answers when every node has passed it.</summary>
    public Task<Outcome> SetSuspendedAsync(Operator caller, TenantId tenant, bool suspended, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.CommandAsync(null, () => Grain(tenant).SetSuspendedAsync(caller.Id, suspended, cancellationToken));
    }

    /// <summary>Asks for a tenant's deletion: until it is due the tenant works on and the deletion may be cancelled, after that nothing of the tenant resolves.</summary>
    public Task<Found<TenantDeletion>> DeleteAsync(Operator caller, TenantId tenant, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<TenantDeletion>(null, async () =>
        {
            if (await Grain(tenant).DeleteAsync(caller.Id, cancellationToken) is { IsOk: false } refused)
            {
                return refused.ToOutcome();
            }

            // Where there is no wait it may be gone already.
            return (await tenants.LoadAsync(tenant, cancellationToken))?.Deletion ?? new TenantDeletion(clock.GetUtcNow(), caller.Id);
        });
    }

    /// <summary>Cancels a deletion that still waits.</summary>
    public Task<Outcome> CancelDeletionAsync(Operator caller, TenantId tenant, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.CommandAsync(null, () => Grain(tenant).CancelDeletionAsync(caller.Id, cancellationToken));
    }

    /// <summary>Changes what was agreed with a tenant. It counts on every node within a second.</summary>
    public Task<Outcome> SetTermsAsync(Operator caller, TenantId tenant, Terms agreed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(agreed);
        return admission.CommandAsync(AccountShape.Terms(agreed, access.Value), () => Grain(tenant).SetTermsAsync(caller.Id, agreed, cancellationToken));
    }

    /// <summary>What a tenant has and uses.</summary>
    public Task<Found<TenantUsage>> FindUsageAsync(Operator caller, TenantId tenant, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<TenantUsage>(null, async () => await usage.ReadUsageAsync(tenant, cancellationToken) is { } found ? found : NoAccount.ToOutcome());
    }

    /// <summary>Makes a further master agent of a tenant. <see cref="Outcome.Id"/> names it.</summary>
    public Task<Outcome> AddMasterAgentAsync(Operator caller, TenantId tenant, MasterAgentOfAccount agent, CancellationToken cancellationToken) =>
        AddAsync(caller, tenant, agent, Role.MasterAgent, cancellationToken);

    /// <summary>Makes a further administrator of a tenant. <see cref="Outcome.Id"/> names it.</summary>
    public Task<Outcome> AddAdministratorAsync(Operator caller, TenantId tenant, MasterAgentOfAccount agent, CancellationToken cancellationToken) =>
        AddAsync(caller, tenant, agent, Role.Administrator, cancellationToken);

    async Task<Outcome> AddAsync(Operator caller, TenantId tenant, MasterAgentOfAccount agent, Role role, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var refusal = Check(agent);
        var invitation = InvitationOf(agent);
        return WithEnd(invitation, await admission.CommandAsync(refusal, async () => await tenants.LoadAsync(tenant, cancellationToken) is null
            ? NoAccount
            : await grains.GetGrain<IAgentGrain>(tenant.KeyOf(Guid.CreateVersion7())).CreateAsync(
                null, null, new(agent.Name, AddressOf(agent), role, null, agent.PasswordHash) { OperatorId = caller.Id, Invitation = invitation }, cancellationToken)));
    }

    public Task<Found<TenantSnapshot>> FindAsync(Operator caller, TenantId tenant, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<TenantSnapshot>(null, async () =>
            await tenants.LoadAsync(tenant, cancellationToken) is { } found ? found : NoAccount.ToOutcome());
    }

    public Task<Found<Listing<TenantSnapshot>>> ListAsync(Operator caller, PageOf page, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ListAsync(null, page, (after, limit) => tenants.ListAsync(after, limit, cancellationToken));
    }

    static Answer NoAccount => Decision.NotFound("account");

    static string AddressOf(MasterAgentOfAccount agent) => agent.Email.Trim().ToLowerInvariant();

    Outcome? Check(MasterAgentOfAccount agent)
    {
        ArgumentNullException.ThrowIfNull(agent);
        return Shape.Name(agent.Name, "master.name", access.Value.MaxNameLength)
            ?? Shape.Email(agent.Email?.Trim().ToLowerInvariant(), "master.email", access.Value.MaxEmailLength)
            ?? (agent.InvitationHash.IsEmpty ? Shape.PasswordHash(agent.PasswordHash) : Shape.CredentialHash(agent.InvitationHash));
    }

    Invitation? InvitationOf(MasterAgentOfAccount agent) => agent.InvitationHash.IsEmpty ? null : new(agent.InvitationHash, clock.GetUtcNow().AddHours(agents.Value.InvitationHours));

    static Outcome WithEnd(Invitation? invitation, Outcome outcome) => outcome.IsOk ? outcome with { At = invitation?.ExpiresAt } : outcome;

    ITenantGrain Grain(TenantId tenant) => grains.GetGrain<ITenantGrain>(tenant.Key);
}

/// <summary>A tenant to make.</summary>
public sealed record CreateAccount
{
    public required string Name { get; init; }

    /// <summary>The account's name at sign-in, unique on the server: 1 … 40 of <c>a–z 0–9 -</c>, not at the ends a hyphen.</summary>
    public required string Slug { get; init; }

    public required MasterAgentOfAccount Master { get; init; }

    /// <summary>What was agreed.</summary>
    public Terms Terms { get; init; } = new();
}

/// <summary>A master agent or administrator to make.</summary>
/// <param name="Name">Its name; until it says its own, when it is invited.</param>
/// <param name="Email">What it signs in with.</param>
/// <param name="PasswordHash">Empty when it is invited.</param>
public sealed record MasterAgentOfAccount(string Name, string Email, string PasswordHash)
{
    /// <summary>SHA-256 of what it is sent to come by, and to choose its password itself; empty: it has one.</summary>
    public ImmutableArray<byte> InvitationHash { get; init; } = [];
}
