using Rcc.Core.Devices;
using Rcc.Core.Sync;

namespace Rcc.Core.Customers;

/// <summary>The single writer of one customer. Rules are in <see cref="Contact"/>.</summary>
[GrainType("customer")]
internal sealed class CustomerGrain(ICustomerStore store, ILogStore answers, ISyncStore sync, TimeProvider clock)
    : DecidingGrain<ContactSnapshot>(answers), ICustomerGrain
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
        CarryOutAsync(caller, command, now => Contact.Create(id, now, contact, clock.GetUtcNow()), cancellationToken);

    public Task<Answer> EndAsync(Caller caller, CancellationToken cancellationToken) =>
        CarryOutEverywhereAsync(
            caller,
            null,
            sync,
            async now => Contact.End(
                now, (await sync.FindItemAsync(Tenant, new(ItemKind.Device, caller.DeviceId), cancellationToken))?.ToLiveDevice(), clock.GetUtcNow()),
            cancellationToken);

    protected override Task<ContactSnapshot?> LoadAsync(CancellationToken cancellationToken) => store.LoadAsync(Tenant, id, cancellationToken);
}
