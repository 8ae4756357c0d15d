using Rcc.Contracts.Customers;
using Rcc.Contracts.Sync;
using Rcc.Core;
using Rcc.Core.Customers;
using static Rcc.Postgres.Tests.Scene;

namespace Rcc.Postgres.Tests.Customers;

/// <summary>Contacts found by what they have subscribed to.</summary>
[Trait("Catalogue", "RCC-50")]
public class SubscriptionStoreTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    static readonly DateTimeOffset Noon = new(2026, 6, 15, 12, 0, 0, TimeSpan.Zero);

    static readonly Caller Application = new() { Tenant = new(Guid.NewGuid()), PersonId = Guid.NewGuid(), DeviceId = Guid.NewGuid(), Role = Role.Application };

    static readonly CustomerOptions Options = new();

    ICustomerStore Store => fixture.Stores.Customers;

    [Fact]
    public async Task Service_plan_and_status_are_those_of_one_subscription_and_of_one_tenant_page_by_page()
    {
        var (scene, other) = (await OnboardAsync(fixture.Stores), await OnboardAsync(fixture.Stores));
        var (ada, bob, zoe) = (await CreateAsync(scene, "Ada"), await CreateAsync(scene, "Bob"), await CreateAsync(scene, "Zoe"));
        var elsewhere = await CreateAsync(other, "Ada");
        await SetAsync(scene, ada, "tv", """{"status":"active","plan":"gold"}""");
        await SetAsync(scene, ada, "mobile/1", """{"status":"past_due","plan":"basic"}""");
        await SetAsync(scene, ada, "mobile/2", """{"status":"active","plan":"basic"}""");
        await SetAsync(scene, bob, "tv", """{"status":"past_due","plan":"gold"}""");
        await SetAsync(scene, zoe, "mobile", """{"status":"active"}""");
        await SetAsync(other, elsewhere, "tv", """{"status":"active","plan":"gold"}""");

        Assert.Equal([ada, bob], await FindAsync(scene, new("tv")));
        Assert.Equal([ada, zoe], await FindAsync(scene, new("mobile")));
        Assert.Equal([ada], await FindAsync(scene, new(Plan: "basic")));
        Assert.Equal([ada, zoe], await FindAsync(scene, new(Status: SubscriptionStatus.Active)));
        Assert.Equal([ada, bob], await FindAsync(scene, new(Status: SubscriptionStatus.PastDue)));
        Assert.Equal([bob], await FindAsync(scene, new("tv", "gold", SubscriptionStatus.PastDue)));
        Assert.Equal([ada], await FindAsync(scene, new("mobile", "basic", SubscriptionStatus.PastDue)));
        Assert.Empty(await FindAsync(scene, new("tv", "basic")));
        Assert.Empty(await FindAsync(scene, new("mobile/1")));
        Assert.Empty(await FindAsync(scene, new("mobile", "Basic")));
        Assert.Equal([elsewhere], await FindAsync(other, new("tv")));
        Assert.Empty(await FindAsync(other, new("mobile")));

        Assert.Equal([ada], await Store.ListAsync(scene.Tenant, null, Query(new(Status: SubscriptionStatus.Active)), null, 1, default));
        Assert.Equal([zoe], await Store.ListAsync(scene.Tenant, null, Query(new(Status: SubscriptionStatus.Active)), ada, 1, default));
        Assert.Empty(await Store.ListAsync(scene.Tenant, null, Query(new(Status: SubscriptionStatus.Active)), zoe, 1, default));
    }

    [Fact]
    public async Task A_search_and_labels_and_attributes_are_asked_for_besides()
    {
        var scene = await OnboardAsync(fixture.Stores);
        await scene.AcceptAsync(ContactSettings.PutLabel(scene.Tenant, null, new("vip", "#000000", null), mustBeNew: true, Options).Change!);
        await scene.AcceptAsync(ContactSettings.PutAttribute(
            scene.Tenant, await Store.LoadSettingsAsync(scene.Tenant, default), new("tier", AttributeOwner.Contact, AttributeType.Number, null, null), mustBeNew: true, Options).Change!);
        var (ada, adam) = (await CreateAsync(scene, "Ada"), await CreateAsync(scene, "Adam"));
        await SetAsync(scene, ada, "tv", """{"status":"active"}""");
        await SetAsync(scene, adam, "mobile", """{"status":"active"}""");
        foreach (var contact in new[] { ada, adam })
        {
            await scene.AcceptAsync(Contact.Edit(await LoadAsync(scene, contact), Application, new() { Labels = ["vip"], CustomAttributes = [new("tier", "2")] }, Options).Change!);
        }

        var (vip, tier) = (new Tags("vip", null), new Tags(null, AttributeDigest.Of("tier", "2")));
        foreach (var tags in new[] { vip, tier, vip with { Attribute = tier.Attribute } })
        {
            Assert.Equal([ada, adam], await Store.ListAsync(scene.Tenant, tags, null, null, 10, default));
            Assert.Equal([ada], await Store.ListAsync(scene.Tenant, tags, Query(new("tv")), null, 10, default));
            Assert.Empty(await Store.ListAsync(scene.Tenant, tags, Query(new("tv")), ada, 10, default));
            Assert.Empty(await Store.ListAsync(scene.Tenant, tags, Query(new("tv", Status: SubscriptionStatus.Ended)), null, 10, default));
        }

        Assert.Empty(await Store.ListAsync(scene.Tenant, new("other", null), Query(new("tv")), null, 10, default));
        var search = new ContactSearch("ada", ByEmail: true, ByIdentifier: true, []);
        Assert.Equal([ada, adam], await Store.SearchAsync(scene.Tenant, search, null, 10, default));
        Assert.Equal([adam], await Store.SearchAsync(scene.Tenant, search with { Subscription = Query(new("mobile")) }, null, 10, default));
        Assert.Empty(await Store.SearchAsync(scene.Tenant, search with { Subscription = Query(new("mobile")) }, adam, 10, default));
    }

    [Fact]
    public async Task Its_days_and_its_expiry_count_at_the_instant_that_is_asked_for()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var ada = await CreateAsync(scene, "Ada");
        await SetAsync(scene, ada, "dated", """{"status":"active","since":"2026-06-10","until":"2026-06-20"}""");
        await SetAsync(scene, ada, "over", """{"status":"ended","until":"2030-01-01"}""");
        await SetAsync(scene, ada, "ordered", """{"status":"pending","since":"2020-01-01"}""");
        await SetAsync(scene, ada, "known", """{"status":"trial"}""", TimeSpan.FromHours(1));

        Assert.Equal("pending", await StatusAsync("dated", new(2026, 6, 9, 23, 59, 59, TimeSpan.Zero)));
        Assert.Equal("active", await StatusAsync("dated", new(2026, 6, 10, 0, 0, 0, TimeSpan.Zero)));
        Assert.Equal("active", await StatusAsync("dated", new(2026, 6, 20, 23, 59, 59, TimeSpan.Zero)));
        Assert.Equal("ended", await StatusAsync("dated", new(2026, 6, 21, 0, 0, 0, TimeSpan.Zero)));
        Assert.Equal("ended", await StatusAsync("over", Noon));
        Assert.Equal("pending", await StatusAsync("ordered", Noon));
        Assert.Equal("trial", await StatusAsync("known", Noon.AddMinutes(59)));
        Assert.Equal("", await StatusAsync("known", Noon.AddHours(1)));

        async Task<string> StatusAsync(string service, DateTimeOffset at)
        {
            List<string> found = [];
            foreach (var status in Enum.GetValues<SubscriptionStatus>())
            {
                found.AddRange((await Store.ListAsync(scene.Tenant, null, Query(new(service, Status: status), at), null, 10, default)).Select(_ => status.ToString().ToLowerInvariant()));
            }

            return string.Join(' ', found);
        }
    }

    [Fact]
    public async Task What_is_cleared_merged_unmerged_and_erased_is_found_where_it_is_and_nowhere_else()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var (ada, bob) = (await CreateAsync(scene, "Ada"), await CreateAsync(scene, "Bob"));
        await SetAsync(scene, ada, "tv", """{"status":"active","plan":"gold"}""");
        await SetAsync(scene, bob, "tv", """{"status":"active","plan":"basic"}""");
        await SetAsync(scene, bob, "mobile", """{"status":"active"}""");

        await scene.AcceptAsync(ContactMerge.Merge(await LoadAsync(scene, ada), Application, await LoadAsync(scene, bob), Noon, Options).Change!);
        Assert.Equal([ada], await FindAsync(scene, new("tv")));
        Assert.Equal([ada], await FindAsync(scene, new("mobile")));
        Assert.Empty(await FindAsync(scene, new(Plan: "basic")));

        await scene.AcceptAsync(ContactMerge.Unmerge(await LoadAsync(scene, ada), Application, bob, Noon).Change!);
        Assert.Equal([ada], await FindAsync(scene, new(Plan: "gold")));
        Assert.Equal([bob], await FindAsync(scene, new(Plan: "basic")));
        Assert.Equal([bob], await FindAsync(scene, new("mobile")));

        await scene.AcceptAsync(Contact.ClearContext(await LoadAsync(scene, bob), Application, "subscription:tv", null).Change!);
        Assert.Equal([ada], await FindAsync(scene, new("tv")));
        await scene.AcceptAsync(Contact.Erase(await LoadAsync(scene, bob), Noon).Change!);
        Assert.Empty(await FindAsync(scene, new("mobile")));
        Assert.Equal(1L, await fixture.ScalarAsync("SELECT count(*) FROM contact_subscription WHERE tenant = $1", scene.Tenant.Value));
    }

    [Fact]
    [Trait("Catalogue", "RCC-53")]
    public async Task An_agent_finds_whom_it_serves_and_what_a_rule_allows_and_nothing_that_one_hides()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var agent = await scene.AddAgentAsync();
        var (served, stranger, merged) = (await CreateAsync(scene, "Served"), await CreateAsync(scene, "Stranger"), NewSomebody(Role.Customer));
        await scene.AcceptAsync(Contact.Begin(merged.Id, null, scene.Inbox, null, "Merged", null, new(merged.Device, "Phone", [.. merged.CredentialHash], DateTimeOffset.UnixEpoch), [], Options).Change!);
        await scene.OpenAsync(merged, agent);
        await scene.AcceptAsync(ContactMerge.Merge(await LoadAsync(scene, served), Application, await LoadAsync(scene, merged.Id), Noon, Options).Change!);
        foreach (var contact in new[] { served, stranger })
        {
            await SetAsync(scene, contact, "tv", """{"status":"active"}""");
            await SetAsync(scene, contact, "tv/2", """{"status":"trial"}""");
        }

        Assert.Equal([served, stranger], await FindAsync(scene, new("tv")));
        Assert.Equal([served], await AskAsync(agent.Id));
        Assert.Empty(await AskAsync(Guid.NewGuid()));
        Assert.Equal([served, stranger], await AskAsync(agent.Id, new NameRule("subscription:", IsPrefix: true, Allows: true)));
        Assert.Empty(await AskAsync(null, new NameRule("", IsPrefix: true, Allows: false)));
        Assert.Equal([served], await AskAsync(agent.Id, new NameRule("subscription:tv", IsPrefix: false, Allows: false)));
        Assert.Empty(await AskAsync(agent.Id, new("subscription:tv", IsPrefix: false, Allows: false), new("subscription:tv/2", IsPrefix: false, Allows: false)));
        Assert.Equal([served, stranger], await AskAsync(null, new NameRule("subscription:tv", IsPrefix: false, Allows: false)));

        // The first that fits decides, of each by itself.
        Assert.Equal([served, stranger], await AskAsync(agent.Id, new("subscription:tv/2", IsPrefix: false, Allows: true), new("subscription:tv", IsPrefix: true, Allows: false)));
        Assert.Empty(await AskAsync(agent.Id, new("subscription:tv", IsPrefix: true, Allows: false), new("subscription:tv/2", IsPrefix: false, Allows: true)));
        Assert.Empty(await Store.ListAsync(
            scene.Tenant, null, Query(new("tv", Status: SubscriptionStatus.Active)) with { ServedBy = agent.Id, Rules = [new("subscription:tv", IsPrefix: false, Allows: false)] }, null, 10, default));

        Task<IReadOnlyList<Guid>> AskAsync(Guid? servedBy, params NameRule[] rules) =>
            Store.ListAsync(scene.Tenant, null, Query(new("tv")) with { ServedBy = servedBy, Rules = [.. rules] }, null, 10, default);
    }

    static SubscriptionQuery Query(SubscriptionFilter filter, DateTimeOffset? at = null) => new() { Filter = filter, At = at ?? Noon };

    Task<IReadOnlyList<Guid>> FindAsync(Scene scene, SubscriptionFilter filter) => Store.ListAsync(scene.Tenant, null, Query(filter), null, 10, default);

    static async Task<Guid> CreateAsync(Scene scene, string name)
    {
        var id = Guid.CreateVersion7();
        await scene.AcceptAsync(Contact.Create(id, null, new(name, null, null, []), DateTimeOffset.UnixEpoch, Options).Change!);
        return id;
    }

    async Task SetAsync(Scene scene, Guid contact, string name, string json, TimeSpan? lifetime = null) => await scene.AcceptAsync(Contact.SetContext(
        await LoadAsync(scene, contact), Application, new() { Name = $"subscription:{name}", Json = json, Source = ContextSource.Manual, Lifetime = lifetime }, Noon, Options).Change!);

    async Task<Dossier> LoadAsync(Scene scene, Guid contact) => Assert.Single(await Store.LoadAsync(scene.Tenant, [contact], default));
}
