using Rcc.Contracts.Sync;
using Rcc.Core;
using Rcc.Core.Devices;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;
using static Rcc.Postgres.Tests.Scene;

namespace Rcc.Postgres.Tests.Tenants;

public class TenantStoreTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    ITenantStore Store => fixture.Stores.Tenants;

    [Fact, Trait("Catalogue", "RCC-20")]
    public async Task A_tenant_is_loaded_and_its_suspension_is_seen()
    {
        var scene = await OnboardAsync(fixture.Stores);

        var tenant = await Store.LoadAsync(scene.Tenant, default);

        Assert.Equal((scene.Tenant, 1, "Acme", scene.Slug, false), (tenant!.Id, tenant.Revision, tenant.Name, tenant.Slug, tenant.Suspended));
        await scene.SuspendAsync(true);
        Assert.Equal(tenant with { Revision = 2, Suspended = true }, await Store.LoadAsync(scene.Tenant, default));
        await scene.SuspendAsync(false);
        Assert.Equal(tenant with { Revision = 3 }, await Store.LoadAsync(scene.Tenant, default));
        Assert.Null(await Store.LoadAsync(new TenantId(Guid.CreateVersion7()), default));
    }

    [Fact]
    public async Task Tenants_are_listed_for_the_operator_page_by_page()
    {
        var first = await OnboardAsync(fixture.Stores);
        var second = await OnboardAsync(fixture.Stores);

        Assert.Equal([first.Tenant, second.Tenant], (await Store.ListAsync(null, 1000, default)).Select(tenant => tenant.Id).Where(id => id == first.Tenant || id == second.Tenant));
        Assert.Equal(second.Tenant, (await Store.ListAsync(first.Tenant.Value, 1, default))[0].Id);
    }

    [Fact]
    public async Task An_inbox_is_found_by_its_token_over_all_tenants_and_by_id_in_its_own()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var other = await OnboardAsync(fixture.Stores);

        var inbox = await Store.FindInboxAsync("i-" + scene.Slug, default);

        Assert.Equal((scene.Tenant, scene.Inbox, false), (inbox!.Tenant, inbox.Row.Id, inbox.Row.HmacMandatory));
        Assert.Equal(["https://shop.example"], inbox.Row.AllowedOrigins);
        Assert.Equal(inbox.Row.Identifier, (await Store.LoadInboxAsync(scene.Tenant, scene.Inbox, default))!.Row.Identifier);
        Assert.Null(await Store.LoadInboxAsync(other.Tenant, scene.Inbox, default));
        Assert.Null(await Store.FindInboxAsync("unknown", default));
        Assert.Equal([scene.Inbox], (await Store.ListInboxesAsync(scene.Tenant, null, 10, default)).Select(i => i.Row.Id));
        Assert.Empty(await Store.ListInboxesAsync(scene.Tenant, scene.Inbox, 10, default));
        await scene.AcceptAsync(new Proposal { Rows = [inbox.Row with { Name = "Shop", HmacMandatory = true, AllowedOrigins = [] }] });
        var changed = await Store.LoadInboxAsync(scene.Tenant, scene.Inbox, default);
        Assert.Equal(("Shop", true, 0), (changed!.Row.Name, changed.Row.HmacMandatory, changed.Row.AllowedOrigins.Length));
    }

    [Fact, Trait("Catalogue", "STOR-15")]
    public async Task Keys_are_listed_with_their_scopes_also_when_revoked()
    {
        var scene = await OnboardAsync(fixture.Stores);
        await scene.AddAgentAsync();
        var key = NewSomebody(Role.Application);
        await scene.AcceptAsync(new Proposal { Rows = [DeviceOf(key) with { Name = "CRM", Scopes = Scopes.AgentsRead | Scopes.ContactsWrite }] });

        Assert.Equal([new KeyListing(key.Device, "CRM", Scopes.AgentsRead | Scopes.ContactsWrite, DateTimeOffset.UnixEpoch, null)], await Store.ListKeysAsync(scene.Tenant, null, 10, default));
        await scene.AcceptAsync(new Proposal { Rows = [new DeviceSignOutRow { Id = key.Device, SignedOutAt = DateTimeOffset.UnixEpoch.AddDays(1) }] });

        // A second sign-out changes nothing.
        await scene.AcceptAsync(new Proposal { Rows = [new DeviceSignOutRow { Id = key.Device, SignedOutAt = DateTimeOffset.UnixEpoch.AddDays(2) }] });
        Assert.Equal(DateTimeOffset.UnixEpoch.AddDays(1), (await Store.ListKeysAsync(scene.Tenant, null, 10, default))[0].RevokedAt);
    }
}
