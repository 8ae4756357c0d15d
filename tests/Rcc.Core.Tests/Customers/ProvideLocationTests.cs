using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Customers;
using Rcc.Contracts.Sync;
using Rcc.Core.Customers;

namespace Rcc.Core.Tests.Customers;

/// <summary>Rules that give a location less exactly, by example and at random.</summary>
[Trait("Catalogue", "RCC-47")]
public class ProvideLocationTests
{
    /// <summary>Between the least and the largest radius of curvature of WGS 84 there are 64 km.</summary>
    const double LargestRadius = 6_399_594;

    static readonly GeodeticLocation Vienna = new() { Latitude = 48.2082, Longitude = 16.3738, Altitude = 171, Uncertainty = 12.5 };

    static readonly Location Home = new()
    {
        Geodetic = Vienna,
        Civic = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["country"] = "AT", ["A1"] = "Wien", ["A3"] = "Vienna", ["A4"] = "Innere Stadt", ["RD"] = "Rathausplatz", ["HNO"] = "1", ["PC"] = "1010", ["FLR"] = "2", ["NAM"] = "Ann",
        },
        Method = "GPS",
        Timestamp = Callers.Noon,
    };

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    [Theory]
    [InlineData(CivicLevel.Country, "country")]
    [InlineData(CivicLevel.Region, "country A1")]
    [InlineData(CivicLevel.City, "country A1 A3")]
    [InlineData(CivicLevel.Building, "country A1 A3 A4 RD HNO PC")]
    [InlineData(CivicLevel.Full, "country A1 A3 A4 RD HNO PC FLR NAM")]
    public void Of_an_address_what_is_beyond_the_level_is_absent_and_so_is_the_position(CivicLevel level, string elements)
    {
        var shown = new ProvideLocation(level, null).Of(Home)!;
        Assert.Equal(elements.Split(' '), shown.Civic!.Keys);
        Assert.All(shown.Civic, element => Assert.Equal(Home.Civic![element.Key], element.Value));
        Assert.Equal((null, null, Callers.Noon), (shown.Geodetic, shown.Method, shown.Timestamp));
    }

    [Fact]
    public void Of_a_position_the_cell_is_shown_and_neither_address_altitude_nor_method()
    {
        var shown = new ProvideLocation(null, 1_000).Of(Home)!;
        Assert.Equal((null, null, null), (shown.Civic, shown.Method, shown.Geodetic!.Altitude));
        Assert.Equal(2_000, shown.Geodetic.Uncertainty);
        Assert.InRange(Distance(shown.Geodetic, Vienna), 1, 1_000);
        var both = new ProvideLocation(CivicLevel.City, 1_000).Of(Home)!;
        Assert.Equal((shown.Geodetic, 3), (both.Geodetic, both.Civic!.Count));
    }

    [Fact]
    public void Where_nothing_is_left_nothing_is_shown()
    {
        Assert.Null(new ProvideLocation(CivicLevel.Full, null).Of(new() { Geodetic = Vienna, Timestamp = Callers.Noon }));
        Assert.Null(new ProvideLocation(null, 10).Of(new() { Civic = Home.Civic }));
        Assert.Null(new ProvideLocation(CivicLevel.Country, 10).Of(new() { Civic = new Dictionary<string, string>(StringComparer.Ordinal) { ["HNO"] = "1" } }));
    }

    [Fact]
    public void Every_element_of_a_coarser_level_is_in_the_finer_ones()
    {
        var everything = new Location { Civic = ProvideLocation.CivicLevels.Keys.ToDictionary(element => element, element => element, StringComparer.Ordinal) };
        var levels = Enum.GetValues<CivicLevel>().Select(level => new ProvideLocation(level, null).Of(everything)!.Civic!.Keys.ToHashSet(StringComparer.Ordinal)).ToList();
        Assert.All(levels.Zip(levels.Skip(1)), pair => Assert.True(pair.First.IsProperSubsetOf(pair.Second)));
        Assert.Equal(ProvideLocation.CivicLevels.Count, levels[^1].Count);
    }

    /// <summary>Anywhere on earth, by any radius: near enough, always the same, and of the whole cell the same.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_shown_circle_holds_the_true_one_and_says_no_more_than_the_cell(int seed)
    {
        var random = new Random(seed);
        var farthest = 0.0;
        var changes = 0;
        for (var step = 0; step < 2_000; step++)
        {
            var radius = (int)Math.Pow(10, random.NextDouble() * 6);
            var given = Anywhere(random);
            var shown = Show(given, radius);
            Assert.Null(LocationForm.Refuse(Location.ContextName, JsonSerializer.SerializeToElement(new Location { Geodetic = shown }, ContractJson.Default.Location)));
            var distance = Distance(shown, given);
            Assert.True(distance <= radius, $"{given} is {distance} m from {shown}, radius {radius}");
            Assert.True(distance + given.Uncertainty.GetValueOrDefault() <= shown.Uncertainty, $"{given} is not all in {shown}, radius {radius}");
            Assert.Equal(0, shown.Uncertainty!.Value % radius);
            Assert.Equal(shown, Show(given, radius));
            Assert.Equal(shown, Show(shown, radius));
            farthest = Math.Max(farthest, distance / radius);

            // Whatever else is in the cell looks the same: what is shown depends on nothing but the cell.
            var other = given with { Latitude = Math.Clamp(given.Latitude + (random.NextDouble() - 0.5) * radius / 200_000, -90, 90) };
            var there = Show(other, radius);
            changes += there == shown ? 0 : 1;
            Assert.True(there == shown || Distance(there, shown) > radius / 2.0, $"{there} is as good as {shown}, radius {radius}");
        }

        // A walk that never comes near the edge of a cell, or over it, proves nothing.
        Assert.InRange(farthest, 0.9, 1);
        Assert.InRange(changes, 20, 1_000);
    }

    /// <summary>What a cell tells is how large it is: as large as the radius allows, wherever it is.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(48.2)]
    [InlineData(-75)]
    [InlineData(89.7)]
    public void A_cell_is_hardly_smaller_than_the_radius_allows(double latitude)
    {
        const int radius = 1_000;
        var random = new Random(7);
        HashSet<GeodeticLocation> cells = [];
        const int width = 20_000;
        for (var i = 0; i < 100_000; i++)
        {
            var (north, east) = ((random.NextDouble() - 0.5) * width, (random.NextDouble() - 0.5) * width);
            var here = latitude + north / 111_000;
            cells.Add(Show(new() { Latitude = here, Longitude = east / (111_000 * Math.Cos(here * Math.PI / 180)) }, radius));
        }

        // Squares of a diagonal of 2 km are of 2 km²; those that are cut off at the border of the region count whole.
        Assert.InRange(cells.Count, 150, 300);
    }

    [Fact]
    public void The_ends_of_the_map_are_no_ends_of_the_earth()
    {
        foreach (var radius in new[] { 1, 500, 1_000_000 })
        {
            Assert.Equal(Show(At(10, -180), radius), Show(At(10, 180), radius));
            Assert.Equal(Show(At(90, 0), radius), Show(At(90, 123), radius));
            Assert.Equal(Show(At(-90, 0), radius), Show(At(-90, -180), radius));
            Assert.All(new[] { At(90, 77), At(-90, 0), At(89.9999999, 180), At(0, 180), At(0, -180), At(-0.0, 0) }, position => Assert.InRange(Distance(Show(position, radius), position), 0, radius));
        }

        static GeodeticLocation At(double latitude, double longitude) => new() { Latitude = latitude, Longitude = longitude };
    }

    [Fact]
    public void Nothing_is_less_certain_than_anywhere_on_earth() =>
        Assert.Equal(LocationForm.MaxUncertainty, Show(Vienna with { Uncertainty = LocationForm.MaxUncertainty }, 1_000).Uncertainty);

    [Theory]
    [InlineData("geopriv:*")]
    [InlineData("geopriv:location")]
    public void A_rule_reduces_locations_durable_and_volatile_and_leaves_other_values_alone(string names)
    {
        var contact = new Dossier
        {
            Id = Guid.CreateVersion7(),
            Record = new() { CreatedAt = Callers.Noon, Context = [Entry(Location.ContextName, Json(Home)), Entry("geopriv:mood", """{"civic":{"HNO":"1"}}""")] },
            Volatile = [Entry(Location.ContextName, Json(Home))],
            Rules = new() { Disclosure = Rules($"context.{names}") },
        };
        var agent = new Viewer(Role.Agent, null, Serves: true);
        var shown = Disclosure.Show(contact, agent).Context.Concat(Disclosure.ShowVolatile(contact, agent).Context).ToList();
        Assert.Equal([Location.ContextName, "geopriv:mood", Location.ContextName], shown.Select(value => value.Name));
        Assert.All(shown.Where(value => value.Name == Location.ContextName), value => Assert.Equal("""{"civic":{"country":"AT","A1":"Wien","A3":"Vienna"},"timestamp":"2026-11-20T12:00:00+00:00"}""", value.Value.GetRawText()));
        Assert.Equal("""{"civic":{"HNO":"1"}}""", shown[1].Value.GetRawText());
        var master = new Viewer(Role.MasterAgent, null, Serves: false);
        Assert.Equal(Json(Home), Disclosure.Show(contact, master).Context[0].Value.GetRawText());

        // Nobody knows what of a location without a shape would be too much.
        var odd = contact with { Record = contact.Record with { Context = [Entry(Location.ContextName, "\"Rathausplatz 1\"")] } };
        Assert.Empty(Disclosure.Show(odd, agent).Context);
        Assert.Single(Disclosure.Show(odd, master).Context);
    }

    [Theory]
    [InlineData("context.geopriv:location", DisclosureHandling.Allow, CivicLevel.City, null, null)]
    [InlineData("context.*", DisclosureHandling.Allow, null, 1, null)]
    [InlineData("*", DisclosureHandling.Confirm, CivicLevel.Full, 1_000_000, null)]
    [InlineData("agent_context.geopriv:*", DisclosureHandling.Allow, CivicLevel.Country, null, null)]
    [InlineData("context.geopriv:location", DisclosureHandling.Hide, CivicLevel.City, null, "hides")]
    [InlineData("context.geopriv:locations", DisclosureHandling.Allow, CivicLevel.City, null, "fits neither")]
    [InlineData("email", DisclosureHandling.Allow, CivicLevel.City, null, "fits neither")]
    [InlineData("custom.*", DisclosureHandling.Allow, CivicLevel.City, null, "fits neither")]
    [InlineData("*", DisclosureHandling.Allow, null, null, "civic, radius or both")]
    [InlineData("*", DisclosureHandling.Allow, (CivicLevel)9, null, "provide_location.civic")]
    [InlineData("*", DisclosureHandling.Allow, null, 0, "provide_location.radius")]
    [InlineData("*", DisclosureHandling.Allow, null, 1_000_001, "provide_location.radius")]
    public void A_rule_that_could_not_mean_anything_is_refused(string pattern, DisclosureHandling handling, CivicLevel? civic, int? radius, string? named)
    {
        var rule = new DisclosureRule { Pattern = pattern, Handling = handling, ProvideLocation = new(civic, radius) };
        var wrong = rule.ProvideLocation.Refuse(rule);
        Assert.Equal(named is null, wrong is null);
        Assert.Contains(named ?? "", wrong ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void The_record_tells_what_a_rule_gives()
    {
        var act = ContactSettings.SetDisclosure(Callers.Tenant, null, Rules("context.geopriv:*").Rules, new()).Change!.Act!;
        Assert.Contains("context.geopriv:* allow agent civic=city", JsonSerializer.Serialize(act.Changes), StringComparison.Ordinal);
        var stored = DisclosureRecord.OfJson(Rules("context.geopriv:*").ToJson());
        Assert.Equal(new ProvideLocation(CivicLevel.City, null), Assert.Single(stored.Rules).ProvideLocation);
    }

    static DisclosureRecord Rules(string pattern) => new() { Rules = [new() { Pattern = pattern, Role = Role.Agent, Handling = DisclosureHandling.Allow, ProvideLocation = new(CivicLevel.City, null) }] };

    static ContextEntry Entry(string name, string json) => new() { Name = name, Json = json, Source = ContextSource.Manual, SetAt = Callers.Noon };

    static string Json(Location location) => JsonSerializer.Serialize(location, ContractJson.Default.Location);

    static GeodeticLocation Show(GeodeticLocation position, int radius) => new ProvideLocation(null, radius).Of(new() { Geodetic = position })!.Geodetic!;

    /// <summary>Evenly over the sphere, with more at its poles and at the antimeridian than there would be.</summary>
    static GeodeticLocation Anywhere(Random random) => new()
    {
        Latitude = random.Next(8) switch
        {
            0 => 90 - Math.Pow(random.NextDouble(), 8),
            1 => -90 + Math.Pow(random.NextDouble(), 8),
            _ => Math.Asin(2 * random.NextDouble() - 1) * 180 / Math.PI,
        },
        Longitude = random.Next(8) switch
        {
            0 => 180 - Math.Pow(random.NextDouble(), 8),
            1 => -180 + Math.Pow(random.NextDouble(), 8),
            _ => random.NextDouble() * 360 - 180,
        },
        Uncertainty = random.Next(3) switch { 0 => null, 1 => 0, _ => Math.Pow(10, random.NextDouble() * 5) },
    };

    /// <summary>Not less than on the ellipsoid, by the chord: another formula than the one under test uses.</summary>
    static double Distance(GeodeticLocation one, GeodeticLocation other)
    {
        var (a, b) = (Vector(one), Vector(other));
        var chord = Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum());
        return 2 * LargestRadius * Math.Asin(Math.Min(1, chord / 2));
    }

    static double[] Vector(GeodeticLocation position)
    {
        var (latitude, longitude) = (position.Latitude * Math.PI / 180, position.Longitude * Math.PI / 180);
        return [Math.Cos(latitude) * Math.Cos(longitude), Math.Cos(latitude) * Math.Sin(longitude), Math.Sin(latitude)];
    }
}
