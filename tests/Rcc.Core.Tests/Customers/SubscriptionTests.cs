using System.Text.Json;
using Rcc.Contracts.Customers;
using Rcc.Contracts.Sync;
using Rcc.Core.Customers;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Customers;

/// <summary>The rules of what customers have subscribed to, by example.</summary>
[Trait("Catalogue", "RCC-50")]
public class SubscriptionTests
{
    static readonly DateTimeOffset Noon = new(2026, 6, 15, 12, 0, 0, TimeSpan.Zero);

    static readonly CustomerOptions Options = new();

    [Theory]
    [InlineData("subscription:mobile", """{"status":"active"}""")]
    [InlineData("subscription:mobile/+441632960001", """{"status":"past_due","plan":"SIM only","since":"2024-02-29","until":"9999-12-31","reference":"C-1"}""")]
    [InlineData("subscription:tv/sports/hd", """{"status":"trial","since":"2026-01-01T00:00:00Z","until":"2026-01-01T01:30:00.25+01:00"}""")]
    [InlineData("subscription:mobile", """{"status":"pending","plan":null,"x-own":{"a":[1.0]}}""")]
    [InlineData("subscription", "1")]
    [InlineData("subscriptions:mobile", "1")]
    [InlineData("Subscription:mobile", "1")]
    public void What_is_of_the_shape_and_what_is_of_another_name_is_taken(string name, string json) => Assert.Null(Subscription.Refuse(Setting(name, json)));

    [Theory]
    [InlineData("subscription:/x", """{"status":"active"}""", "subscription:{service}")]
    [InlineData("subscription:x/", """{"status":"active"}""", "subscription:{service}")]
    [InlineData("subscription:x", "\"active\"", "object")]
    [InlineData("subscription:x", "null", "object")]
    [InlineData("subscription:x", "{}", "value.status is one of pending, trial, active, past_due, suspended, ended.")]
    [InlineData("subscription:x", """{"status":"Active"}""", "value.status")]
    [InlineData("subscription:x", """{"status":2}""", "value.status")]
    [InlineData("subscription:x", """{"status":"active","plan":7}""", "value.plan")]
    [InlineData("subscription:x", """{"status":"active","plan":""}""", "value.plan")]
    [InlineData("subscription:x", """{"status":"active","plan":" gold"}""", "value.plan")]
    [InlineData("subscription:x", """{"status":"active","plan":"a\u0000b"}""", "value.plan")]
    [InlineData("subscription:x", """{"status":"active","plan":"a\tb"}""", "value.plan")]
    [InlineData("subscription:x", """{"status":"active","reference":"a\nb"}""", "value.reference")]
    [InlineData("subscription:x", """{"status":"active","plan":"\ud800"}""", "value.plan")]
    [InlineData("subscription:x", """{"status":"\ud800"}""", "surrogate")]
    [InlineData("subscription:x", """{"\ud800":1,"status":"active"}""", "surrogate")]
    [InlineData("subscription:x", """{"status":"active","reference":[]}""", "value.reference")]
    [InlineData("subscription:x", """{"status":"active","since":"yesterday"}""", "value.since")]
    [InlineData("subscription:x", """{"status":"active","since":"2026-02-29"}""", "value.since")]
    [InlineData("subscription:x", """{"status":"active","since":"2026-01-01T00:00:00"}""", "value.since")]
    [InlineData("subscription:x", """{"status":"active","until":1767225600}""", "value.until")]
    [InlineData("subscription:x", """{"status":"active","since":"2026-01-02","until":"2025-12-31"}""", "value.until is before value.since.")]
    public void What_is_not_of_the_shape_is_refused_by_what_is_wrong_with_it(string name, string json, string wrong)
    {
        Assert.Contains(wrong, Subscription.Refuse(Setting(name, json)), StringComparison.Ordinal);
        Assert.Contains(wrong, Subscription.Refuse(new FoundContext(name, json, null)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_may_be_as_long_as_it_may_be_found_by_and_no_longer()
    {
        Assert.Null(Subscription.Refuse(Setting("subscription:x", $$"""{"status":"active","plan":"{{new string('x', Subscription.MaxTextLength)}}"}""")));
        Assert.Contains("100", Subscription.Refuse(Setting("subscription:x", $$"""{"status":"active","plan":"{{new string('x', Subscription.MaxTextLength + 1)}}"}""")), StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_of_a_customer_and_never_volatile()
    {
        var right = Setting("subscription:x", """{"status":"active"}""");
        Assert.Contains("volatile", Subscription.Refuse(right with { Volatile = true }), StringComparison.Ordinal);
        Assert.Contains("customers", Subscription.Refuse(right with { ContactId = null, AgentId = Guid.NewGuid() }), StringComparison.Ordinal);
        Assert.Null(Subscription.Refuse(Setting("other:x", "1") with { Volatile = true }));
    }

    [Theory]
    [InlineData("""{"status":"active"}""", "2020-01-01T00:00:00Z", SubscriptionStatus.Active)]
    [InlineData("""{"status":"past_due","since":"2026-06-15"}""", "2026-06-15T00:00:00Z", SubscriptionStatus.PastDue)]
    [InlineData("""{"status":"past_due","since":"2026-06-15"}""", "2026-06-14T23:59:59Z", SubscriptionStatus.Pending)]
    [InlineData("""{"status":"active","until":"2026-06-15"}""", "2026-06-15T23:59:59Z", SubscriptionStatus.Active)]
    [InlineData("""{"status":"active","until":"2026-06-15"}""", "2026-06-16T00:00:00Z", SubscriptionStatus.Ended)]
    [InlineData("""{"status":"suspended","until":"2026-06-15T12:00:00+02:00"}""", "2026-06-15T10:00:00Z", SubscriptionStatus.Ended)]
    [InlineData("""{"status":"ended","since":"2026-06-15"}""", "2026-01-01T00:00:00Z", SubscriptionStatus.Ended)]
    [InlineData("""{"status":"pending","since":"2026-06-15"}""", "2027-01-01T00:00:00Z", SubscriptionStatus.Pending)]
    [InlineData("""{"status":"active","until":"9999-12-31"}""", "9999-12-31T23:59:59Z", SubscriptionStatus.Active)]
    public void Its_days_say_when_it_has_not_begun_and_when_it_has_ended(string json, string at, SubscriptionStatus status)
    {
        var (subscription, _) = Assert.Single(Subscription.In([Value("subscription:x", json)]));
        Assert.Equal(status, subscription.StatusAt(DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void A_filter_is_all_of_one_subscription()
    {
        var (subscription, _) = Assert.Single(Subscription.In([Value("subscription:mobile/2", """{"status":"active","plan":"gold","until":"2026-06-15"}"""), Value("subscription:tv", "1"), Value("crm:tier", "1")]));
        Assert.Equal("mobile", subscription.Service);
        Assert.True(subscription.Fits(new(), Noon));
        Assert.True(subscription.Fits(new("mobile", "gold", SubscriptionStatus.Active), Noon));
        Assert.True(subscription.Fits(new(Status: SubscriptionStatus.Ended), Noon.AddDays(1)));
        Assert.False(subscription.Fits(new("mobile/2"), Noon));
        Assert.False(subscription.Fits(new("mobile", "Gold"), Noon));
        Assert.False(subscription.Fits(new("mobile", "gold", SubscriptionStatus.Trial), Noon));
    }

    [Fact]
    public void A_customer_is_found_by_what_counts_of_each_and_by_nothing_any_more_when_it_is_cleared_or_expires()
    {
        var now = Known();
        var set = Set(now, "subscription:tv", """{"status":"trial","plan":"basic"}""", ContextSource.Inferred);
        Assert.Equal([("tv", "basic", SubscriptionStatus.Trial)], Uses(set));
        set = Set(set.Next!, "subscription:tv", """{"status":"active","plan":"gold"}""", ContextSource.Manual, TimeSpan.FromHours(1));
        Assert.Equal([("tv", "gold", SubscriptionStatus.Active)], Uses(set));
        Assert.Equal(Noon.AddHours(1), Assert.Single(set.Change!.Rows.OfType<ContextDueRow>()).At);
        Assert.Equal(Noon.AddHours(1), set.Change!.Rows.OfType<SubscriptionRow>().Single().Subscriptions.Single().ExpiresAt);
        Assert.Empty(Set(set.Next!, "crm:tier", "1", ContextSource.Manual).Change!.Rows.OfType<SubscriptionRow>());
        Assert.Empty(Set(set.Next!, "subscription:tv", """{"status":"ended"}""", ContextSource.Inferred).Change!.Rows.OfType<SubscriptionRow>());

        Assert.Equal([("tv", "basic", SubscriptionStatus.Trial)], Uses(Contact.Look(set.Next, Noon.AddHours(1))));
        Assert.Equal([("tv", "basic", SubscriptionStatus.Trial)], Uses(Contact.ClearContext(set.Next, Callers.Master(), "subscription:tv", ContextSource.Manual)));
        Assert.Empty(Uses(Contact.ClearContext(set.Next, Callers.Master(), "subscription:tv", null)));
        Assert.Empty(Uses(Contact.Erase(set.Next, Noon)));
    }

    [Fact]
    public void What_is_said_to_be_over_or_not_begun_is_so_by_its_times_too()
    {
        var set = Set(Known(), "subscription:a", """{"status":"ended","until":"2030-01-01"}""", ContextSource.Manual);
        set = Set(set.Next!, "subscription:b", """{"status":"pending","since":"2020-01-01"}""", ContextSource.Manual);
        var uses = set.Change!.Rows.OfType<SubscriptionRow>().Single().Subscriptions;
        Assert.Equal((DateTimeOffset.MinValue, DateTimeOffset.MaxValue), (uses[0].EndsAt!.Value, uses[1].BeginsAt!.Value));
    }

    [Fact]
    public void Merging_finds_the_one_by_both_and_unmerging_each_by_its_own()
    {
        var ada = Set(Known(), "subscription:tv", """{"status":"active","plan":"gold"}""", ContextSource.Manual).Next!;
        var bob = Set(Known(), "subscription:tv", """{"status":"active","plan":"basic"}""", ContextSource.Manual).Next!;
        bob = Set(bob, "subscription:mobile", """{"status":"trial"}""", ContextSource.Manual).Next!;
        var merge = ContactMerge.Merge(ada, Callers.Master(), bob, Noon, Options);
        var rows = merge.Change!.Rows.OfType<SubscriptionRow>().ToDictionary(row => row.ContactId, row => row.Subscriptions.Select(use => (use.Service, use.Plan)).ToArray());
        Assert.Equal([("mobile", null), ("tv", "gold")], rows[ada.Id]);
        Assert.Empty(rows[bob.Id]);

        var unmerge = ContactMerge.Unmerge(merge.Next, Callers.Master(), bob.Id, Noon);
        rows = unmerge.Change!.Rows.OfType<SubscriptionRow>().ToDictionary(row => row.ContactId, row => row.Subscriptions.Select(use => (use.Service, use.Plan)).ToArray());
        Assert.Equal([("tv", "gold")], rows[ada.Id]);
        Assert.Equal([("mobile", null), ("tv", "basic")], rows[bob.Id]);
    }

    [Fact]
    [Trait("Catalogue", "RCC-46")]
    public void A_malformed_one_that_a_lookup_finds_counts_as_not_found_and_spoils_nothing_else()
    {
        var now = Contact.TakeLookup(Known(), LookupOrigin.Server, Found(("subscription:tv", """{"status":"active","plan":"gold"}"""), ("crm:tier", "1"), ("crm:old", "1")), Noon, Options).Next!;
        var next = Contact.TakeLookup(
            now, LookupOrigin.Server, Found(("subscription:tv", """{"status":"lively"}"""), ("subscription:net", """{"status":"trial"}"""), ("subscription:mobile", "7"), ("crm:tier", "2")), Noon.AddHours(1), Options);
        Assert.Equal([("crm:tier", "2", null), ("subscription:net", """{"status":"trial"}""", null)], next.Next!.Record.Context.Select(entry => (entry.Name, entry.Json, entry.StaleSince)));
        Assert.Equal([("net", null, SubscriptionStatus.Trial)], Uses(next));
        var failed = Contact.TakeLookup(next.Next, LookupOrigin.Server, LookupResult.Failed(LookupFailure.TimeOut), Noon.AddHours(2), Options);
        Assert.Empty(failed.Change!.Rows.OfType<SubscriptionRow>());
        Assert.Equal(Noon.AddHours(2), Assert.Single(failed.Next!.Record.Context, entry => entry.Name == "subscription:net").StaleSince);
        Assert.Empty(Uses(Contact.TakeLookup(failed.Next, LookupOrigin.Server, new(), Noon.AddHours(3), Options)));
    }

    [Fact]
    [Trait("Catalogue", "RCC-53")]
    public void Nobody_looks_for_what_rules_hide_and_an_agent_for_what_no_rule_allows_only_of_whom_it_serves()
    {
        var (agent, master) = (new Viewer(Role.Agent, Guid.NewGuid(), Serves: false), new Viewer(Role.MasterAgent, null, Serves: false));
        var me = Guid.NewGuid();
        Assert.Equal((0, me), Asked([], agent));
        Assert.Equal((0, null), Asked([], master));
        Assert.Equal((0, me), Asked([Rule("email", false), Rule("context.crm:*", false), Rule("context.subscription:*", false, Role.MasterAgent)], agent));
        Assert.Null(Asked([Rule("context.subscription:*", false, Role.MasterAgent)], master));
        Assert.Null(Asked([Rule("*", false)], master));
        Assert.Null(Asked([Rule("context.subscription:tv", false), Rule("context.*", false)], agent));
        Assert.Null(Asked([Rule("context.subscription:tv*", false)], agent, "tv"));
        Assert.Equal((0, me), Asked([Rule("context.subscription:mob*", false)], agent, "tv"));

        // The first decides; what comes after one that fits all is not asked.
        Assert.Equal((1, me), Asked([Rule("context.subscription:*", true), Rule("*", false)], agent));
        Assert.Equal((2, me), Asked([Rule("context.subscription:tv", true), Rule("context.subscription:*", false), Rule("*", true)], agent));
        var query = Disclosure.SubscriptionsFor(new() { Rules = [Rule("con*", true)] }, agent, me, new(), Noon)!;
        Assert.Equal([new NameRule("", IsPrefix: true, Allows: true)], query.Rules);
        query = Disclosure.SubscriptionsFor(new() { Rules = [Rule("context.subscription:tv/2", false)] }, agent, me, new("tv"), Noon)!;
        Assert.Equal([new NameRule("subscription:tv/2", IsPrefix: false, Allows: false)], query.Rules);

        (int Rules, Guid? ServedBy)? Asked(DisclosureRule[] rules, Viewer viewer, string? service = null) =>
            Disclosure.SubscriptionsFor(new() { Rules = [.. rules] }, viewer, me, new(service), Noon) is { } query ? (query.Rules.Length, query.ServedBy) : null;

        static DisclosureRule Rule(string pattern, bool allows, Role? role = null) => new() { Pattern = pattern, Role = role, Handling = allows ? DisclosureHandling.Allow : DisclosureHandling.Hide };
    }

    static SetContext Setting(string name, string json) => new() { Number = 1, ContactId = Guid.NewGuid(), Name = name, Value = JsonDocument.Parse(json).RootElement };

    static ContextValue Value(string name, string json) => new() { Name = name, Value = JsonDocument.Parse(json).RootElement, Source = ContextSource.Manual, SetAt = Noon };

    static Dossier Known() => Contact.Create(Guid.CreateVersion7(), null, new("Ada", null, null, []), Noon, Options).Next!;

    static LookupResult Found(params (string Name, string Json)[] values) => new() { Found = [.. values.Select(value => new FoundContext(value.Name, value.Json, null))] };

    static Decision<Dossier> Set(Dossier now, string name, string json, ContextSource source, TimeSpan? lifetime = null) =>
        Contact.SetContext(now, Callers.Master(), new() { Name = name, Json = json, Source = source, Lifetime = lifetime }, Noon, Options);

    static IEnumerable<(string Service, string? Plan, SubscriptionStatus Status)> Uses(Decision<Dossier> decision) =>
        decision.Change!.Rows.OfType<SubscriptionRow>().Single().Subscriptions.Select(use => (use.Service, use.Plan, use.Status));
}
