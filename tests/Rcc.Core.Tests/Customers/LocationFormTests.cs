using System.Text.Json;
using Rcc.Contracts.Customers;
using Rcc.Core.Customers;

namespace Rcc.Core.Tests.Customers;

/// <summary>What is a location and what is none.</summary>
[Trait("Catalogue", "RCC-47")]
public class LocationFormTests
{
    [Theory]
    [InlineData("""{"geodetic":{"latitude":48.2082,"longitude":16.3738}}""")]
    [InlineData("""{"geodetic":{"latitude":-90,"longitude":180,"altitude":-1.5,"uncertainty":0},"method":"802.11"}""")]
    [InlineData("""{"geodetic":{"latitude":90,"longitude":-180,"uncertainty":20037509}}""")]
    [InlineData("""{"civic":{"country":"AT","A1":"Wien","A3":"Wien","RD":"Mariahilfer Straße","HNO":"7","STP":"x"},"method":"Manual","timestamp":"2026-11-21T12:00:00+01:00"}""")]
    [InlineData("""{"geodetic":null,"civic":{"LOC":"Second desk"},"timestamp":"2026-11-21T11:00:00.25Z"}""")]
    public void A_location_is_a_position_an_address_or_both(string json)
    {
        Assert.Null(LocationForm.Refuse(Location.ContextName, json));
        using var document = JsonDocument.Parse(json);
        Assert.Null(LocationForm.Refuse(Location.ContextName, document.RootElement));
    }

    [Theory]
    [InlineData("null", "value is")]
    [InlineData("\"geo:48.2,16.3\"", "value is")]
    [InlineData("[]", "value is")]
    [InlineData("{}", "neither geodetic nor civic")]
    [InlineData("""{"method":"GPS"}""", "neither geodetic nor civic")]
    [InlineData("""{"geodetic":{"latitude":48.2}}""", "value.geodetic")]
    [InlineData("""{"geodetic":{"latitude":"48.2","longitude":1}}""", "value.geodetic.latitude")]
    [InlineData("""{"geodetic":{"latitude":null,"longitude":1}}""", "value.geodetic.latitude")]
    [InlineData("""{"geodetic":{"latitude":90.0001,"longitude":1}}""", "value.geodetic.latitude")]
    [InlineData("""{"geodetic":{"latitude":1e999,"longitude":1}}""", "value.geodetic.latitude")]
    [InlineData("""{"geodetic":{"latitude":0,"longitude":-180.1}}""", "value.geodetic.longitude")]
    [InlineData("""{"geodetic":{"latitude":0,"longitude":0,"altitude":-20001}}""", "value.geodetic.altitude")]
    [InlineData("""{"geodetic":{"latitude":0,"longitude":0,"uncertainty":-1}}""", "value.geodetic.uncertainty")]
    [InlineData("""{"geodetic":{"latitude":0,"longitude":0,"uncertainty":20037510}}""", "value.geodetic.uncertainty")]
    [InlineData("""{"geodetic":{"Latitude":0,"longitude":0}}""", "value.geodetic")]
    [InlineData("""{"geodetic":{"latitude":0,"longitude":0,"accuracy":5}}""", "value.geodetic.accuracy")]
    [InlineData("""{"geodetic":{"latitude":0,"latitude":1,"longitude":0}}""", "value.geodetic.latitude")]
    [InlineData("""{"civic":{"country":"AT"},"civic":{"country":"AT"}}""", "value.civic")]
    [InlineData("""{"civic":{"country":"AT","country":"DE"}}""", "value.civic")]
    [InlineData("""{"civic":{}}""", "value.civic")]
    [InlineData("""{"civic":{"country":"at"}}""", "value.civic.country")]
    [InlineData("""{"civic":{"country":"AUT"}}""", "value.civic.country")]
    [InlineData("""{"civic":{"city":"Wien"}}""", "value.civic.city")]
    [InlineData("""{"civic":{"a1":"Wien"}}""", "value.civic.a1")]
    [InlineData("""{"civic":{"A3":null}}""", "value.civic.A3")]
    [InlineData("""{"civic":{"A3":""}}""", "value.civic.A3")]
    [InlineData("""{"civic":{"A3":"a\nb"}}""", "value.civic.A3")]
    [InlineData("""{"civic":{"A3":7}}""", "value.civic.A3")]
    [InlineData("""{"civic":{"A3":"\ud800"}}""", "value.civic.A3")]
    [InlineData("""{"civic":{"\ud800":"Wien"}}""", "value.civic")]
    [InlineData("""{"\ud800":1}""", "value")]
    [InlineData("""{"civic":{"A3":"Wien"},"timestamp":"\ud800"}""", "value.timestamp")]
    [InlineData("""{"civic":{"A3":"Wien"},"timestamp":null,"method":"\ud800"}""", "value.method")]
    [InlineData("""{"civic":{"A3":"Wien"},"method":"at Wien, Rathausplatz 1"}""", "value.method")]
    [InlineData("""{"civic":{"A3":"Wien"},"method":""}""", "value.method")]
    [InlineData("""{"civic":{"A3":"Wien"},"timestamp":"yesterday"}""", "value.timestamp")]
    [InlineData("""{"civic":{"A3":"Wien"},"timestamp":"2026-11-21T12:00:00"}""", "value.timestamp")]
    [InlineData("""{"civic":{"A3":"Wien"},"timestamp":"2026-11-21"}""", "value.timestamp")]
    [InlineData("""{"civic":{"A3":"Wien"},"note":"at home"}""", "value.note")]
    public void Anything_else_is_refused_and_what_is_wrong_is_named(string json, string named) =>
        Assert.Contains(named, LocationForm.Refuse(Location.ContextName, json), StringComparison.Ordinal);

    [Fact]
    public void What_is_too_long_is_refused()
    {
        Assert.Null(LocationForm.Refuse(Location.ContextName, Civic(new('x', 256))));
        Assert.Contains("value.civic.LOC", LocationForm.Refuse(Location.ContextName, Civic(new('x', 257))), StringComparison.Ordinal);

        static string Civic(string text) => JsonSerializer.Serialize(new { civic = new { LOC = text } });
    }

    [Fact]
    public void Only_a_location_has_a_form() => Assert.Null(LocationForm.Refuse("geopriv:place", "\"home\""));

    [Fact]
    [Trait("Catalogue", "RCC-46")]
    public void A_malformed_location_that_was_looked_up_counts_as_not_found_and_spoils_nothing_else()
    {
        var before = ContextInformation.LookedUp([], LookupOrigin.Server, [new(Location.ContextName, """{"civic":{"country":"AT"}}""", null)], Callers.Noon);
        Assert.Single(before);
        var after = ContextInformation.LookedUp(before, LookupOrigin.Server, [new(Location.ContextName, "\"Rathausplatz 1\"", null), new("crm:tier", "1", null)], Callers.Noon);
        Assert.Equal("crm:tier", Assert.Single(after).Name);
    }
}
