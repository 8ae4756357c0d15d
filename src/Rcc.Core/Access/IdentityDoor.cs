using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Access;

/// <summary>The door to tenants' OpenID providers, and for who signs in by one.</summary>
public sealed class IdentityDoor(
    IGrainFactory grains,
    IAgentStore agents,
    ITenantStore tenants,
    ISyncStore items,
    ICredentialStore credentials,
    Entitlements entitlements,
    AccountNames names,
    Admission admission,
    RefusalDoor refusals,
    SealedSecrets secrets,
    TimeProvider clock,
    IOptions<AccessOptions> access)
{
    const int MaxUrlLength = 2_000;
    const int MaxClientIdLength = 255;
    const int MaxClientSecretLength = 1_000;

    static readonly Outcome LostSecret = Outcome.Refused(
        ErrorCode.SecretLost, "The client secret of the account's identity provider cannot be opened with this server's keys: an administrator of the account must set it again.");

    static readonly Outcome NoProvider = Outcome.Refused(ErrorCode.NotFound, "There is no such account, or it has no identity provider.");

    /// <summary>An administrator sets the account's provider. Without a secret the one before is kept, if provider and client are the same.</summary>
    public Task<Outcome> SetProviderAsync(Caller caller, ProviderEdit provider, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(provider);
        var refusal = Permission.RequireAdministrator(caller)
            ?? CheckUrl(provider.Issuer, "issuer")
            ?? Shape.Name(provider.ClientId, "client_id", MaxClientIdLength)
            ?? Shape.OptionalName(provider.ClientSecret, "client_secret", MaxClientSecretLength)
            ?? CheckReturnUrls(provider.ReturnUrls);
        return admission.CommandAsync(caller, Services.Oidc, refusal, async () =>
        {
            var before = await LoadAsync(caller.Tenant, cancellationToken);
            var isSame = before is not null && string.Equals(before.Issuer, provider.Issuer, StringComparison.Ordinal) && string.Equals(before.ClientId, provider.ClientId, StringComparison.Ordinal);
            ImmutableArray<byte> secret;
            if (provider.ClientSecret is not null)
            {
                secret = [.. secrets.Seal(Encoding.UTF8.GetBytes(provider.ClientSecret), IdentityProvider.PurposeOf(caller.Tenant, provider.Issuer, provider.ClientId))];
            }
            else if (!isSame)
            {
                return Answer.Refused(ErrorCode.Malformed, "client_secret is missing.");
            }
            else if (before!.OpenSecret(secrets, caller.Tenant) is null)
            {
                return Answer.Refused(LostSecret.Code, LostSecret.Detail);
            }
            else
            {
                secret = before.ClientSecret;
            }

            return await Grain(caller).SetAsync(caller, new(provider.Issuer, provider.ClientId, secret, provider.ReturnUrls), cancellationToken);
        });
    }

    public Task<Outcome> RemoveProviderAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.CommandAsync(caller, Permission.RequireAdministrator(caller), () => Grain(caller).SetAsync(caller, null, cancellationToken));
    }

    /// <summary>The account's provider, for its administrators.</summary>
    public Task<Found<IdentityProvider>> FindProviderAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<IdentityProvider>(caller, Permission.RequireAdministrator(caller), async () =>
            await LoadAsync(caller.Tenant, cancellationToken) is { } found ? found : Decision.NotFound("identity provider").ToOutcome());
    }

    /// <summary>Whom providers know an agent as: for itself, and who manages agents.</summary>
    public Task<Found<Listing<Identity>>> ListIdentitiesAsync(Caller caller, Guid agent, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<Listing<Identity>>(caller, RequireManager(caller, agent), async () =>
        {
            if (await agents.LoadAsync(caller.Tenant, agent, cancellationToken) is not { State.Removed: false } found)
            {
                return Decision.NotFound("agent").ToOutcome();
            }

            var group = found.State.GroupId is { } named ? await agents.LoadGroupAsync(caller.Tenant, named, cancellationToken) : null;
            return agent == caller.PersonId || Agent.IsManagedBy(found, group, caller)
                ? new Listing<Identity>([.. (await agents.ListIdentitiesAsync(caller.Tenant, agent, cancellationToken)).Select(Identity.Read)], More: false)
                : Outcome.Refused(ErrorCode.Forbidden, "The agent is not managed by the caller.");
        });
    }

    /// <summary>Nobody that a provider knows is the agent any more. Who is signed in stays so; who signs in by the agent's verified address is linked anew.</summary>
    public Task<Outcome> UnlinkAsync(Caller caller, Guid agent, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var key = CommandKeys.Make(new("unlinkIdentities", agent), AccessJson.Default.TargetOf, 0, attempt, out var refusal);
        refusal ??= RequireManager(caller, agent);
        return admission.CommandAsync(caller, refusal, () => grains.GetGrain<IAgentGrain>(caller.Tenant.KeyOf(agent)).UnlinkIdentitiesAsync(caller, key, cancellationToken));
    }

    static Outcome? RequireManager(Caller caller, Guid agent) => caller.IsAgent && caller.PersonId == agent ? null : Permission.RequireMasterOr(caller, Scopes.AgentsWrite);

    /// <summary>The provider to sign in by at an account, by the account's name for signing in. Who asks limits how often anybody may.</summary>
    public Task<Found<OpenProvider>> FindProviderAsync(string account, CancellationToken cancellationToken) =>
        admission.ReadAsync<OpenProvider>(null, async () => await names.FindAsync(account, cancellationToken) is not { } named ? NoProvider : await admission.ReadOfAsync<OpenProvider>(named, async () =>
        {
            if (await tenants.FindAsync(account, cancellationToken) is not { } tenant)
            {
                return NoProvider;
            }

            names.Remember(account, tenant.Id);
            return await OpenAsync(tenant, cancellationToken);
        }));

    /// <summary>As the other, by the account itself.</summary>
    public Task<Found<OpenProvider>> FindProviderAsync(TenantId tenant, CancellationToken cancellationToken) =>
        admission.ReadAsync(null, () => admission.ReadOfAsync(tenant, async () => await tenants.LoadAsync(tenant, cancellationToken) is { } found ? await OpenAsync(found, cancellationToken) : NoProvider));

    /// <summary>Keeps what a provider has said until the person's device asks for it, once.</summary>
    public Task<Outcome> KeepAsync(ReadOnlyMemory<byte> codeHash, ReadOnlyMemory<byte> said, CancellationToken cancellationToken) => admission.CommandAsync(null, async () =>
    {
        await credentials.AddSignInCodeAsync(codeHash, said, clock.GetUtcNow().AddSeconds(access.Value.TicketSeconds), cancellationToken);
        return Answer.Done;
    });

    /// <summary>Takes it, once.</summary>
    public Task<Found<SaidByProvider>> TakeAsync(ReadOnlyMemory<byte> codeHash, CancellationToken cancellationToken) => admission.ReadAsync<SaidByProvider>(null, async () =>
        await credentials.TakeSignInCodeAsync(codeHash, cancellationToken) is { } said
            ? new SaidByProvider(said)
            : Outcome.Refused(ErrorCode.NotFound, "The code is unknown, used up or expired."));

    /// <summary>Adds a device of the agent whom the account's provider vouches for.</summary>
    public async Task<Found<SignedInByIdentity>> SignInAsync(TenantId tenant, IdentityClaim claim, SigningIn device, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(claim);
        if (SignIns.Check(device, access.Value) is { } refusal)
        {
            return refusal;
        }

        // What cannot be a name here is none: the person keeps the one it was invited by.
        var name = claim.Name?.Trim();
        claim = claim with { Name = Shape.OptionalName(name, "name", access.Value.MaxNameLength) is null ? name : null };
        var found = await admission.ReadAsync(null, () => admission.ReadOfAsync<AgentSnapshot>(tenant, async () => await entitlements.RequireAsync(tenant, Services.Oidc, cancellationToken) is { } missing ? missing
            : await FindAgentAsync(tenant, claim, cancellationToken) is { } agent ? agent
            : Outcome.Refused(ErrorCode.Unauthenticated, "The identity provider knows the person, but it is no agent of the account.")));
        if (!found.IsOk)
        {
            return found.Outcome;
        }

        var agent = found.Value;
        var outcome = await admission.CommandOfAsync(
            tenant, null, () => grains.GetGrain<IAgentGrain>(tenant.KeyOf(agent.Id)).SignInByIdentityAsync(SignIns.NewDevice(device, clock), claim, cancellationToken), counts: false);
        refusals.RecordSignInSoon(tenant, agent.Id, outcome);
        return outcome.IsOk
            ? new SignedInByIdentity(agent.Id, outcome.Id!.Value, agent.State.Role, agent.State.Invited ? claim.Name ?? agent.State.Name : agent.State.Name)
            : outcome;
    }

    async Task<AgentSnapshot?> FindAgentAsync(TenantId tenant, IdentityClaim claim, CancellationToken cancellationToken)
    {
        if (await items.FindItemAsync(tenant, Identity.Key(claim.Issuer, claim.Subject), cancellationToken) is { } item
            && await agents.LoadAsync(tenant, Identity.Read(item).AgentId, cancellationToken) is { State.Removed: false } linked)
        {
            return linked;
        }

        if (!claim.InvitationHash.IsEmpty && await agents.FindInvitationAsync(claim.InvitationHash.AsMemory(), cancellationToken) is { } invited && invited.Tenant == tenant)
        {
            return await agents.LoadAsync(tenant, invited.AgentId, cancellationToken);
        }

        return claim.VerifiedEmail is { } email
            && await tenants.LoadAsync(tenant, cancellationToken) is { } account
            && await agents.FindLoginAsync(account.Slug, email.ToLowerInvariant(), cancellationToken) is { } login
            ? await agents.LoadAsync(tenant, login.AgentId, cancellationToken)
            : null;
    }

    async Task<Found<OpenProvider>> OpenAsync(TenantSnapshot tenant, CancellationToken cancellationToken)
    {
        if (await LoadAsync(tenant.Id, cancellationToken) is not { } provider)
        {
            return NoProvider;
        }

        if (tenant.Suspended)
        {
            return Outcome.Refused(ErrorCode.Suspended, "The account is suspended.");
        }

        if (await entitlements.RequireAsync(tenant.Id, Services.Oidc, cancellationToken) is { } missing)
        {
            return missing;
        }

        return provider.OpenSecret(secrets, tenant.Id) is { } secret
            ? new OpenProvider(tenant.Id, provider.Issuer, provider.ClientId, Encoding.UTF8.GetString(secret), provider.ReturnUrls)
            : LostSecret;
    }

    async Task<IdentityProvider?> LoadAsync(TenantId tenant, CancellationToken cancellationToken) =>
        await items.FindItemAsync(tenant, IdentityProvider.Key(tenant), cancellationToken) is { } item ? IdentityProvider.Read(item) : null;

    IIdentityProviderGrain Grain(Caller caller) => grains.GetGrain<IIdentityProviderGrain>(caller.Tenant.Key);

    Outcome? CheckReturnUrls(ImmutableArray<string> urls) =>
        urls.IsDefaultOrEmpty ? Shape.Malformed("return_urls is empty: no sign-in could end.")
        : urls.Length > access.Value.MaxAllowedOrigins ? Shape.TooLarge($"return_urls has {urls.Length} entries; MaxAllowedOrigins is {access.Value.MaxAllowedOrigins}.")
        : urls.Select(url => CheckUrl(url, "return_urls")).FirstOrDefault(refusal => refusal is not null);

    static Outcome? CheckUrl(string? url, string member) =>
        url is { Length: > 0 and <= MaxUrlLength } && Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed is { Fragment: "", UserInfo: "", Scheme: "https" or "http" }
            ? null
            : Shape.Malformed($"{member} must be an absolute http or https URL of at most {MaxUrlLength} characters, without fragment.");
}

/// <summary>An account's provider, as its administrator sets it.</summary>
/// <param name="Issuer">Its address.</param>
/// <param name="ClientId">What it knows us as.</param>
/// <param name="ClientSecret">Absent: the one before.</param>
/// <param name="ReturnUrls">Where a sign-in may end.</param>
public sealed record ProviderEdit(string Issuer, string ClientId, string? ClientSecret, ImmutableArray<string> ReturnUrls);

/// <summary>A provider to sign in by, with its secret open: not to be kept or logged.</summary>
public sealed record OpenProvider(TenantId Tenant, string Issuer, string ClientId, string ClientSecret, ImmutableArray<string> ReturnUrls)
{
    /// <summary>Never the secret: what is logged by accident tells nothing.</summary>
    public override string ToString() => $"{Issuer} {ClientId}";
}

/// <summary>What a provider has said, as it was kept.</summary>
public sealed record SaidByProvider(ReadOnlyMemory<byte> Said);

/// <summary>An agent who has signed in by its account's provider.</summary>
public sealed record SignedInByIdentity(Guid AgentId, Guid DeviceId, Role Role, string Name);
