using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Core.Tenants;

namespace Rcc.Core.Access;

/// <summary>The door to the action record: a tenant's own, and what platform operators did.</summary>
public sealed class AuditDoor(IActStore acts, Admission admission, IOptions<AccessOptions> access)
{
    const int MaxWordLength = 40;

    /// <summary>A page of the account's acts, newest first. <paramref name="limit"/>: 1 … <see cref="AccessOptions.MaxListItems"/>; absent: 25.</summary>
    public Task<Found<Listing<RecordedAct>>> ListAsync(Caller caller, ActQuery which, int? limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(which);
        var length = Listing.Length(limit, access.Value);
        var refusal = Permission.RequireAdministratorOr(caller, Scopes.AuditLogs) ?? Refuse(which) ?? Shape.Limit(limit, access.Value.MaxListItems);
        return admission.ReadAsync<Listing<RecordedAct>>(
            caller, refusal, async () => Listing.Of(await acts.ListAsync(caller.Tenant, which with { Limit = length + 1 }, cancellationToken), length));
    }

    /// <summary>All acts that match, oldest first, read page by page while they are taken: an export holds neither memory nor a connection to the store.</summary>
    public Task<Found<IAsyncEnumerable<RecordedAct>>> ExportAsync(Caller caller, ActQuery which, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(which);
        var refusal = Permission.RequireAdministratorOr(caller, Scopes.AuditLogs) ?? Refuse(which);
        return admission.ReadAsync<IAsyncEnumerable<RecordedAct>>(caller, Services.Export, refusal, async () =>
        {
            var query = Whole(which);
            return await ReadAllAsync(last => acts.ListAsync(caller.Tenant, query with { After = last?.Position }, cancellationToken));
        });
    }

    /// <summary>A page of what platform operators did, newest first; to one account when it is given.</summary>
    public Task<Found<Listing<RecordedAct>>> ListOfOperatorsAsync(Operator caller, Guid? account, ActQuery which, PageOf page, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(which);
        return admission.ListAsync(Refuse(which), page, (after, limit) => acts.ListOfOperatorsAsync(account, which with { Limit = limit }, after, cancellationToken));
    }

    /// <summary>All that platform operators did and that matches, oldest first, read as the other export is.</summary>
    public Task<Found<IAsyncEnumerable<RecordedAct>>> ExportOfOperatorsAsync(Operator caller, Guid? account, ActQuery which, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(which);
        return admission.ReadAsync<IAsyncEnumerable<RecordedAct>>(Refuse(which), async () =>
        {
            var query = Whole(which);
            return await ReadAllAsync(last => acts.ListOfOperatorsAsync(account, query, last?.Id, cancellationToken));
        });
    }

    ActQuery Whole(ActQuery which) => which with { After = null, OldestFirst = true, Limit = access.Value.MaxListItems };

    static Outcome? Refuse(ActQuery which) =>
        Shape.OptionalName(which.ObjectType, "objectType", MaxWordLength) ?? Shape.OptionalName(which.Action, "action", MaxWordLength)
        ?? (which.Since >= which.Until ? Shape.Malformed("since must be before until.") : null);

    /// <summary>The first page is read at once, so that what is out of reach is told instead of beginning.</summary>
    async Task<Found<IAsyncEnumerable<RecordedAct>>> ReadAllAsync(Func<RecordedAct?, Task<IReadOnlyList<RecordedAct>>> read)
    {
        var first = await read(null);
        return new(Outcome.Done, FollowAsync());

        async IAsyncEnumerable<RecordedAct> FollowAsync()
        {
            for (var page = first; page.Count > 0; page = page.Count < access.Value.MaxListItems ? [] : await read(page[^1]))
            {
                foreach (var act in page)
                {
                    yield return act;
                }
            }
        }
    }
}
