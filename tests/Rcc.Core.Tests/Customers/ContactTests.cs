using Rcc.Contracts.Customers;
using Rcc.Contracts.Sync;
using Rcc.Core.Customers;
using Rcc.Core.Devices;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Customers;

/// <summary>The rules of a customer, by example.</summary>
public class ContactTests
{
    static readonly Guid Id = Guid.CreateVersion7();

    static readonly NewDevice Phone = new(Guid.CreateVersion7(), "Phone", [1, 2, 3], Callers.Noon);

    [Fact]
    public void A_first_session_makes_the_contact_and_its_device()
    {
        var change = Contact.Begin(Id, null, Callers.Inbox, null, "Ada", null, Phone, [], new()).Change!;
        Assert.Equal([new(Id, Audience.OfPerson(Id), MembershipState.Reads)], change.Audiences);
        Assert.Equal("Ada", Assert.Single(change.Rows.OfType<ContactRow>()).Name);
        var device = Assert.Single(change.Rows.OfType<DeviceRow>());
        Assert.Equal((Role.Customer, Callers.Inbox), (device.Role, device.InboxId));
        Assert.Equal(Id, change.Answer.Id);
    }

    [Fact]
    public void A_further_session_keeps_what_it_does_not_say()
    {
        var known = Known("Ada", "ada@example.com", "customer-7");
        var same = Contact.Begin(Id, known, Callers.Inbox, new("customer-7"), null, null, Phone, [], new()).Change!;
        Assert.Empty(same.Rows.OfType<ContactRow>());
        Assert.Empty(same.Audiences);
        var renamed = Contact.Begin(Id, known, Callers.Inbox, new("customer-7"), "Ada L.", null, Phone, [], new()).Change!;
        Assert.Equal(new ContactRow { Id = Id, Name = "Ada L.", Email = "ada@example.com", Identifier = "customer-7", CreatedAt = Callers.Noon }, Assert.Single(renamed.Rows.OfType<ContactRow>()));
    }

    [Fact]
    public void Nobody_without_its_identity_becomes_a_known_contact()
    {
        var known = Known("Ada", null, "customer-7");
        Assert.Equal(ErrorCode.Conflict, Contact.Begin(Id, known, Callers.Inbox, null, null, null, Phone, [], new()).Refusal!.Code);
        Assert.Equal(ErrorCode.Conflict, Contact.Begin(Id, known, Callers.Inbox, new("customer-8"), null, null, Phone, [], new()).Refusal!.Code);
    }

    [Fact]
    public void A_name_and_an_address_that_are_wrong_are_taken_away_also_from_what_was_merged()
    {
        var known = Known("Ada", "ada@example.com", "customer-7");
        var merged = known with { Merged = [new(Guid.CreateVersion7(), 1, new() { CreatedAt = Callers.Noon, Name = "Eve", Email = "eve@example.com" })] };
        var next = Contact.Edit(merged, Callers.Master(), new() { Name = "", Email = "" }, new()).Next!;
        Assert.Equal((null, null, "customer-7"), (next.Combined.Name, next.Combined.Email, next.Combined.Identifier));
        Assert.Equal("ada@example.com", Contact.Edit(merged, Callers.Master(), new() { Name = "" }, new()).Next!.Combined.Email);
        Assert.Equal("Bea", Contact.Edit(next, Callers.Master(), new() { Name = "Bea" }, new()).Next!.Combined.Name);
    }

    [Fact]
    public void One_device_too_many_signs_the_oldest_out()
    {
        var known = Known("Ada", null, "customer-7");
        DeviceSnapshot[] devices = [.. Enumerable.Range(0, 4).Select(i => new DeviceSnapshot(Guid.CreateVersion7(), i + 1, "Old", Callers.Noon.AddHours(-9 + i)))];
        Assert.Empty(Begin(5).Rows.OfType<DeviceSignOutRow>());
        Assert.Equal(devices[0].Id, Assert.Single(Begin(4).Rows.OfType<DeviceSignOutRow>()).Id);
        var change = Begin(2);
        Assert.Equal(devices[..3].Select(device => device.Id), change.Rows.OfType<DeviceSignOutRow>().Select(row => row.Id));
        Assert.Contains(change.Items, item => item.Key == new ItemKey(ItemKind.Device, devices[2].Id) && item.Revision == devices[2].Revision + 1);

        Proposal Begin(int maxDevices) => Contact.Begin(Id, known, Callers.Inbox, new("customer-7"), null, null, Phone, devices, new() { MaxDevices = maxDevices }).Change!;
    }

    [Fact]
    public void A_session_ends_once()
    {
        var known = Known(null, null, null);
        var change = Contact.End(known, new(Phone.DeviceId, 1, "Phone", Callers.Noon), Callers.Noon).Change!;
        Assert.Equal(Phone.DeviceId, Assert.Single(change.Rows.OfType<DeviceSignOutRow>()).Id);
        Assert.Equal(ErrorCode.NotFound, Contact.End(known, null, Callers.Noon).Refusal!.Code);
    }

    [Fact]
    public void Erasing_leaves_nothing_of_a_customer_and_of_who_was_merged_into_it()
    {
        var options = new CustomerOptions();
        var ada = Contact.PutAddress(Contact.Create(Id, null, new("Ada", "ada@example.com", "crm-7", []), Callers.Noon, options).Next, Callers.Master(), AddressKind.Tel, "+15550100", true, options).Next!;
        var bob = Contact.Create(Guid.CreateVersion7(), null, new("Bob", null, null, [new(AddressKind.Tel, "+15550101", false)]), Callers.Noon, options).Next!;
        var one = ContactMerge.Merge(ada, Callers.Master(), bob, Callers.Noon, options).Next!;
        Assert.Equal(ErrorCode.Conflict, Contact.Erase(one with { OpenConversations = [Guid.NewGuid()] }, Callers.Noon).Refusal!.Code);

        var erased = Contact.Erase(one, Callers.Noon);
        Assert.All(erased.Change!.Items.Where(item => item.Key.Kind == ItemKind.ContactRecord), item =>
        {
            var record = ContactRecord.OfJson(item.State.AsSpan());
            Assert.Equal((null, null, null, Callers.Noon), (record.Name, record.Email, record.Identifier, record.ErasedAt!.Value));
            Assert.Empty(record.Addresses);
        });
        Assert.Equal(2, erased.Change.Items.Count(item => item.Key.Kind == ItemKind.ContactRecord));
        Assert.Equal(["+15550100", "+15550101"], erased.Change.Rows.OfType<AddressRow>().Where(row => row.IsRemoved).Select(row => row.Value));
        Assert.All(erased.Change.Rows.OfType<ContactRow>(), row => Assert.True(row.IsErased));
        Assert.Equal("erase", erased.Change.Act!.Action);

        Assert.Empty(Contact.Erase(erased.Next, Callers.Noon).Change!.Items);
        Assert.Equal(ErrorCode.Taken, Contact.Begin(Id, erased.Next, Callers.Inbox, new("crm-7"), "Ada", null, Phone, [], new()).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, Contact.Edit(erased.Next, Callers.Master(), new() { Name = "Ada" }, options).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, ContactMerge.Merge(bob, Callers.Master(), erased.Next, Callers.Noon, options).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, ContactMerge.Unmerge(erased.Next, Callers.Master(), bob.Id, Callers.Noon).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, Contact.TakeLookup(erased.Next, LookupOrigin.Server, new() { Found = [new("a:b", "1", null)] }, Callers.Noon, options).Refusal!.Code);
    }

    static Dossier Known(string? name, string? email, string? identifier) =>
        new() { Id = Id, Revision = 1, Record = new() { Name = name, Email = email, Identifier = identifier, CreatedAt = Callers.Noon } };
}
