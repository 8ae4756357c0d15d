namespace Rcc.Core.Tenants;

/// <summary>Reads of tenants, inboxes and keys. They are written through the log only. A tenant that has ended is not found.</summary>
public interface ITenantStore
{
    Task<TenantSnapshot?> LoadAsync(TenantId tenant, CancellationToken cancellationToken);

    /// <summary>By its name for signing in.</summary>
    Task<TenantSnapshot?> FindAsync(string slug, CancellationToken cancellationToken);

    Task<InboxSnapshot?> LoadInboxAsync(TenantId tenant, Guid inbox, CancellationToken cancellationToken);

    /// <summary>By its public token, over all tenants: the token is what tells the tenant.</summary>
    Task<InboxSnapshot?> FindInboxAsync(string identifier, CancellationToken cancellationToken);

    Task<IReadOnlyList<InboxSnapshot>> ListInboxesAsync(TenantId tenant, Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>Whether there is, or was, a conversation in the inbox.</summary>
    Task<bool> HasConversationsAsync(TenantId tenant, Guid inbox, CancellationToken cancellationToken);

    Task<KeyListing?> FindKeyAsync(TenantId tenant, Guid key, CancellationToken cancellationToken);

    /// <summary>Keys that are neither revoked nor expired.</summary>
    Task<int> CountKeysAsync(TenantId tenant, CancellationToken cancellationToken);

    Task<IReadOnlyList<KeyListing>> ListKeysAsync(TenantId tenant, Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>For the platform operator.</summary>
    Task<IReadOnlyList<TenantSnapshot>> ListAsync(Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>The highest number for people given to a conversation of the tenant; 0 for none.</summary>
    Task<long> ReadHighestDisplayIdAsync(TenantId tenant, CancellationToken cancellationToken);
}

/// <summary>A tenant as stored.</summary>
public sealed record TenantSnapshot(TenantId Id, int Revision, string Name, string Slug, bool Suspended, DateTimeOffset CreatedAt)
{
    public Terms Terms { get; init; } = new();

    public Branding Branding { get; init; } = new();

    public TenantPolicies Policies { get; init; } = new();

    public TenantDeletion? Deletion { get; init; }
}

/// <summary>An inbox as stored. <paramref name="Revision"/> is that of its item.</summary>
public sealed record InboxSnapshot(TenantId Tenant, InboxRow Row, int Revision)
{
    public InboxSecret Secret { get; init; } = new();
}

/// <summary>An API key in a list.</summary>
/// <param name="Id">The key.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="RevokedAt">When it was revoked.</param>
/// <param name="PreviousUntil">When the secret it had before its last rotation ends, or ended.</param>
/// <param name="ExpiresAt">From when on it is good for nothing; null: never.</param>
public sealed record KeyListing(Guid Id, string Name, Scopes Scopes, DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt, DateTimeOffset? PreviousUntil = null, DateTimeOffset? ExpiresAt = null);
