using System.Collections.Immutable;
using Rcc.Core.Agents;
using Rcc.Core.Sync;

namespace Rcc.Core.Tenants;

/// <summary>One tenant, keyed by <see cref="TenantId.Key"/>: onboarding, suspension, inboxes, keys (RCC-20).</summary>
[Alias("rcc.ITenantGrain")]
public interface ITenantGrain : IGrainWithStringKey
{
    /// <summary>Creates the tenant with its first master agent. <see cref="Contracts.ErrorCode.Taken"/> when the name for sign-in is used.</summary>
    [Alias("Onboard")]
    Task<Answer> OnboardAsync(Onboarding onboarding, CancellationToken cancellationToken);

    /// <summary>Suspends or resumes. Answers when every node has passed it: from then on everything of the tenant is refused, on live connections too.</summary>
    [Alias("Suspend")]
    Task<Answer> SetSuspendedAsync(Guid operatorId, bool suspended, CancellationToken cancellationToken);

    /// <summary>Changes what was agreed with the tenant.</summary>
    [Alias("SetTerms")]
    Task<Answer> SetTermsAsync(Guid operatorId, Terms terms, CancellationToken cancellationToken);

    /// <summary>Asks for the tenant's deletion. Asking again changes nothing.</summary>
    [Alias("Delete")]
    Task<Answer> DeleteAsync(Guid operatorId, CancellationToken cancellationToken);

    /// <summary>Cancels a deletion that still waits.</summary>
    [Alias("CancelDeletion")]
    Task<Answer> CancelDeletionAsync(Guid operatorId, CancellationToken cancellationToken);

    /// <summary>Ends a tenant whose deletion has waited. Answers when every node has passed it: from then on nothing of the tenant resolves.</summary>
    [Alias("End")]
    Task<Answer> EndAsync(CancellationToken cancellationToken);

    /// <summary>Records that an archive of the tenant was asked for.</summary>
    [Alias("RecordExport")]
    Task<Answer> RecordExportAsync(Guid operatorId, CancellationToken cancellationToken);

    /// <summary>A master agent changes the account's name, looks and policies.</summary>
    [Alias("Edit")]
    Task<Answer> EditAsync(Caller caller, CommandKey? command, AccountChange change, CancellationToken cancellationToken);

    [Alias("CreateInbox")]
    Task<Answer> CreateInboxAsync(Caller caller, CommandKey? command, NewInbox inbox, CancellationToken cancellationToken);

    [Alias("ChangeInbox")]
    Task<Answer> ChangeInboxAsync(Caller caller, CommandKey? command, Guid inbox, InboxChange change, CancellationToken cancellationToken);

    /// <summary>From when on the inbox takes no new customers and no new conversations; or takes them again.</summary>
    [Alias("ArchiveInbox")]
    Task<Answer> SetInboxArchivedAsync(Caller caller, CommandKey? command, Guid inbox, bool archived, CancellationToken cancellationToken);

    /// <summary>Gives an inbox another secret; the one it had stays good for a while.</summary>
    [Alias("RotateInboxSecret")]
    Task<Answer> RotateInboxSecretAsync(Caller caller, CommandKey? command, Guid inbox, SecretRotation rotation, CancellationToken cancellationToken);

    /// <summary>Removes an archived inbox that never had a conversation.</summary>
    [Alias("RemoveInbox")]
    Task<Answer> RemoveInboxAsync(Caller caller, CommandKey? command, Guid inbox, CancellationToken cancellationToken);

    /// <summary>Makes an API key; only its hash is kept.</summary>
    [Alias("CreateKey")]
    Task<Answer> CreateKeyAsync(Caller caller, CommandKey? command, NewKey key, CancellationToken cancellationToken);

    /// <summary>Revokes an API key, at once.</summary>
    [Alias("RevokeKey")]
    Task<Answer> RevokeKeyAsync(Caller caller, CommandKey? command, Guid key, CancellationToken cancellationToken);

    /// <summary>Gives an API key another secret.</summary>
    [Alias("RotateKey")]
    Task<Answer> RotateKeyAsync(Caller caller, Guid key, KeyRotation rotation, CancellationToken cancellationToken);

    /// <summary>The next number for people of a conversation of the tenant. Numbers are unique, not dense.</summary>
    [Alias("TakeDisplayId")]
    Task<long> TakeDisplayIdAsync(CancellationToken cancellationToken);
}

/// <summary>A new tenant.</summary>
[GenerateSerializer, Immutable, Alias("rcc.tenants.Onboarding")]
public sealed record Onboarding(
    [property: Id(0)] string Name,
    [property: Id(1)] string Slug,
    [property: Id(2)] Guid MasterAgentId,
    [property: Id(3)] string MasterName,
    [property: Id(4)] string MasterEmail,
    [property: Id(5)] string MasterPasswordHash)
{
    /// <summary>The platform operator who onboards it; absent: the server itself.</summary>
    [Id(6)] public Guid? OperatorId { get; init; }

    /// <summary>What was agreed.</summary>
    [Id(7)] public Terms Terms { get; init; } = new();

    /// <summary>The first administrator is to come by this; absent: it has a password.</summary>
    [Id(8)] public Invitation? MasterInvitation { get; init; }
}

/// <summary>What to change of an account; absent members stay, present ones replace the whole.</summary>
[GenerateSerializer, Immutable, Alias("rcc.tenants.AccountChange")]
public sealed record AccountChange
{
    [Id(0)] public string? Name { get; init; }

    [Id(1)] public Branding? Branding { get; init; }

    [Id(2)] public TenantPolicies? Policies { get; init; }
}

/// <summary>A new way in for customers.</summary>
[GenerateSerializer, Immutable, Alias("rcc.tenants.NewInbox")]
public sealed record NewInbox(
    [property: Id(0)] Guid Id,
    [property: Id(1)] string Identifier,
    [property: Id(2)] string Name,
    [property: Id(3)] ImmutableArray<byte> SealedSecret,
    [property: Id(4)] bool HmacMandatory,
    [property: Id(5)] ImmutableArray<string> AllowedOrigins,
    [property: Id(6)] Guid? QueueId = null)
{
    [Id(7)] public ImmutableArray<Department> Departments { get; init; } = [];
}

/// <summary>A queue that customers may choose, as <see cref="Rcc.Contracts.Tenants.InboxDepartment"/>.</summary>
[GenerateSerializer, Immutable, Alias("rcc.tenants.Department")]
public sealed record Department([property: Id(0)] Guid QueueId, [property: Id(1)] string Name);

/// <summary>What to change of an inbox; absent members stay.</summary>
[GenerateSerializer, Immutable, Alias("rcc.tenants.InboxChange")]
public sealed record InboxChange
{
    [Id(0)] public string? Name { get; init; }

    [Id(1)] public bool? HmacMandatory { get; init; }

    [Id(2)] public ImmutableArray<string>? AllowedOrigins { get; init; }

    [Id(3)] public Guid? QueueId { get; init; }

    [Id(4)] public ImmutableArray<Department>? Departments { get; init; }
}

/// <summary>Another secret for an inbox, sealed. <paramref name="Overlap"/> is how long the one it had is good; absent: <see cref="TenantOptions.KeyOverlap"/>.</summary>
[GenerateSerializer, Immutable, Alias("rcc.tenants.SecretRotation")]
public sealed record SecretRotation([property: Id(0)] ImmutableArray<byte> SealedSecret, [property: Id(1)] TimeSpan? Overlap);

/// <summary>A new API key.</summary>
[GenerateSerializer, Immutable, Alias("rcc.tenants.NewKey")]
public sealed record NewKey(
    [property: Id(0)] Guid Id,
    [property: Id(1)] string Name,
    [property: Id(2)] Scopes Scopes,
    [property: Id(3)] ImmutableArray<byte> CredentialHash)
{
    /// <summary>From when on it is good for nothing; absent: never.</summary>
    [Id(4)] public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>Another secret for an API key. <paramref name="Overlap"/> is how long the one it had is good; absent: <see cref="TenantOptions.KeyOverlap"/>.</summary>
[GenerateSerializer, Immutable, Alias("rcc.tenants.KeyRotation")]
public sealed record KeyRotation([property: Id(0)] ImmutableArray<byte> CredentialHash, [property: Id(1)] TimeSpan? Overlap);

/// <summary>The tenant's row. Its status is what every append checks first.</summary>
[GenerateSerializer, Immutable, Alias("rcc.tenants.TenantRow")]
public sealed record TenantRow : RowWrite
{
    [Id(0)] public required string Name { get; init; }

    /// <summary>The account's name at sign-in: unique on the server, 1 … 40 of <c>a–z 0–9 -</c>.</summary>
    [Id(1)] public required string Slug { get; init; }

    [Id(2)] public bool Suspended { get; init; }

    [Id(3)] public Terms Terms { get; init; } = new();

    [Id(4)] public Branding Branding { get; init; } = new();

    [Id(5)] public TenantPolicies Policies { get; init; } = new();

    /// <summary>It is to be deleted; absent: it is not.</summary>
    [Id(6)] public TenantDeletion? Deletion { get; init; }

    /// <summary>Nothing of it resolves any more, and nothing is appended.</summary>
    [Id(7)] public bool Ended { get; init; }
}

/// <summary>A tenant's deletion, while it waits.</summary>
/// <param name="At">When the tenant ends; until then it works on, and the deletion may be cancelled.</param>
/// <param name="OperatorId">The platform operator who asked for it.</param>
[GenerateSerializer, Immutable, Alias("rcc.tenants.TenantDeletion")]
public sealed record TenantDeletion([property: Id(0)] DateTimeOffset At, [property: Id(1)] Guid OperatorId);

/// <summary>The inbox's row.</summary>
[GenerateSerializer, Immutable, Alias("rcc.tenants.InboxRow")]
public sealed record InboxRow : RowWrite
{
    [Id(0)] public required Guid Id { get; init; }

    /// <summary>The public token of the inbox, unique on the server.</summary>
    [Id(1)] public required string Identifier { get; init; }

    [Id(2)] public required string Name { get; init; }

    [Id(3)] public bool HmacMandatory { get; init; }

    /// <summary>Origins a browser may connect from; empty: any.</summary>
    [Id(4)] public ImmutableArray<string> AllowedOrigins { get; init; } = [];

    /// <summary>Where its conversations wait; null: in the queue every tenant has.</summary>
    [Id(5)] public Guid? QueueId { get; init; }

    /// <summary>It takes no new customers and no new conversations.</summary>
    [Id(6)] public bool IsArchived { get; init; }

    /// <summary>The row goes.</summary>
    [Id(7)] public bool IsRemoved { get; init; }

    /// <summary>What its customers may choose instead of <see cref="QueueId"/>.</summary>
    [Id(8)] public ImmutableArray<Department> Departments { get; init; } = [];
}
