using System.Collections.Immutable;
using System.Security.Cryptography;
using Rcc.Contracts;
using Rcc.Core.Agents;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Access;

/// <summary>The door to agents' second factors (RFC 6238). Who calls limits how often codes are tried.</summary>
public sealed class SecondFactorDoor(IGrainFactory grains, IAgentStore agents, ITenantStore tenants, Entitlements entitlements, Admission admission, SealedSecrets secrets)
{
    internal const int MaxCodeLength = 40;

    /// <summary>The calling agent begins: it gets a secret for its authenticator. <paramref name="passwordHash"/> is what its password was compared with.</summary>
    public Task<Found<SecondFactorEnrolment>> BeginAsync(Caller caller, string passwordHash, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<SecondFactorEnrolment>(
            caller, Permission.RequireAgent(caller), () => BeginAsync(caller.Tenant, caller.PersonId, passwordHash, cancellationToken));
    }

    /// <summary>As the other, for who was asked to enrol at its sign-in; its password was checked.</summary>
    public Task<Found<SecondFactorEnrolment>> BeginAsync(AgentLogin login, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(login);
        var refusal = login.Suspended || login.TenantSuspended ? Outcome.Refused(ErrorCode.Suspended, "The agent or the account is suspended.") : null;
        return admission.ReadAsync(refusal, () => admission.ReadOfAsync<SecondFactorEnrolment>(
            login.Tenant,
            async () => login.OidcOnly && await entitlements.RequireAsync(login.Tenant, Services.Oidc, cancellationToken) is null
                ? Agent.ByProviderOnly.ToOutcome()
                : await BeginAsync(login.Tenant, login.AgentId, login.PasswordHash, cancellationToken),
            counts: false));
    }

    /// <summary>The agent shows that its authenticator has the secret. From now on it signs in with codes.</summary>
    public Task<Found<RecoveryCodes>> ConfirmAsync(Caller caller, string code, CancellationToken cancellationToken) =>
        IssueAsync(
            caller,
            code,
            async (grain, codes) => await entitlements.RefuseAsync(caller.Tenant, Services.Totp, cancellationToken) ?? await grain.ConfirmSecondFactorAsync(caller, code, codes.Hashes, cancellationToken),
            cancellationToken);

    /// <summary>New recovery codes; those before are good no more.</summary>
    public Task<Found<RecoveryCodes>> RenewRecoveryCodesAsync(Caller caller, string code, CancellationToken cancellationToken) =>
        IssueAsync(caller, code, (grain, codes) => grain.RenewRecoveryCodesAsync(caller, code, codes.Hashes, cancellationToken), cancellationToken);

    /// <summary>The agent switches its second factor off, unless one is required of it.</summary>
    public Task<Outcome> DisableAsync(Caller caller, string code, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.CommandAsync(caller, Permission.RequireAgent(caller) ?? CheckCode(code), async () =>
        {
            var tenant = await tenants.LoadAsync(caller.Tenant, cancellationToken);
            return await Grain(caller.Tenant, caller.PersonId).DisableSecondFactorAsync(caller, code, tenant?.Policies.SecondFactorRequired == true, cancellationToken);
        });
    }

    /// <summary>Who manages an agent takes its second factor away, when the person has lost it.</summary>
    public Task<Outcome> ResetAsync(Caller caller, Guid agent, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var key = CommandKeys.Make(new("resetSecondFactor", agent), AccessJson.Default.TargetOf, 0, attempt, out var refusal);
        refusal ??= Permission.RequireMasterOr(caller, Scopes.AgentsWrite) ?? Shape.Id(agent, "agent");
        return admission.CommandAsync(caller, refusal, () => Grain(caller.Tenant, agent).ResetSecondFactorAsync(caller, key, cancellationToken));
    }

    async Task<Found<SecondFactorEnrolment>> BeginAsync(TenantId tenant, Guid agent, string passwordHash, CancellationToken cancellationToken)
    {
        if (await entitlements.RequireAsync(tenant, Services.Totp, cancellationToken) is { } missing)
        {
            return missing;
        }

        if (await agents.LoadAsync(tenant, agent, cancellationToken) is not { } known || await tenants.LoadAsync(tenant, cancellationToken) is not { } account)
        {
            return Decision.NotFound("agent").ToOutcome();
        }

        var secret = RandomNumberGenerator.GetBytes(Totp.SecretLength);
        var answer = await Grain(tenant, agent).BeginSecondFactorAsync([.. secrets.Seal(secret, SecondFactor.PurposeOf(tenant, agent))], passwordHash, cancellationToken);
        return answer.IsOk ? new SecondFactorEnrolment(Totp.Base32(secret), Totp.UriOf(secret, account.Name, known.Email)) : answer.ToOutcome();
    }

    async Task<Found<RecoveryCodes>> IssueAsync(Caller caller, string code, Func<IAgentGrain, RecoveryCodes, Task<Answer>> issue, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        cancellationToken.ThrowIfCancellationRequested();
        var codes = RecoveryCodes.Make();
        var outcome = await admission.CommandAsync(
            caller, Permission.RequireAgent(caller) ?? CheckCode(code), () => issue(Grain(caller.Tenant, caller.PersonId), codes));
        return outcome.IsOk ? codes : outcome;
    }

    static Outcome? CheckCode(string code) => Shape.Name(code, "code", MaxCodeLength);

    IAgentGrain Grain(TenantId tenant, Guid agent) => grains.GetGrain<IAgentGrain>(tenant.KeyOf(agent));
}

/// <summary>What an authenticator needs. Shown once.</summary>
/// <param name="Secret">For people who type it: base 32.</param>
/// <param name="Uri">For a picture: <c>otpauth:</c>.</param>
public sealed record SecondFactorEnrolment(string Secret, string Uri);

/// <summary>Codes that let the agent in, each once, when its authenticator is lost. Shown once.</summary>
public sealed record RecoveryCodes(ImmutableArray<string> Codes)
{
    const int Count = 10;
    const int Bytes = 10;
    const int GroupLength = 4;

    public ImmutableArray<string> Hashes => [.. Codes.Select(SecondFactor.HashOf)];

    public static RecoveryCodes Make() => new([.. Enumerable.Range(0, Count).Select(_ => string.Join('-', Totp.Base32(RandomNumberGenerator.GetBytes(Bytes)).Chunk(GroupLength).Select(group => new string(group))))]);
}
