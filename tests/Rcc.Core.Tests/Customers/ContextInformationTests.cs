using System.Collections.Immutable;
using Rcc.Contracts.Customers;
using Rcc.Core.Customers;

namespace Rcc.Core.Tests.Customers;

/// <summary>The rules of context information, by example.</summary>
public class ContextInformationTests
{
    static readonly DateTimeOffset Noon = Callers.Noon;

    [Fact]
    [Trait("Catalogue", "RCC-44")]
    public void The_lowest_source_counts_and_what_it_hides_comes_back()
    {
        var all = Set([], "a:b", "database", ContextSource.Database);
        all = Set(all, "a:b", "inferred", ContextSource.Inferred);
        all = Set(all, "a:b", "manual", ContextSource.Manual);
        Assert.Equal("manual", Value(all));
        all = Set(all, "a:b", "inferred again", ContextSource.Inferred);
        Assert.Equal("manual", Value(all));
        all = ContextInformation.Clear(all, "a:b", ContextSource.Manual);
        Assert.Equal("inferred again", Value(all));
        all = ContextInformation.Clear(all, "a:b", ContextSource.Inferred);
        Assert.Equal("database", Value(all));
        Assert.Empty(ContextInformation.Clear(all, "a:b", null));
    }

    [Fact]
    public void What_has_expired_or_lost_its_cause_does_not_count()
    {
        var cause = Guid.CreateVersion7();
        var all = Set([], "a:manual", "x", ContextSource.Manual, expires: Noon.AddMinutes(1));
        all = Set(all, "a:manual", "y", ContextSource.Inferred, cause: cause);
        Assert.Equal(Noon.AddMinutes(1), ContextInformation.NextExpiry(all));
        Assert.Equal(2, ContextInformation.Current(all, Noon, [cause], []).Length);
        Assert.Equal("y", Value(ContextInformation.Current(all, Noon.AddMinutes(1), [cause], [LookupOrigin.Server])));
        Assert.Equal("x", Value(ContextInformation.Current(all, Noon, [], [])));
        Assert.Empty(ContextInformation.Current(all, Noon.AddMinutes(1), [], []));
    }

    [Fact]
    [Trait("Catalogue", "RCC-46")]
    public void A_failed_lookup_marks_what_was_found_as_stale_from_its_first_failure_on()
    {
        var all = Set([], "a:manual", "x", ContextSource.Manual);
        all = ContextInformation.LookedUp(all, LookupOrigin.Server, [new("crm:tier", "1", null), new("crm:old", "2", null)], Noon);
        all = ContextInformation.NotLookedUp(ContextInformation.NotLookedUp(all, LookupOrigin.Server, Noon.AddMinutes(1)), LookupOrigin.Server, Noon.AddMinutes(2));
        Assert.Equal([Noon.AddMinutes(1), Noon.AddMinutes(1)], all.Where(entry => entry.Source == ContextSource.Database).Select(entry => entry.StaleSince!.Value));
        Assert.Null(all.Single(entry => entry.Source == ContextSource.Manual).StaleSince);
        all = ContextInformation.LookedUp(all, LookupOrigin.Server, [new("crm:tier", "3", TimeSpan.FromHours(1))], Noon.AddMinutes(3));
        var found = Assert.Single(all, entry => entry.Source == ContextSource.Database);
        Assert.Equal(("crm:tier", "3", (DateTimeOffset?)null, Noon.AddMinutes(3), Noon.AddMinutes(63)), (found.Name, found.Json, found.StaleSince, found.SetAt, found.ExpiresAt));
    }

    [Fact]
    [Trait("Catalogue", "RCC-46")]
    public void What_was_looked_up_is_stale_after_its_time_as_long_as_it_is_looked_up_again_and_then_gone()
    {
        var all = Set([], "a:manual", "x", ContextSource.Manual, expires: Noon.AddMinutes(1));
        all = ContextInformation.LookedUp(all, LookupOrigin.Server, [new("crm:tier", "1", TimeSpan.FromMinutes(1)), new("crm:debts", "2", null)], Noon);
        var after = ContextInformation.Current(all, Noon.AddMinutes(1), [], [LookupOrigin.Server]);
        Assert.Equal([("crm:debts", null), ("crm:tier", Noon.AddMinutes(1))], after.Select(entry => (entry.Name, entry.StaleSince)));
        Assert.Null(ContextInformation.NextExpiry(after));

        var failed = ContextInformation.NotLookedUp(after, LookupOrigin.Server, Noon.AddMinutes(2));
        Assert.Equal([("crm:debts", Noon.AddMinutes(2)), ("crm:tier", Noon.AddMinutes(1))], failed.Select(entry => (entry.Name, entry.StaleSince!.Value)));
        Assert.Equal(failed, ContextInformation.Current(failed, Noon.AddMinutes(3), [], [LookupOrigin.Server]));
        Assert.Equal(["crm:debts"], ContextInformation.Current(failed, Noon.AddMinutes(3), [], []).Select(entry => entry.Name));
        Assert.Equal(["crm:debts"], ContextInformation.Current(all, Noon.AddMinutes(1), [], []).Select(entry => entry.Name));
        Assert.Null(Assert.Single(ContextInformation.LookedUp(failed, LookupOrigin.Server, [new("crm:tier", "3", null)], Noon.AddMinutes(4))).StaleSince);
    }

    [Theory]
    [InlineData("a:b", true)]
    [InlineData("urn:ietf:params:xml:ns:pidf:rpid#activities", true)]
    [InlineData("a:", false)]
    [InlineData(":b", false)]
    [InlineData("ab", false)]
    [InlineData("a: b", false)]
    [InlineData("a:\u00fc", false)]
    [InlineData(null, false)]
    public void A_name_is_namespaced_and_visible(string? name, bool isName) => Assert.Equal(isName, ContextInformation.IsName(name));

    static ImmutableArray<ContextEntry> Set(ImmutableArray<ContextEntry> all, string name, string value, ContextSource source, DateTimeOffset? expires = null, Guid? cause = null) =>
        ContextInformation.Set(all, new() { Name = name, Json = $"\"{value}\"", Source = source, SetAt = Noon, ExpiresAt = expires, ConversationId = cause });

    static string? Value(ImmutableArray<ContextEntry> all) => Assert.Single(ContextInformation.Effective(all)).ToValue().Value.GetString();
}
