using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Contracts.Sync;
using Rcc.Core.Routing;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Access;

/// <summary>The door to what belongs to the tenant as a whole: its account, inboxes and API keys.</summary>
public sealed class AccountDoor(IGrainFactory grains, ITenantStore tenants, IQueueStore queues, ITermsStore usage, Entitlements entitlements, Admission admission, SealedSecrets secrets, IOptions<AccessOptions> access)
{
    const int IdentifierBytes = 16;

    public Task<Found<TenantSnapshot>> FindAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var refusal = caller.Role == Role.Application ? null : Permission.RequireAgent(caller);
        return admission.ReadAsync<TenantSnapshot>(caller, refusal, async () =>
            await tenants.LoadAsync(caller.Tenant, cancellationToken) is { } found ? found : Decision.NotFound("account").ToOutcome());
    }

    /// <summary>What the account has and uses.</summary>
    public Task<Found<TenantUsage>> FindUsageAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<TenantUsage>(caller, Permission.RequireMaster(caller), async () =>
            await usage.ReadUsageAsync(caller.Tenant, cancellationToken) is { } found ? found : Decision.NotFound("account").ToOutcome());
    }

    /// <summary>An administrator changes the account's name, looks and policies.</summary>
    public Task<Outcome> EditAsync(Caller caller, AccountChange change, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(change);
        var key = CommandKeys.Make(change, AccessJson.Default.AccountChange, 0, attempt, out var refusal);
        refusal ??= Permission.RequireAdministrator(caller)
            ?? Shape.OptionalName(change.Name, "name", access.Value.MaxNameLength)
            ?? AccountShape.Branding(change.Branding, access.Value)
            ?? AccountShape.Policies(change.Policies);
        return admission.CommandAsync(caller, refusal, async () =>
            (change.Policies?.SecondFactorRequired == true ? await entitlements.RefuseAsync(caller.Tenant, Services.Totp, cancellationToken) : null)
            ?? (change.Policies?.SignIn == SignInWay.OidcOnly ? await entitlements.RefuseAsync(caller.Tenant, Services.Oidc, cancellationToken) : null)
            ?? await Grain(caller).EditAsync(caller, key, change, cancellationToken));
    }

    /// <summary>A master agent or an application makes an inbox. <see cref="Outcome.Id"/> names it; its token and secret are the server's.</summary>
    public Task<Outcome> CreateInboxAsync(Caller caller, CreateInbox inbox, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(inbox);
        var key = CommandKeys.Make(inbox, AccessJson.Default.CreateInbox, 0, attempt, out var refusal);
        refusal ??= Permission.RequireAdministratorOr(caller, Scopes.Inboxes)
            ?? Shape.Name(inbox.Name, "name", access.Value.MaxNameLength)
            ?? Shape.Origins(inbox.AllowedOrigins, "allowedOrigins", access.Value.MaxAllowedOrigins)
            ?? CheckDepartments(inbox.Departments);
        var id = Guid.CreateVersion7();
        return admission.CommandAsync(caller, refusal, async () => await RefuseQueuesAsync(caller, inbox.QueueId, inbox.Departments, cancellationToken) ?? await Grain(caller).CreateInboxAsync(
            caller,
            key,
            new(id, RandomText(IdentifierBytes), inbox.Name, InboxSecret.Seal(secrets, caller.Tenant, id, InboxSecret.MakeSecret()), inbox.HmacMandatory, inbox.AllowedOrigins, inbox.QueueId) { Departments = inbox.Departments },
            cancellationToken));
    }

    /// <summary>From when on an inbox takes no new customers and no new conversations; or takes them again.</summary>
    public Task<Outcome> SetInboxArchivedAsync(Caller caller, Guid inbox, bool archived, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var key = CommandKeys.Make(new(archived ? "archiveInbox" : "restoreInbox", inbox), AccessJson.Default.TargetOf, 0, attempt, out var refusal);
        refusal ??= Permission.RequireAdministratorOr(caller, Scopes.Inboxes);
        return admission.CommandAsync(caller, refusal, () => Grain(caller).SetInboxArchivedAsync(caller, key, inbox, archived, cancellationToken));
    }

    /// <summary>Removes an archived inbox that never had a conversation.</summary>
    public Task<Outcome> RemoveInboxAsync(Caller caller, Guid inbox, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var key = CommandKeys.Make(new("removeInbox", inbox), AccessJson.Default.TargetOf, 0, attempt, out var refusal);
        refusal ??= Permission.RequireAdministratorOr(caller, Scopes.Inboxes);
        return admission.CommandAsync(caller, refusal, () => Grain(caller).RemoveInboxAsync(caller, key, inbox, cancellationToken));
    }

    public Task<Outcome> ChangeInboxAsync(Caller caller, Guid inbox, InboxChange change, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(change);
        var key = CommandKeys.Make(new(inbox, change), AccessJson.Default.ChangeOfInbox, 0, attempt, out var refusal);
        refusal ??= Permission.RequireAdministratorOr(caller, Scopes.Inboxes)
            ?? Shape.OptionalName(change.Name, "name", access.Value.MaxNameLength)
            ?? (change.AllowedOrigins is { } origins ? Shape.Origins(origins, "allowedOrigins", access.Value.MaxAllowedOrigins) : null)
            ?? CheckDepartments(change.Departments ?? []);
        return admission.CommandAsync(
            caller, refusal, async () => await RefuseQueuesAsync(caller, change.QueueId, change.Departments ?? [], cancellationToken) ?? await Grain(caller).ChangeInboxAsync(caller, key, inbox, change, cancellationToken));
    }

    /// <summary>Gives an inbox another secret. The one it had stays good for the overlap, so that the account's systems can change over; one it had before that ends now.</summary>
    public Task<Outcome> RotateInboxSecretAsync(Caller caller, Guid inbox, TimeSpan? overlap, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var key = CommandKeys.Make(new("rotateInboxSecret", inbox, $"{overlap}"), AccessJson.Default.TargetOf, 0, attempt, out var refusal);
        refusal ??= Permission.RequireAdministratorOr(caller, Scopes.Inboxes) ?? (overlap < TimeSpan.Zero ? Shape.Malformed("overlap_seconds must not be negative.") : null);
        return admission.CommandAsync(caller, refusal, () => Grain(caller).RotateInboxSecretAsync(
            caller, key, inbox, new(InboxSecret.Seal(secrets, caller.Tenant, inbox, InboxSecret.MakeSecret()), overlap), cancellationToken));
    }

    /// <summary>One inbox, with its secret for whoever may see it.</summary>
    public Task<Found<InboxSheet>> FindInboxAsync(Caller caller, Guid inbox, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<InboxSheet>(caller, Permission.RequireAgentOr(caller, Scopes.Inboxes), async () => await tenants.LoadInboxAsync(caller.Tenant, inbox, cancellationToken) is { } found
            ? ForEyesOf(caller, found)
            : Decision.NotFound("inbox").ToOutcome());
    }

    public Task<Found<Listing<InboxSheet>>> ListInboxesAsync(Caller caller, PageOf page, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ListAsync(caller, Permission.RequireAgentOr(caller, Scopes.Inboxes), page, async (after, limit) =>
            (IReadOnlyList<InboxSheet>)[.. (await tenants.ListInboxesAsync(caller.Tenant, after, limit, cancellationToken)).Select(inbox => ForEyesOf(caller, inbox))]);
    }

    /// <summary>An administrator makes an API key: with it one may act outside the groups of any master agent. Always carried out anew, because the key can be shown only once. <see cref="Outcome.Id"/> names it.</summary>
    public Task<Outcome> CreateKeyAsync(Caller caller, string name, Scopes scopes, DateTimeOffset? expiresAt, ImmutableArray<byte> credentialHash, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var refusal = Permission.RequireAdministrator(caller)
            ?? Shape.Name(name, "name", access.Value.MaxNameLength)
            ?? Shape.CredentialHash(credentialHash)
            ?? (scopes != Scopes.None && (scopes & ~AllScopes) == Scopes.None ? null : Shape.Malformed("scopes are empty or unknown."));
        return admission.CommandAsync(caller, refusal, () => Grain(caller).CreateKeyAsync(caller, null, new(Guid.CreateVersion7(), name, scopes, credentialHash) { ExpiresAt = expiresAt?.ToUniversalTime() }, cancellationToken));
    }

    /// <summary>An administrator gives a key another secret. Always carried out anew, because it can be shown only once. <see cref="KeyListing.PreviousUntil"/> is when the secret it had ends; one it had before that ends now.</summary>
    public Task<Found<KeyListing>> RotateKeyAsync(Caller caller, Guid key, ImmutableArray<byte> credentialHash, TimeSpan? overlap, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var refusal = Permission.RequireAdministrator(caller)
            ?? Shape.CredentialHash(credentialHash)
            ?? (overlap < TimeSpan.Zero ? Shape.Malformed("overlap_seconds must not be negative.") : null);
        return admission.ReadAsync<KeyListing>(caller, refusal, async () =>
        {
            if (await Grain(caller).RotateKeyAsync(caller, key, new(credentialHash, overlap), cancellationToken) is { IsOk: false } refused)
            {
                return refused.ToOutcome();
            }

            return await tenants.FindKeyAsync(caller.Tenant, key, cancellationToken) is { } found ? found : Decision.NotFound("key").ToOutcome();
        });
    }

    /// <summary>Revokes a key. Answers when no node serves it any more.</summary>
    public Task<Outcome> RevokeKeyAsync(Caller caller, Guid key, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var command = CommandKeys.Make(new("revokeKey", key), AccessJson.Default.TargetOf, 0, attempt, out var refusal);
        refusal ??= Permission.RequireAdministrator(caller);
        return admission.CommandAsync(caller, refusal, () => Grain(caller).RevokeKeyAsync(caller, command, key, cancellationToken));
    }

    public Task<Found<Listing<KeyListing>>> ListKeysAsync(Caller caller, PageOf page, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ListAsync(caller, Permission.RequireAdministrator(caller), page, (after, limit) => tenants.ListKeysAsync(caller.Tenant, after, limit, cancellationToken));
    }

    static Scopes AllScopes => Enum.GetValues<Scopes>().Aggregate((all, scope) => all | scope);

    static string RandomText(int bytes) => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(bytes));

    /// <summary>Who knows an inbox's secret can be any of its customers.</summary>
    InboxSheet ForEyesOf(Caller caller, InboxSnapshot inbox) =>
        Permission.RequireAdministratorOr(caller, Scopes.Inboxes) is null ? new(inbox.Row, inbox.Secret.OpenCurrent(secrets, inbox.Tenant, inbox.Row.Id), inbox.Secret.PreviousUntil) : new(inbox.Row, null, null);

    Outcome? CheckDepartments(ImmutableArray<Department> departments) =>
        Shape.Counted(departments.Length, "departments", nameof(AccessOptions.MaxDepartments), access.Value.MaxDepartments)
        ?? Shape.Each(departments, department => Shape.Id(department.QueueId, "departments.id") ?? Shape.Name(department.Name, "departments.name", access.Value.MaxNameLength))
        ?? Shape.Once([.. departments.Select(department => department.QueueId)], "departments.id")
        ?? Shape.Once([.. departments.Select(department => department.Name)], "departments.name", StringComparer.OrdinalIgnoreCase);

    async Task<Answer?> RefuseQueuesAsync(Caller caller, Guid? queue, ImmutableArray<Department> departments, CancellationToken cancellationToken)
    {
        foreach (var named in departments.Select(department => (Guid?)department.QueueId).Prepend(queue))
        {
            if (await RefuseQueueAsync(caller, named, cancellationToken) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    /// <summary>The queue that every account has needs no service. Should another one be removed meanwhile, what comes in waits in that one.</summary>
    async Task<Answer?> RefuseQueueAsync(Caller caller, Guid? queue, CancellationToken cancellationToken) =>
        queue is not { } named || named == caller.Tenant.Value ? null
        : await entitlements.RefuseAsync(caller.Tenant, Services.Queues, cancellationToken)
            ?? (await queues.LoadAsync(caller.Tenant, named, cancellationToken) is null ? Decision.NotFound("queue") : null);

    ITenantGrain Grain(Caller caller) => grains.GetGrain<ITenantGrain>(caller.Tenant.Key);
}

/// <summary>An inbox as somebody may see it.</summary>
/// <param name="Row">What it is.</param>
/// <param name="IdentitySecret">The key of the customers' identity HMAC; null for whoever may not see it, and when it was sealed with a key that is not here.</param>
/// <param name="PreviousUntil">When the one it had before its last rotation ends, or ended.</param>
public sealed record InboxSheet(InboxRow Row, string? IdentitySecret, DateTimeOffset? PreviousUntil);

/// <summary>An inbox to make.</summary>
public sealed record CreateInbox
{
    public required string Name { get; init; }

    /// <summary>Only customers whose identity the tenant has signed.</summary>
    public bool HmacMandatory { get; init; }

    /// <summary>Origins (RFC 6454) a browser may connect from; empty: any.</summary>
    public ImmutableArray<string> AllowedOrigins { get; init; } = [];

    /// <summary>Where its conversations wait; null: in the queue every account has.</summary>
    public Guid? QueueId { get; init; }

    /// <summary>The queues that customers may choose instead.</summary>
    public ImmutableArray<Department> Departments { get; init; } = [];
}
