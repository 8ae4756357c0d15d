using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Core.Conversations;
using Rcc.Core.Routing;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Access;

/// <summary>The door to how conversations of an inbox, or of a queue, may end.</summary>
public sealed class DispositionDoor(
    IGrainFactory grains, ISyncStore items, ITenantStore tenants, IQueueStore queues, Admission admission, IOptions<AccessOptions> access, IOptions<ConversationOptions> limits)
{
    /// <summary>The list of an inbox, or with <paramref name="isQueue"/> of a queue; empty when nobody has set one.</summary>
    public Task<Found<DispositionsState>> FindAsync(Caller caller, Guid of, bool isQueue, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<DispositionsState>(caller, Permission.RequireAgentOr(caller, Scopes.Inboxes), async () =>
        {
            var exists = isQueue ? await FindQueueAsync(caller, of, cancellationToken) is not null : await tenants.LoadInboxAsync(caller.Tenant, of, cancellationToken) is not null;
            return !exists ? Decision.NotFound(isQueue ? "queue" : "inbox").ToOutcome()
                : await items.FindItemAsync(caller.Tenant, Dispositions.Key(of), cancellationToken) is { } item ? Dispositions.Read(item)
                : new DispositionsState();
        });
    }

    /// <summary>Replaces the list: of a queue whoever keeps it, of an inbox an administrator, since an inbox is the account's and no group's.</summary>
    public Task<Outcome> SetAsync(Caller caller, Guid of, bool isQueue, DispositionsState list, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(list);
        var key = CommandKeys.Make(new("dispositions", of, string.Join('\n', list.Names.Append(list.Required ? "required" : ""))), AccessJson.Default.TargetOf, 0, attempt, out var refusal);
        refusal ??= (isQueue ? Permission.RequireMasterOr(caller, Scopes.Inboxes) : Permission.RequireAdministratorOr(caller, Scopes.Inboxes)) ?? Check(list.Names);
        return admission.CommandAsync(caller, refusal, async () => await RefuseAsync(caller, of, isQueue, cancellationToken)
            ?? await grains.GetGrain<IDispositionsGrain>(caller.Tenant.KeyOf(of)).SetAsync(caller, key, isQueue ? "queue" : "inbox", [.. list.Names], list.Required, cancellationToken));
    }

    Outcome? Check(IReadOnlyList<string> names) =>
        Shape.Counted(names.Count, "names", nameof(ConversationOptions.MaxDispositions), limits.Value.MaxDispositions)
        ?? Shape.Each(names, name => Shape.Name(name, "names", access.Value.MaxNameLength))
        ?? Shape.Once(names, "names", StringComparer.OrdinalIgnoreCase);

    /// <summary>Null when the caller keeps the inbox or queue.</summary>
    async Task<Answer?> RefuseAsync(Caller caller, Guid of, bool isQueue, CancellationToken cancellationToken)
    {
        if (isQueue)
        {
            return Queue.Refuse(await FindQueueAsync(caller, of, cancellationToken), caller);
        }

        return await tenants.LoadInboxAsync(caller.Tenant, of, cancellationToken) is null ? Decision.NotFound("inbox") : null;
    }

    async Task<QueueSnapshot?> FindQueueAsync(Caller caller, Guid queue, CancellationToken cancellationToken) =>
        QueueSnapshot.Or(await queues.LoadAsync(caller.Tenant, queue, cancellationToken), caller.Tenant, queue);
}
