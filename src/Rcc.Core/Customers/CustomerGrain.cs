using Microsoft.Extensions.Options;
using Rcc.Contracts.Customers;
using Rcc.Core.Devices;
using Rcc.Core.Sync;

namespace Rcc.Core.Customers;

/// <summary>The single writer of one customer. Rules are in <see cref="Contact"/>.</summary>
[GrainType("customer")]
internal sealed class CustomerGrain(ICustomerStore store, ILogStore answers, ISyncStore sync, TimeProvider clock, IOptions<CustomerOptions> options)
    : DecidingGrain<Dossier>(answers), ICustomerGrain
{
    Guid id;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        (Tenant, id) = TenantId.ParseOf(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public Task<Answer> BeginAsync(Guid inbox, VerifiedIdentity? identity, string? name, string? email, NewDevice device, CancellationToken cancellationToken) =>
        CarryOutAsync(null, null, now => Contact.Begin(id, now, inbox, identity, name, email, device), cancellationToken);

    public Task<Answer> CreateAsync(Caller caller, CommandKey? command, NewContact contact, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, now => Contact.Create(id, now, contact, clock.GetUtcNow(), options.Value), cancellationToken);

    public Task<Answer> EndAsync(Caller caller, CancellationToken cancellationToken) =>
        CarryOutEverywhereAsync(
            caller,
            null,
            sync,
            async now => Contact.End(
                now, (await sync.FindItemAsync(Tenant, new(ItemKind.Device, caller.DeviceId), cancellationToken))?.ToLiveDevice(), clock.GetUtcNow()),
            cancellationToken);

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
            async now => ContactMerge.Merge(now, caller, (await store.LoadAsync(Tenant, [other], cancellationToken)).SingleOrDefault(), options.Value),
            cancellationToken);

    public Task<Answer> UnmergeAsync(Caller caller, CommandKey? command, Guid other, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, now => ContactMerge.Unmerge(now, caller, other), cancellationToken);

    public async Task LookAsync(CancellationToken cancellationToken)
    {
        if (await store.FindDueAsync(Tenant, id, cancellationToken) is not { } due)
        {
            return;
        }

        // Who serves the customer is in nobody's revision: it is read now, after the stamp.
        Forget();
        DateTimeOffset? next = null;
        var answer = await CarryOutAsync(
            null,
            null,
            now =>
            {
                var decision = Contact.Look(now, clock.GetUtcNow());
                next = (decision.Next ?? now) is { } state ? ContactChange.NextExpiry(state) : null;
                return decision;
            },
            cancellationToken);
        if (answer.IsOk || answer == Contact.Settled)
        {
            await store.SettleAsync(Tenant, id, due.Stamp, next, cancellationToken);
        }
    }

    protected override async Task<Dossier?> LoadAsync(CancellationToken cancellationToken) => (await store.LoadAsync(Tenant, [id], cancellationToken)).SingleOrDefault();
}
