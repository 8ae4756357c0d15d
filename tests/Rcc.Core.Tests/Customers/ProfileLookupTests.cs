using System.Text;
using Rcc.Core.Customers;

namespace Rcc.Core.Tests.Customers;

/// <summary>The rules of what was looked up in two places, by example.</summary>
[Trait("Catalogue", "RCC-49")]
public class ProfileLookupTests
{
    static readonly CustomerOptions Options = new() { MaxContextValues = 5 };
    static readonly DocumentVersion First = new("https://xcap.example/1", "\"1\"");
    static readonly TenantId Tenant = new(Guid.CreateVersion7());

    [Fact]
    public void What_one_place_says_and_fails_to_say_is_nothing_to_what_the_other_said()
    {
        var now = Take(Take(Known(), LookupOrigin.Server, Found(("crm:tier", "1"))), LookupOrigin.Profile, Found(("profile:name", "2")));
        Assert.Equal([("crm:tier", null), ("profile:name", null)], Stale(now));

        Assert.Equal([("crm:tier", null), ("profile:name", Minute(1))], Stale(Take(now, LookupOrigin.Profile, LookupResult.Failed(LookupFailure.TimeOut), 1)));
        Assert.Equal([("crm:tier", Minute(1)), ("profile:name", null)], Stale(Take(now, LookupOrigin.Server, LookupResult.Failed(LookupFailure.Status), 1)));
        Assert.Equal([("crm:tier", null)], Stale(Take(now, LookupOrigin.Profile, new(), 1)));
        Assert.Equal([("profile:name", null)], Stale(Take(now, LookupOrigin.Server, new(), 1)));
        Assert.Equal([("crm:tier", null), ("profile:gender", null)], Stale(Take(now, LookupOrigin.Profile, Found(("profile:gender", "3")), 1)));
    }

    [Fact]
    public void Of_one_name_both_may_speak_and_the_tenants_own_server_counts_first()
    {
        var now = Take(Take(Known(), LookupOrigin.Profile, Found(("profile:name", "\"there\""))), LookupOrigin.Server, Found(("profile:name", "\"own\"")));
        Assert.Equal("\"own\"", Assert.Single(ContextInformation.Effective(now.Record.Context)).Json);
        now = Take(now, LookupOrigin.Server, new());
        Assert.Equal("\"there\"", Assert.Single(ContextInformation.Effective(now.Record.Context)).Json);
    }

    [Fact]
    public void What_was_stored_before_there_were_two_places_is_of_the_tenants_own_server()
    {
        const string Stored =
            """
            {"createdAt":"2026-01-01T00:00:00+00:00","addresses":[],"labels":[],"customAttributes":{},"context":[{"name":"profile:name","json":"1","source":"database","setAt":"2026-01-01T00:00:00+00:00"}],"freshUntil":"2026-01-01T00:15:00+00:00","merged":[],"viewers":[]}
            """;
        var record = ContactRecord.OfJson(Encoding.UTF8.GetBytes(Stored));
        Assert.Equal(Stored, Encoding.UTF8.GetString(record.ToJson()));
        var now = Known() with { Record = record };
        Assert.Single(Take(now, LookupOrigin.Profile, new()).Record.Context);
        Assert.Empty(Take(now, LookupOrigin.Server, new()).Record.Context);

        var both = Take(now, LookupOrigin.Profile, Found(("profile:name", "2")) with { Document = First }).Record;
        Assert.Equal([LookupOrigin.Server, LookupOrigin.Profile], ContactRecord.OfJson(both.ToJson()).Context.Select(entry => entry.Origin));
        Assert.Equal(First, ContactRecord.OfJson(both.ToJson()).Profile!.Document);
    }

    [Fact]
    public void A_document_that_has_not_changed_confirms_what_was_found_in_it()
    {
        var now = Take(Known(), LookupOrigin.Profile, Found(("profile:name", "1")) with { Document = First });
        now = Take(now, LookupOrigin.Profile, LookupResult.Failed(LookupFailure.Unreachable), 1);
        Assert.Equal(First, now.Record.Profile!.Document);
        now = Take(now, LookupOrigin.Profile, Unchanged(First), 2);
        var entry = Assert.Single(now.Record.Context);
        Assert.Equal((Callers.Noon, null), (entry.SetAt, entry.StaleSince));
        Assert.Equal(Minute(17), now.Record.Profile!.FreshUntil);
    }

    [Fact]
    public void What_somebody_took_away_is_read_again_and_not_taken_for_confirmed()
    {
        var now = Take(Known(), LookupOrigin.Profile, Found(("profile:name", "1"), ("profile:gender", "2")) with { Document = First });
        var cleared = Contact.ClearContext(now, Callers.Master(), "profile:name", null).Next!;
        Assert.Null(cleared.Record.Profile!.Document);

        // What was asked before it was taken away is asked again, at once.
        var late = Take(cleared, LookupOrigin.Profile, Unchanged(First), 1);
        Assert.Equal(["profile:gender"], late.Record.Context.Select(entry => entry.Name));
        Assert.Equal(new(Minute(1), null), late.Record.Profile);
        Assert.Equal(First, Contact.ClearContext(now, Callers.Master(), "crm:tier", null).Next!.Record.Profile!.Document);
    }

    [Fact]
    public void More_than_there_may_be_keeps_the_version_of_what_is_kept()
    {
        var now = Take(Known(), LookupOrigin.Profile, Found(("profile:name", "1")) with { Document = First });
        now = Take(now, LookupOrigin.Profile, Found([.. Enumerable.Range(0, 6).Select(i => ($"profile:{i}", "1"))]) with { Document = First with { ETag = "\"2\"" } }, 1);
        Assert.Equal([("profile:name", Minute(1))], Stale(now));
        Assert.Equal(First, now.Record.Profile!.Document);
    }

    [Fact]
    public void It_is_looked_up_again_when_the_first_of_both_is_not_as_good_as_new_any_more()
    {
        var now = With(Known(), new() { Url = "https://crm.example/", Profile = new() { Root = "https://xcap.example" } });
        now = Take(now, LookupOrigin.Server, new());
        Assert.Null(Contact.Refresh(now, Callers.Noon).Refusal);
        now = Take(now, LookupOrigin.Profile, new(), 5);
        Assert.Equal(Minute(15), now.FreshUntil);
        Assert.Equal(Contact.Settled, Contact.Refresh(now, Minute(15).AddTicks(-1)).Refusal);
        Assert.Null(Contact.Refresh(now, Minute(15)).Refusal);

        // What is not asked any more does not count.
        Assert.Equal(Contact.Settled, Contact.Refresh(With(now, new() { Profile = now.Rules.Lookup.Profile }), Minute(15)).Refusal);
        Assert.Equal(Contact.Settled, Contact.Refresh(With(now, new()), Minute(60)).Refusal);
    }

    [Fact]
    public void What_has_expired_is_stale_only_while_it_is_looked_up_again_where_it_was_found()
    {
        var agent = Callers.Agent();
        var now = With(Known(), new() { Url = "https://crm.example/", Profile = new() { Root = "https://xcap.example" } }) with { Serving = [new(agent.PersonId, agent.Role, null)] };
        now = Take(now, LookupOrigin.Server, new() { Found = [new("crm:tier", "1", TimeSpan.FromMinutes(1))] });
        Assert.Equal([("crm:tier", Minute(1))], Stale(Contact.AsOf(now, Minute(2))));
        Assert.Empty(Stale(Contact.AsOf(With(now, new() { Profile = now.Rules.Lookup.Profile }), Minute(2))));
    }

    [Fact]
    public void A_merged_contact_keeps_what_was_found_of_it_to_itself_and_an_erased_one_nothing()
    {
        var (ada, bob) = (Known(), Take(Known(), LookupOrigin.Profile, Found(("profile:name", "1")) with { Document = First }));
        Assert.Empty(ContactMerge.Merge(ada, Callers.Master(), bob, Callers.Noon, Options).Next!.Combined.Context);
        var erased = Contact.Erase(bob, Callers.Noon).Next!.Record;
        Assert.Empty(erased.Context);
        Assert.Null(erased.Profile);
    }

    [Fact]
    public void A_password_is_kept_for_the_same_server_and_user_only_and_the_act_does_not_tell_it()
    {
        var server = new ProfileServer { Root = "https://xcap.example", Username = "rcc", Password = [1, 2, 3] };
        var set = ContactSettings.SetProfileLookup(Tenant, null, server);
        Assert.Equal([("xcap_root", null, "\"https://xcap.example\""), ("username", null, "\"rcc\""), ("password", null, null)], set.Change!.Act!.Changes.Select(change => (change.Member, change.From, change.To)));
        var asserted = ContactSettings.SetProfileLookup(Tenant, set.Next, server with { Password = [], AssertedIdentity = "sip:desk@example.com" });
        Assert.Equal([1, 2, 3], asserted.Next!.Lookup.Profile!.Password);
        Assert.Equal(["asserted_identity"], asserted.Change!.Act!.Changes.Select(change => change.Member));
        foreach (var other in new[] { server with { Root = "https://other.example", Password = [] }, server with { Username = "other", Password = [] } })
        {
            Assert.Equal(ErrorCode.Malformed, ContactSettings.SetProfileLookup(Tenant, set.Next, other).Refusal!.Code);
        }

        // Each of the two is set and removed by itself.
        var both = ContactSettings.SetLookup(Tenant, set.Next, "https://crm.example/", [7], rotates: false).Next!;
        Assert.Equal(server.Root, both.Lookup.Profile!.Root);
        Assert.Null(ContactSettings.RemoveProfileLookup(Tenant, both).Next!.Lookup.Profile);
        Assert.Equal("https://crm.example/", ContactSettings.RemoveProfileLookup(Tenant, both).Next!.Lookup.Url);
        Assert.Equal([LookupOrigin.Profile], ContactSettings.RemoveLookup(Tenant, both).Next!.Lookup.Origins());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_comes_from_where_each_place_has_what_it_said_last_and_is_stale_since_it_failed_first(int seed)
    {
        var random = new Random(seed);
        var now = Known();
        var said = Enum.GetValues<LookupOrigin>().ToDictionary(origin => origin, _ => (Values: (IReadOnlyList<string>)[], Since: (DateTimeOffset?)null));
        for (var minute = 0; minute < 500; minute++)
        {
            var origin = (LookupOrigin)random.Next(2);
            LookupResult result;
            switch (random.Next(5))
            {
                case 0:
                    result = LookupResult.Failed(LookupFailure.TimeOut);
                    said[origin] = (said[origin].Values, said[origin].Since ?? Minute(minute));
                    break;
                case 1 when now.Record.Profile?.Document is { } read:
                    (origin, result) = (LookupOrigin.Profile, Unchanged(read));
                    said[origin] = (said[origin].Values, null);
                    break;
                default:
                    string[] names = [.. new[] { "a:1", "a:2" }.Where(_ => random.Next(2) == 0)];
                    result = Found([.. names.Select(name => (name, $"\"{origin}{minute}\""))]) with { Document = origin == LookupOrigin.Profile ? new("https://xcap.example/1", $"\"{minute}\"") : null };
                    said[origin] = ([.. names.Select(name => $"{name} \"{origin}{minute}\"")], null);
                    break;
            }

            now = Take(now, origin, result, minute);
            foreach (var (place, (values, since)) in said)
            {
                var kept = now.Record.Context.Where(entry => entry.Origin == place).ToList();
                Assert.Equal(values, kept.Select(entry => $"{entry.Name} {entry.Json}"));
                Assert.All(kept, entry => Assert.Equal(since, entry.StaleSince));
            }
        }
    }

    static Dossier Known() => Contact.Create(Guid.CreateVersion7(), null, new("Ada", null, null, []), Callers.Noon, Options).Next!;

    static Dossier With(Dossier now, LookupRecord where) => now with { Rules = new() { Lookup = where } };

    static Dossier Take(Dossier now, LookupOrigin origin, LookupResult result, int minute = 0) => Contact.TakeLookup(now, origin, result, Minute(minute), Options).Next!;

    static IEnumerable<(string Name, DateTimeOffset? Since)> Stale(Dossier now) => now.Record.Context.Select(entry => (entry.Name, entry.StaleSince));

    static DateTimeOffset Minute(int minute) => Callers.Noon.AddMinutes(minute);

    static LookupResult Unchanged(DocumentVersion document) => new() { IsUnchanged = true, Document = document };

    static LookupResult Found(params (string Name, string Json)[] values) => new() { Found = [.. values.Select(value => new FoundContext(value.Name, value.Json, null))] };
}
