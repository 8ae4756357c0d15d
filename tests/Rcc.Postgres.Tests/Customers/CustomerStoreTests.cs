using Rcc.Contracts.Customers;
using Rcc.Contracts.Sync;
using Rcc.Core;
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
        Assert.Equal(contact, await store.FindAsync(scene.Tenant, known.Id, default));
        Assert.Null((await store.FindAsync(scene.Tenant, anonymous.Id, default))!.Identifier);
        Assert.Null(await store.FindByIdentifierAsync(other.Tenant, "crm-9", default));
        Assert.Null(await store.FindAsync(other.Tenant, known.Id, default));
        Assert.Equal([anonymous.Id], (await store.ListAsync(scene.Tenant, null, null, null, 1, default)));
        Assert.Equal([known.Id], (await store.ListAsync(scene.Tenant, null, null, anonymous.Id, 10, default)));

        await scene.AcceptAsync(new Proposal { Rows = [new ContactRow { Id = anonymous.Id, Name = "Max", Email = "max@example.com", Identifier = "crm-10", CreatedAt = DateTimeOffset.UnixEpoch }] });
        var changed = await store.FindAsync(scene.Tenant, anonymous.Id, default);
        Assert.Equal(("Max", "max@example.com", "crm-10"), (changed!.Name, changed.Email, changed.Identifier));
    }

    [Fact]
    [Trait("Catalogue", "RCC-29")]
    public async Task An_address_is_one_contacts_and_who_comes_second_is_told_what_is_taken()
    {
        var (scene, other) = (await OnboardAsync(fixture.Stores), await OnboardAsync(fixture.Stores));
        var ada = await CreateAsync(scene, "+15550100");
        var verdict = (await scene.AppendAsync(Made(Guid.CreateVersion7(), "+15550100"))).Results[0];

        Assert.Equal((AppendVerdict.Taken, "address"), (verdict.Verdict, verdict.Answer.Detail));
        Assert.Equal(ada, await fixture.Stores.Customers.FindByAddressAsync(scene.Tenant, AddressKind.Tel, "+15550100", default));
        Assert.Null(await fixture.Stores.Customers.FindByAddressAsync(other.Tenant, AddressKind.Tel, "+15550100", default));
        await CreateAsync(other, "+15550100");

        // Handed over in one batch: the first gives it up, the second takes it.
        var bob = await CreateAsync(scene, "+15550101");
        var (from, to) = (await LoadAsync(scene, ada), await LoadAsync(scene, bob));
        await scene.AppendAsync(
            Contact.RemoveAddress(from, Application, AddressKind.Tel, "+15550100").Change!, Contact.PutAddress(to, Application, AddressKind.Tel, "+15550100", true, Options).Change!);
        Assert.Equal(bob, await fixture.Stores.Customers.FindByAddressAsync(scene.Tenant, AddressKind.Tel, "+15550100", default));
        Assert.Equal([new(AddressKind.Tel, "+15550101", false), new(AddressKind.Tel, "+15550100", true)], (await LoadAsync(scene, bob)).Record.Addresses);
    }

    [Fact]
    public async Task A_merged_family_is_read_as_one_and_each_of_its_members_leads_to_the_one_that_counts()
    {
        ICustomerStore store = fixture.Stores.Customers;
        var scene = await OnboardAsync(fixture.Stores);
        var (ada, bob, zoe) = (await CreateAsync(scene, "+15550100"), await CreateAsync(scene, "+15550101"), await CreateAsync(scene, "+15550102"));
        await MergeAsync(scene, bob, zoe);
        await MergeAsync(scene, ada, bob);

        Assert.Equal([ada, ada, ada], [await store.ResolveAsync(scene.Tenant, ada, default), await store.ResolveAsync(scene.Tenant, bob, default), await store.ResolveAsync(scene.Tenant, zoe, default)]);
        Assert.Equal(ada, await store.FindByAddressAsync(scene.Tenant, AddressKind.Tel, "+15550102", default));
        Assert.Equal([ada], await store.ListAsync(scene.Tenant, null, null, null, 10, default));
        Assert.Equal([ada], await store.SearchAsync(scene.Tenant, All("+1555010"), null, 10, default));
        var merged = await LoadAsync(scene, ada);
        Assert.Equal([bob, zoe], merged.Merged.Select(one => one.Id));
        Assert.Equal(["+15550100", "+15550101", "+15550102"], merged.Combined.Addresses.Select(address => address.Value));

        await scene.AcceptAsync(ContactMerge.Unmerge(merged, Application, bob, DateTimeOffset.UtcNow).Change!);
        Assert.Equal([ada, bob], await store.ListAsync(scene.Tenant, null, null, null, 10, default));
        Assert.Equal(bob, await store.FindByAddressAsync(scene.Tenant, AddressKind.Tel, "+15550102", default));
    }

    [Fact]
    public async Task Contacts_are_listed_by_what_they_have_over_all_that_was_merged_into_them()
    {
        ICustomerStore store = fixture.Stores.Customers;
        var scene = await OnboardAsync(fixture.Stores);
        await scene.AcceptAsync(ContactSettings.PutLabel(scene.Tenant, null, new("vip", "#000000", null), mustBeNew: true, Options).Change!);
        await scene.AcceptAsync(ContactSettings.PutAttribute(
            scene.Tenant, await store.LoadSettingsAsync(scene.Tenant, default), new("tier", AttributeOwner.Contact, AttributeType.Number, null, null), mustBeNew: true, Options).Change!);
        var (ada, bob, zoe) = (await CreateAsync(scene, "+15550100"), await CreateAsync(scene, "+15550101"), await CreateAsync(scene, "+15550102"));
        await EditAsync(bob, new() { Labels = ["vip"], CustomAttributes = [new("tier", "1.50")] });
        await EditAsync(zoe, new() { Labels = ["vip"], CustomAttributes = [new("tier", "2")] });
        var (vip, tier) = (new Tags("vip", null), AttributeDigest.Of("tier", "1.5"));

        Assert.Equal([bob, zoe], await store.ListAsync(scene.Tenant, vip, null, null, 10, default));
        Assert.Equal([bob], await store.ListAsync(scene.Tenant, vip, null, null, 1, default));
        Assert.Equal([zoe], await store.ListAsync(scene.Tenant, vip, null, bob, 10, default));
        Assert.Equal([bob], await store.ListAsync(scene.Tenant, new(null, tier), null, null, 10, default));
        Assert.Equal([bob], await store.ListAsync(scene.Tenant, new("vip", tier), null, null, 10, default));
        Assert.Empty(await store.ListAsync(scene.Tenant, new("other", tier), null, null, 10, default));

        await MergeAsync(scene, ada, bob);
        Assert.Equal([ada, zoe], await store.ListAsync(scene.Tenant, vip, null, null, 10, default));
        Assert.Equal([ada], await store.ListAsync(scene.Tenant, new("vip", tier), null, null, 10, default));
        await scene.AcceptAsync(ContactMerge.Unmerge(await LoadAsync(scene, ada), Application, bob, DateTimeOffset.UtcNow).Change!);
        Assert.Equal([bob, zoe], await store.ListAsync(scene.Tenant, vip, null, null, 10, default));
        await EditAsync(bob, new() { Labels = [] });
        Assert.Equal([zoe], await store.ListAsync(scene.Tenant, vip, null, null, 10, default));
        Assert.Equal([bob], await store.ListAsync(scene.Tenant, new(null, tier), null, null, 10, default));

        async Task EditAsync(Guid contact, ContactEdit edit) => await scene.AcceptAsync(Contact.Edit(await LoadAsync(scene, contact), Application, edit, Options).Change!);
    }

    [Fact]
    public async Task Contacts_are_found_by_the_words_of_their_names_and_by_nothing_else_that_a_search_does_not_name()
    {
        ICustomerStore store = fixture.Stores.Customers;
        var (scene, other) = (await OnboardAsync(fixture.Stores), await OnboardAsync(fixture.Stores));
        var ada = await MakeAsync(scene, "Ada King-Lovelace", "countess@example.org", "crm-1");
        var bob = await MakeAsync(scene, "Lovell, Ada", null, null);
        await MakeAsync(other, "Ada Lovelace", "countess@example.org", "crm-1");
        foreach (var (text, found) in new (string, Guid[])[]
        {
            ("ada", [ada, bob]), ("LOVEL", [ada, bob]), ("lovelace", [ada]), ("king", [ada]), ("king ad", [ada]), ("ada lovell", [bob]), ("Lovell, Ada", [bob]), ("Lovell Bob", []), ("ovelace", []), ("--", []),
            ("countess@", [ada]), ("crm-1", [ada]), ("crm", []), ("king-lovelace king ada", [ada]),
        })
        {
            Assert.Equal((text, string.Join(' ', found)), (text, string.Join(' ', await store.SearchAsync(scene.Tenant, All(text), null, 10, default))));
        }

        Assert.Equal([bob], await store.SearchAsync(scene.Tenant, All("ada"), ada, 10, default));
        foreach (var text in new[] { "countess@", "crm-1", "+1555" })
        {
            Assert.Empty(await store.SearchAsync(scene.Tenant, new(text, ByEmail: false, ByIdentifier: false, [AddressKind.Web]), null, 10, default));
        }

        await scene.AcceptAsync(Contact.PutAddress(await LoadAsync(scene, bob), Application, AddressKind.Tel, "+15550100", null, Options).Change!);
        Assert.Equal([bob], await store.SearchAsync(scene.Tenant, new("+1555", ByEmail: false, ByIdentifier: false, [AddressKind.Tel]), null, 10, default));

        await scene.AcceptAsync(Contact.Edit(await LoadAsync(scene, ada), Application, new() { Name = "Ada Byron" }, Options).Change!);
        Assert.Empty(await store.SearchAsync(scene.Tenant, All("lovelace"), null, 10, default));
        Assert.Equal([ada], await store.SearchAsync(scene.Tenant, All("byron"), null, 10, default));
        await MergeAsync(scene, bob, ada);
        Assert.Equal([bob], await store.SearchAsync(scene.Tenant, All("byron"), null, 10, default));
        await scene.AcceptAsync(Contact.Erase(await LoadAsync(scene, bob), DateTimeOffset.UtcNow).Change!);
        Assert.Empty(await store.SearchAsync(scene.Tenant, All("ada"), null, 10, default));
        Assert.Equal(0L, await fixture.ScalarAsync("SELECT count(*) FROM contact_word WHERE tenant = $1", scene.Tenant.Value));

        static async Task<Guid> MakeAsync(Scene scene, string name, string? email, string? identifier)
        {
            var id = Guid.CreateVersion7();
            await scene.AcceptAsync(Contact.Create(id, null, new(name, email, identifier, []), DateTimeOffset.UnixEpoch, Options).Change!);
            return id;
        }
    }

    [Fact]
    public async Task Two_merges_that_cross_each_other_are_not_both_made()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var (ada, bob) = (await LoadAsync(scene, await CreateAsync(scene, "+15550100")), await LoadAsync(scene, await CreateAsync(scene, "+15550101")));
        var batch = await scene.AppendAsync(ContactMerge.Merge(ada, Application, bob, DateTimeOffset.UtcNow, Options).Change!, ContactMerge.Merge(bob, Application, ada, DateTimeOffset.UtcNow, Options).Change!);
        Assert.Equal([AppendVerdict.Accepted, AppendVerdict.Fenced], batch.Results.Select(result => result.Verdict));
    }

    [Fact]
    public async Task Whose_agents_change_is_due_until_it_was_looked_at_and_not_lost_when_more_happens_meanwhile()
    {
        ICustomerStore store = fixture.Stores.Customers;
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        var due = await store.FindDueAsync(scene.Tenant, customer.Id, default);
        Assert.NotNull(due!.Lookup);
        Assert.Contains(new DuePerson(scene.Tenant, customer.Id, IsAgent: false), await store.ListDueAsync(10_000, default));
        await scene.AssignAsync(talk, null);
        await store.SettleAsync(scene.Tenant, customer.Id, due.Stamp, null, default);
        var again = await store.FindDueAsync(scene.Tenant, customer.Id, default);
        Assert.NotEqual(due.Stamp, again!.Stamp);

        await store.SettleAsync(scene.Tenant, customer.Id, again.Stamp, DateTimeOffset.UtcNow.AddHours(1), default);
        Assert.DoesNotContain(new DuePerson(scene.Tenant, customer.Id, IsAgent: false), await store.ListDueAsync(10_000, default));
        Assert.Equal(due.Lookup, (await store.FindDueAsync(scene.Tenant, customer.Id, default))!.Lookup);
        await store.FinishLookupAsync(scene.Tenant, customer.Id, Guid.NewGuid(), default);
        Assert.Equal(due.Lookup, (await store.FindDueAsync(scene.Tenant, customer.Id, default))!.Lookup);
        await store.FinishLookupAsync(scene.Tenant, customer.Id, due.Lookup.Value, default);
        Assert.Null((await store.FindDueAsync(scene.Tenant, customer.Id, default))!.Lookup);
        Assert.Contains(new DuePerson(scene.Tenant, customer.Id, IsAgent: false), await store.ListDueAsync(10_000, default));
        await scene.AssignAsync(talk, agent);
        Assert.Contains(new DuePerson(scene.Tenant, customer.Id, IsAgent: false), await store.ListDueAsync(10_000, default));
        again = await store.FindDueAsync(scene.Tenant, customer.Id, default);
        await store.SettleAsync(scene.Tenant, customer.Id, again!.Stamp, null, default);
        Assert.Null(await store.FindDueAsync(scene.Tenant, customer.Id, default));
    }

    [Fact]
    [Trait("Catalogue", "RCC-42")]
    public async Task Volatile_context_that_a_crash_took_is_gone_for_rules_and_devices_and_can_be_set_again()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var agent = await scene.AddAgentAsync();
        var customer = NewSomebody(Role.Customer);
        var ada = customer.Id;
        await scene.AcceptAsync(Contact.Begin(ada, null, scene.Inbox, null, "Ada", null, new(customer.Device, "Phone", [.. customer.CredentialHash], DateTimeOffset.UnixEpoch), [], Options).Change!);
        await scene.OpenAsync(customer, agent);
        await SetMoodAsync("glad");
        Assert.Equal("\"glad\"", Assert.Single((await LoadAsync(scene, ada)).Volatile).Json);
        Assert.Contains("glad", await VolatileOfAsync(), StringComparison.Ordinal);

        await fixture.ScalarAsync("DELETE FROM volatile_state WHERE tenant = $1", scene.Tenant.Value);
        Assert.Empty((await LoadAsync(scene, ada)).Volatile);
        Assert.DoesNotContain("glad", await VolatileOfAsync(), StringComparison.Ordinal);

        await SetMoodAsync("sad");
        Assert.Contains("sad", await VolatileOfAsync(), StringComparison.Ordinal);
        Assert.Equal(0L, await fixture.ScalarAsync("SELECT count(*) FROM item WHERE tenant = $1 AND position('sad'::bytea IN state) > 0", scene.Tenant.Value));
        Assert.Equal("u", await fixture.ScalarAsync("SELECT relpersistence::text FROM pg_class WHERE relname = 'volatile_state'"));

        async Task SetMoodAsync(string mood) => await scene.AcceptAsync(Contact.SetContext(
            await LoadAsync(scene, ada), Application, new() { Name = "test:mood", Json = $"\"{mood}\"", Source = ContextSource.Manual, IsVolatile = true }, DateTimeOffset.UtcNow, Options).Change!);

        async Task<string> VolatileOfAsync()
        {
            var page = await scene.PageAsync(agent, null);
            return string.Concat(page.Entries.OfType<ItemEntry>().Where(entry => entry.Key.Kind == ItemKind.VolatileContext).Select(entry => System.Text.Encoding.UTF8.GetString(entry.State.AsSpan())));
        }
    }

    static readonly Caller Application = new() { Tenant = new(Guid.NewGuid()), PersonId = Guid.NewGuid(), DeviceId = Guid.NewGuid(), Role = Role.Application };

    static readonly CustomerOptions Options = new();

    static ContactSearch All(string text) => new(text, ByEmail: true, ByIdentifier: true, [.. Enum.GetValues<AddressKind>()]);

    static Proposal Made(Guid id, string tel) => Contact.Create(id, null, new("Ada", null, null, [new(AddressKind.Tel, tel, false)]), DateTimeOffset.UnixEpoch, Options).Change!;

    static async Task<Guid> CreateAsync(Scene scene, string tel)
    {
        var id = Guid.CreateVersion7();
        await scene.AcceptAsync(Made(id, tel));
        return id;
    }

    async Task<Dossier> LoadAsync(Scene scene, Guid contact) => Assert.Single(await fixture.Stores.Customers.LoadAsync(scene.Tenant, [contact], default));

    async Task MergeAsync(Scene scene, Guid into, Guid other) =>
        await scene.AcceptAsync(ContactMerge.Merge(await LoadAsync(scene, into), Application, await LoadAsync(scene, other), DateTimeOffset.UtcNow, Options).Change!);
}
