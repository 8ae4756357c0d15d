using System.Runtime.CompilerServices;
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
            var query = which with { After = null, OldestFirst = true, Limit = access.Value.MaxListItems };
            return new(Outcome.Done, ReadAllAsync(caller.Tenant, query, await acts.ListAsync(caller.Tenant, query, cancellationToken), cancellationToken));
        });
    }

    /// <summary>A page of what platform operators did, newest first; of one account when it is given.</summary>
    public Task<Found<Listing<RecordedAct>>> ListOfOperatorsAsync(Operator caller, Guid? account, PageOf page, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ListAsync(null, page, (before, limit) => acts.ListOfOperatorsAsync(account, before, limit, cancellationToken));
    }

    static Outcome? Refuse(ActQuery which) =>
        Shape.OptionalName(which.ObjectType, "objectType", MaxWordLength) ?? Shape.OptionalName(which.Action, "action", MaxWordLength)
        ?? (which.Since >= which.Until ? Shape.Malformed("since must be before until.") : null);

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
