using Rcc.Contracts.Sync;

namespace Rcc.Core.Tenants;

/// <summary>Reads of the action record. It is written through the log only, in the commit of what was done.</summary>
public interface IActStore
{
    /// <summary>The acts of a tenant.</summary>
    Task<IReadOnlyList<RecordedAct>> ListAsync(TenantId tenant, ActQuery query, CancellationToken cancellationToken);

    /// <summary>What platform operators did, over all tenants or to one.</summary>
    /// <param name="tenant">To which; null: to all.</param>
    /// <param name="query">Which acts. Its <see cref="ActQuery.After"/> is a place in one tenant's order, and says nothing here.</param>
    /// <param name="after">The id of the last one of the page before.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<IReadOnlyList<RecordedAct>> ListOfOperatorsAsync(Guid? tenant, ActQuery query, Guid? after, CancellationToken cancellationToken);
}

/// <summary>Which acts; what is absent is not asked for.</summary>
public sealed record ActQuery
{
    /// <summary>A person, an application, or a platform operator.</summary>
    public Guid? ActorId { get; init; }

    /// <summary>1 … 40 characters.</summary>
    public string? ObjectType { get; init; }

    public Guid? ObjectId { get; init; }

    /// <summary>1 … 40 characters.</summary>
    public string? Action { get; init; }

    /// <summary>At or after.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Before.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The <see cref="RecordedAct.Position"/> of the last one of the page before.</summary>
    public long? After { get; init; }

    /// <summary>Oldest first, as for an export; else newest first.</summary>
    public bool OldestFirst { get; init; }

    /// <summary>How many at most.</summary>
    public int Limit { get; init; }
}

/// <summary>An act as it is kept.</summary>
/// <param name="Position">Its place in the tenant's order.</param>
/// <param name="Id">Names it.</param>
/// <param name="Tenant">Whose it is.</param>
/// <param name="At">When it was committed.</param>
/// <param name="Actor">Who did it; null: the server itself.</param>
/// <param name="ObjectType">As in <see cref="Sync.Act"/>.</param>
/// <param name="ObjectId">As in <see cref="Sync.Act"/>.</param>
/// <param name="Action">As in <see cref="Sync.Act"/>.</param>
/// <param name="Detail">As in <see cref="Sync.Act"/>.</param>
/// <param name="Changes">What became other than it was, as JSON: of each member <c>from</c> and <c>to</c>, where there was and is a value and it is kept; <c>cut</c> where it was too long.</param>
public sealed record RecordedAct(
    long Position, Guid Id, TenantId Tenant, DateTimeOffset At, Actor? Actor, string ObjectType, Guid ObjectId, string Action, string? Detail, string? Changes);

/// <summary>Who did something.</summary>
/// <param name="Id">The person, the application, or the platform operator.</param>
/// <param name="DeviceId">On which device; null for a platform operator.</param>
/// <param name="Role">What it was; null for a platform operator.</param>
/// <param name="Name">Its name as it is now; null when it is no longer known, and for a platform operator.</param>
public sealed record Actor(Guid Id, Guid? DeviceId, Role? Role, string? Name);
