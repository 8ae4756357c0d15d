using Rcc.Contracts.Customers;
using Rcc.Core.Customers;

namespace Rcc.Core.Tests.Customers;

/// <summary>The rules of what was looked up of a customer, by example.</summary>
[Trait("Catalogue", "RCC-46")]
public class ContactLookupTests
{
    static readonly CustomerOptions Options = new() { MaxContextValues = 3 };

    [Fact]
    public void What_was_found_is_kept_beside_what_people_said()
    {
        var now = Set(Known("Ada"), "crm:tier", "\"said\"");
        var next = Contact.TakeLookup(now, LookupOrigin.Server, Found(new FoundContext("crm:tier", "\"found\"", null), new("crm:debts", "0", TimeSpan.FromMinutes(1))), Callers.Noon, Options).Next!;
        Assert.Equal([("crm:debts", "0"), ("crm:tier", "\"said\"")], ContextInformation.Effective(next.Combined.Context).Select(entry => (entry.Name, entry.Json)));
        Assert.Equal(Callers.Noon.AddMinutes(1), ContactChange.NextExpiry(next));
    }

    [Fact]
    public void More_than_there_may_be_is_as_good_as_no_answer()
    {
        var now = Set(Contact.TakeLookup(Known("Ada"), LookupOrigin.Server, Found(new FoundContext("crm:tier", "1", null)), Callers.Noon, Options).Next!, "a:b", "1");
        var next = Contact.TakeLookup(now, LookupOrigin.Server, Found([.. Enumerable.Range(0, 3).Select(i => new FoundContext($"crm:{i}", "1", null))]), Callers.Noon.AddMinutes(1), Options).Next!;
        var kept = Assert.Single(next.Record.Context, entry => entry.Source == ContextSource.Database);
        Assert.Equal(("crm:tier", Callers.Noon.AddMinutes(1)), (kept.Name, kept.StaleSince));
    }

    [Fact]
    public void A_merged_contact_is_looked_up_as_the_one_it_is_now_and_gets_back_what_was_found_of_it()
    {
        var ada = Contact.TakeLookup(Known("Ada"), LookupOrigin.Server, Found(new FoundContext("crm:tier", "1", null)), Callers.Noon, Options).Next!;
        var bob = Contact.TakeLookup(Known("Bob"), LookupOrigin.Server, Found(new FoundContext("crm:debts", "2", null)), Callers.Noon, Options).Next!;
        var merge = ContactMerge.Merge(ada, Callers.Master(), bob, Callers.Noon, Options);
        Assert.Equal(["crm:tier"], merge.Next!.Combined.Context.Select(entry => entry.Name));
        Assert.True(Assert.Single(merge.Change!.Rows.OfType<ContextDueRow>()).LooksUp);
        Assert.Equal(ErrorCode.Conflict, Contact.TakeLookup(bob with { Record = bob.Record with { MergedInto = ada.Id } }, LookupOrigin.Server, new(), Callers.Noon, Options).Refusal!.Code);

        var unmerge = ContactMerge.Unmerge(merge.Next, Callers.Master(), bob.Id, Callers.Noon);
        Assert.Contains(unmerge.Change!.Items, item => item.Key.Id == bob.Id && ContactRecord.OfJson(item.State.AsSpan()).Context.Single().Name == "crm:debts");
    }

    [Fact]
    public void What_was_looked_up_is_good_for_as_long_as_it_says_within_limits_and_then_asked_for_again()
    {
        var now = Known("Ada");
        Assert.Equal(Contact.Settled, Contact.Refresh(now, Callers.Noon).Refusal);
        now = now with { Rules = new() { Lookup = new() { Url = "https://crm.example/" } } };
        Assert.True(Assert.Single(Contact.Refresh(now, Callers.Noon).Change!.Rows.OfType<ContextDueRow>()).LooksUp);
        Assert.Equal(Contact.Settled, Contact.Refresh(now with { Record = now.Record with { MergedInto = Guid.NewGuid() } }, Callers.Noon).Refusal);

        foreach (var (result, minutes) in new[]
        {
            (Found(new FoundContext("crm:tier", "1", null)), 15), (Found(), 15), (LookupResult.Failed(LookupFailure.TimeOut), 15),
            (Found(new("crm:tier", "1", TimeSpan.FromMinutes(7)), new("crm:debts", "1", TimeSpan.FromMinutes(5))), 5), (Found(new FoundContext("crm:tier", "1", TimeSpan.FromHours(7))), 15),
            (Found(new FoundContext("crm:tier", "1", TimeSpan.FromSeconds(1))), 1),
        })
        {
            var next = Contact.TakeLookup(now, LookupOrigin.Server, result, Callers.Noon, Options).Next!;
            Assert.Equal(Callers.Noon.AddMinutes(minutes), next.Record.FreshUntil);
            Assert.Equal(Contact.Settled, Contact.Refresh(next, Callers.Noon.AddMinutes(minutes).AddTicks(-1)).Refusal);
            Assert.Null(Contact.Refresh(next, Callers.Noon.AddMinutes(minutes)).Refusal);
        }
    }

    [Fact]
    public void Only_who_serves_a_customer_has_it_looked_up()
    {
        var now = Known("Ada");
        var agent = Callers.Agent();
        Assert.Equal(ErrorCode.Forbidden, Contact.RequestLookup(now, agent, Callers.Noon).Refusal!.Code);
        var change = Contact.RequestLookup(now with { Serving = [new(agent.PersonId, agent.Role, null)] }, agent, Callers.Noon).Change!;
        Assert.Equal(new ContextDueRow { PersonId = now.Id, At = Callers.Noon, LooksUp = true }, Assert.Single(change.Rows.OfType<ContextDueRow>()));
    }

    static Dossier Known(string name) => Contact.Create(Guid.CreateVersion7(), null, new(name, null, null, []), Callers.Noon, Options).Next!;

    static Dossier Set(Dossier now, string name, string json) =>
        Contact.SetContext(now, Callers.Master(), new() { Name = name, Json = json, Source = ContextSource.Manual }, Callers.Noon, Options).Next!;

    static LookupResult Found(params FoundContext[] values) => new() { Found = [.. values] };
}
