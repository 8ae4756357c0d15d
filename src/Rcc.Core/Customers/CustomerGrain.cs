using Microsoft.Extensions.Options;
using Rcc.Contracts.Customers;
using Rcc.Core.Devices;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Customers;

/// <summary>The single writer of one customer. Rules are in <see cref="Contact"/>.</summary>
[GrainType("customer")]
internal sealed class CustomerGrain(ICustomerStore store, ISyncStore sync, KnownTerms terms, ContextLookups lookups, TimeProvider clock, IOptions<CustomerOptions> options)
    : DecidingGrain<Dossier>, ICustomerGrain
{
    /// <summary>Devices of an erased customer, or of one who has too many, that are signed out in one commit.</summary>
    const int DevicesAtOnce = 50;

    public Task<Answer> BeginAsync(Guid inbox, VerifiedIdentity? identity, string? name, string? email, NewDevice device, CancellationToken cancellationToken) =>
        CarryOutAsync(
            null,
            null,
            async now => Contact.Begin(
                Id, now, inbox, identity, name, email, device, now is null ? [] : await store.ListLiveDevicesAsync(Tenant, Id, options.Value.MaxDevices + DevicesAtOnce, cancellationToken), options.Value),
            cancellationToken);

    public Task<Answer> CreateAsync(Caller caller, CommandKey? command, NewContact contact, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, now => Contact.Create(Id, now, contact, clock.GetUtcNow(), options.Value), cancellationToken);

    public Task<Answer> EndAsync(Caller caller, CancellationToken cancellationToken) =>
        CarryOutEverywhereAsync(
            caller,
            null,
            sync,
            async now => Contact.End(
                now, (await sync.FindItemAsync(Tenant, new(ItemKind.Device, caller.DeviceId), cancellationToken))?.ToLiveDevice(), clock.GetUtcNow()),
            cancellationToken);

    public async Task<Answer> EraseAsync(Caller caller, CommandKey? command, CancellationToken cancellationToken)
    {
        // What it has open is in nobody's revision.
        Forget();
        var answer = await CarryOutAsync(caller, command, now => Contact.Erase(now, clock.GetUtcNow()), cancellationToken);
        if (!answer.IsOk)
        {
            return answer;
        }

        // From here on no session can begin, and nothing more can be merged into it.
        var forgotten = await CarryOutAsync(
            null,
            null,
            async now => Contact.ForgetVolatile(now, await ReadAsync(now?.Merged.Select(merged => new ItemKey(ItemKind.VolatileRecord, merged.Id)) ?? [], cancellationToken)),
            cancellationToken);
        if (!forgotten.IsOk && forgotten != Contact.Settled)
        {
            return forgotten;
        }

        foreach (var devices in (await store.ListDevicesAsync(Tenant, Id, cancellationToken)).Chunk(DevicesAtOnce))
        {
            var persons = devices.ToDictionary(device => device.Device, device => device.Contact);
            var ended = await CarryOutAsync(
                null,
                null,
                async now => Contact.ForgetDevices(
                    now, (await ReadAsync(persons.Keys.Select(device => new ItemKey(ItemKind.Device, device)), cancellationToken)).Select(item => (persons[item.Key.Id], item)), clock.GetUtcNow()),
                cancellationToken);
            if (!ended.IsOk && ended != Contact.Settled)
            {
                return ended;
            }
        }

        await Log.WaitUntilPassedAsync((await sync.ReadNewestAsync([Tenant], cancellationToken))[0], cancellationToken);
        return answer;
    }

    public Task<Answer> EditAsync(Caller caller, CommandKey? command, ContactEdit edit, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, now => Contact.Edit(now, caller, edit, options.Value), cancellationToken);

    public Task<Answer> PutAddressAsync(Caller caller, CommandKey? command, AddressKind kind, string value, bool? verified, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, now => Contact.PutAddress(now, caller, kind, value, verified, options.Value), cancellationToken);

    public Task<Answer> RemoveAddressAsync(Caller caller, CommandKey? command, AddressKind kind, string value, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, now => Contact.RemoveAddress(now, caller, kind, value), cancellationToken);

    public Task<Answer> SetContextAsync(Caller caller, CommandKey? command, NewContext context, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, now => Contact.SetContext(now, caller, context, clock.GetUtcNow(), options.Value), cancellationToken);

    public Task<Answer> ClearContextAsync(Caller caller, CommandKey? command, string name, ContextSource? source, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, now => Contact.ClearContext(now, caller, name, source), cancellationToken);

    public Task<Answer> MergeAsync(Caller caller, CommandKey? command, Guid other, CancellationToken cancellationToken) =>
        CarryOutAsync(
            caller,
            command,
            async now => ContactMerge.Merge(now, caller, (await store.LoadAsync(Tenant, [other], cancellationToken)).SingleOrDefault(), clock.GetUtcNow(), options.Value),
            cancellationToken);

    public Task<Answer> UnmergeAsync(Caller caller, CommandKey? command, Guid other, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, now => ContactMerge.Unmerge(now, caller, other, clock.GetUtcNow()), cancellationToken);

    public async Task LookAsync(CancellationToken cancellationToken)
    {
        if (await store.FindDueAsync(Tenant, Id, cancellationToken) is not { } due)
        {
            return;
        }

        // Who serves the customer is in nobody's revision: it is read now, after the stamp.
        Forget();
        Dossier? latest = null;
        var answer = await CarryOutAsync(
            null,
            null,
            now =>
            {
                var decision = Contact.Look(now, clock.GetUtcNow());
                latest = decision.Next ?? now;
                return decision;
            },
            cancellationToken);
        if (!answer.IsOk && answer != Contact.Settled)
        {
            return;
        }

        var next = latest is null ? null : ContactChange.NextExpiry(latest);
        if (due.Lookup is { } lookup)
        {
            var retry = clock.GetUtcNow() + options.Value.LookupRetry;
            next = await BeginLookupAsync(latest, lookup, cancellationToken) && !(next < retry) ? retry : next;
        }
        else if (latest is { Refreshed.IsEmpty: false, FreshUntil: var fresh } && await MayLookUpAsync(cancellationToken))
        {
            if (!(fresh > clock.GetUtcNow()) && (await AskForLookupAsync(cancellationToken)).IsOk)
            {
                // The contact is due for it now, by another stamp.
                await LookAsync(cancellationToken);
                return;
            }

            next = fresh is { } again && !(next < again) ? again : next;
        }

        await store.SettleAsync(Tenant, Id, due.Stamp, next, cancellationToken);
    }

    public async Task<Answer> RequestLookupAsync(Caller caller, CommandKey? command, CancellationToken cancellationToken)
    {
        var answer = await CarryOutAsync(caller, command, now => Contact.RequestLookup(now, caller, clock.GetUtcNow()), cancellationToken);
        if (answer.IsOk)
        {
            await LookAsync(cancellationToken);
        }

        return answer;
    }

    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        if ((await store.FindDueAsync(Tenant, Id, cancellationToken))?.Lookup is null && await MayLookUpAsync(cancellationToken) && (await AskForLookupAsync(cancellationToken)).IsOk)
        {
            await LookAsync(cancellationToken);
        }
    }

    public async Task<bool> TakeLookupAsync(Guid lookup, LookupOrigin origin, LookupResult result, bool ends, CancellationToken cancellationToken)
    {
        var answer = await CarryOutAsync(null, null, now => Contact.TakeLookup(now, origin, result, clock.GetUtcNow(), options.Value), cancellationToken);
        var isTaken = answer.IsOk || answer == Contact.MergedMeanwhile || answer.Code == ErrorCode.NotFound;
        if (isTaken && ends)
        {
            await store.FinishLookupAsync(Tenant, Id, lookup, cancellationToken);
        }

        return isTaken;
    }

    Task<Answer> AskForLookupAsync(CancellationToken cancellationToken) => CarryOutAsync(null, null, now => Contact.Refresh(now, clock.GetUtcNow()), cancellationToken);

    /// <summary>Whether the tenant has contracted lookups.</summary>
    async Task<bool> MayLookUpAsync(CancellationToken cancellationToken) => (await terms.FindAsync(Tenant, cancellationToken))?.Terms.Has(Services.ContextLookup) == true;

    /// <summary>Whether a lookup has begun: not where the tenant has none, or no such service, or another contact counts.</summary>
    async Task<bool> BeginLookupAsync(Dossier? contact, Guid lookup, CancellationToken cancellationToken)
    {
        if (contact is { IsLookedUp: true, Rules.Lookup: var where } && await MayLookUpAsync(cancellationToken))
        {
            lookups.Begin(new(Tenant, lookup, where, Id, contact.Combined));
            return true;
        }

        await store.FinishLookupAsync(Tenant, Id, lookup, cancellationToken);
        return false;
    }

    async Task<List<StoredItem>> ReadAsync(IEnumerable<ItemKey> keys, CancellationToken cancellationToken)
    {
        List<StoredItem> items = [];
        foreach (var key in keys)
        {
            if (await sync.FindItemAsync(Tenant, key, cancellationToken) is { } item)
            {
                items.Add(item);
            }
        }

        return items;
    }

    protected override async Task<Dossier?> LoadAsync(CancellationToken cancellationToken) => (await store.LoadAsync(Tenant, [Id], cancellationToken)).SingleOrDefault();
}
