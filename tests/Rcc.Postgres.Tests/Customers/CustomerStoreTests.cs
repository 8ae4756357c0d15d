using Rcc.Core.Customers;
using Rcc.Core.Sync;
using static Rcc.Postgres.Tests.Scene;

namespace Rcc.Postgres.Tests.Customers;

public class CustomerStoreTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    [Fact, Trait("Catalogue", "RCC-19")]
    public async Task A_contact_is_found_by_id_and_by_the_tenants_own_identifier()
    {
        ICustomerStore store = fixture.Stores.Customers;
        var scene = await OnboardAsync(fixture.Stores);
        var other = await OnboardAsync(fixture.Stores);
        var anonymous = await scene.AddCustomerAsync();
        var known = await scene.AddCustomerAsync("crm-9");

        var contact = await store.FindByIdentifierAsync(scene.Tenant, "crm-9", default);

        Assert.Equal((known.Id, "Zoë", (string?)null, "crm-9"), (contact!.Id, contact.Name, contact.Email, contact.Identifier));
        Assert.Equal(contact, await store.LoadAsync(scene.Tenant, known.Id, default));
        Assert.Null((await store.LoadAsync(scene.Tenant, anonymous.Id, default))!.Identifier);
        Assert.Null(await store.FindByIdentifierAsync(other.Tenant, "crm-9", default));
        Assert.Null(await store.LoadAsync(other.Tenant, known.Id, default));
        Assert.Equal([anonymous.Id], (await store.ListAsync(scene.Tenant, null, 1, default)).Select(c => c.Id));
        Assert.Equal([known.Id], (await store.ListAsync(scene.Tenant, anonymous.Id, 10, default)).Select(c => c.Id));

        await scene.AcceptAsync(new Proposal { Rows = [new ContactRow { Id = anonymous.Id, Name = "Max", Email = "max@example.com", Identifier = "crm-10" }] });
        var changed = await store.LoadAsync(scene.Tenant, anonymous.Id, default);
        Assert.Equal(("Max", "max@example.com", "crm-10"), (changed!.Name, changed.Email, changed.Identifier));
    }
}
