using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Core.Tenants;

namespace Rcc.Core.Access;

/// <summary>The door to the action record: a tenant's own, and what platform operators did.</summary>
public sealed class AuditDoor(IActStore acts, Admission admission, IOptions<AccessOptions> access)
{
    /// <summary>A page of the account's acts, newest first.</summary>
    public Task<Found<Listing<RecordedAct>>> ListAsync(Caller caller, ActFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(filter);
        var length = Listing.Length(filter.Limit, access.Value);
        var refusal = Permission.RequireAdministratorOr(caller, Scopes.AuditLogs) ?? filter.Refuse() ?? Shape.Limit(filter.Limit, access.Value.MaxListItems);
        return admission.ReadAsync<Listing<RecordedAct>>(
            caller, refusal, async () => Listing.Of(await acts.ListAsync(caller.Tenant, filter.ToQuery(length + 1), cancellationToken), length));
    }

    /// <summary>All acts that match, oldest first, read page by page while they are taken: an export holds neither memory nor a connection to the store.</summary>
    public Task<Found<IAsyncEnumerable<RecordedAct>>> ExportAsync(Caller caller, ActFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(filter);
        var refusal = Permission.RequireAdministratorOr(caller, Scopes.AuditLogs) ?? filter.Refuse();
        return admission.ReadAsync<IAsyncEnumerable<RecordedAct>>(caller, Services.Export, refusal, async () =>
        {
            var query = filter.ToQuery(access.Value.MaxListItems) with { After = null, OldestFirst = true };
            return new(Outcome.Done, ReadAllAsync(caller.Tenant, query, await acts.ListAsync(caller.Tenant, query, cancellationToken), cancellationToken));
        });
    }

    /// <summary>A page of what platform operators did, newest first; of one account when it is given.</summary>
    public Task<Found<Listing<RecordedAct>>> ListOfOperatorsAsync(Operator caller, Guid? account, PageOf page, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ListAsync(null, page, (before, limit) => acts.ListOfOperatorsAsync(account, before, limit, cancellationToken));
    }

    async IAsyncEnumerable<RecordedAct> ReadAllAsync(TenantId tenant, ActQuery query, IReadOnlyList<RecordedAct> page, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            foreach (var act in page)
            {
                yield return act;
            }

            if (page.Count < query.Limit)
            {
                yield break;
            }

            page = await acts.ListAsync(tenant, query with { After = page[^1].Position }, cancellationToken);
        }
    }
}

/// <summary>Which acts of an account to list; what is absent is not asked for.</summary>
public sealed record ActFilter
{
    const int MaxWordLength = 40;

    public Guid? ActorId { get; init; }

    /// <summary>1 … 40 characters.</summary>
    public string? ObjectType { get; init; }

    public Guid? ObjectId { get; init; }

    /// <summary>1 … 40 characters.</summary>
    public string? Action { get; init; }

    public DateTimeOffset? Since { get; init; }

    public DateTimeOffset? Until { get; init; }

    /// <summary>The position of the last one of the page before.</summary>
    public long? Before { get; init; }

    /// <summary>1 … <see cref="AccessOptions.MaxListItems"/>; absent: 25.</summary>
    public int? Limit { get; init; }

    internal Outcome? Refuse() =>
        Shape.OptionalName(ObjectType, "objectType", MaxWordLength) ?? Shape.OptionalName(Action, "action", MaxWordLength)
        ?? (Since >= Until ? Shape.Malformed("since must be before until.") : null);

    internal ActQuery ToQuery(int limit) =>
        new() { ActorId = ActorId, ObjectType = ObjectType, ObjectId = ObjectId, Action = Action, Since = Since, Until = Until, After = Before, Limit = limit };
}
