using System.Collections.Frozen;
using Rcc.Contracts.Customers;

namespace Rcc.Core.Customers;

/// <summary>
/// What a rule of disclosure gives of a location (RCC-47): the transformation <c>provide-location</c> of RFC 6772 §6.5. Pure. What it does not name it does not give: an address when only the radius is said, a position
/// when only the level is.
/// </summary>
/// <param name="Civic">How much of the address.</param>
/// <param name="Radius">How far from the true position the shown one may be, in metres.</param>
[GenerateSerializer, Immutable, Alias("rcc.customers.ProvideLocation")]
public sealed record ProvideLocation([property: Id(0)] CivicLevel? Civic, [property: Id(1)] int? Radius)
{
    internal const int MaxRadius = 1_000_000;

    /// <summary>The elements of an address there are (RFC 5139 §3.1, RFC 6848) and the least exact level that shows them. A postal code may be one building's.</summary>
    internal static FrozenDictionary<string, CivicLevel> CivicLevels { get; } =
        new[]
        {
            (CivicLevel.Country, "country"),
            (CivicLevel.Region, "A1"),
            (CivicLevel.City, "A2 A3"),
            (CivicLevel.Building, "A4 A5 A6 PC RD RDSEC RDBR RDSUBBR PRM POM PRD POD STS STP HNO HNP HNS LMK BLD MP PN"),
            (CivicLevel.Full, "LOC FLR NAM UNIT ROOM SEAT PLC PCN POBOX ADDCODE"),
        }.SelectMany(level => level.Item2.Split(' '), (level, element) => (level.Item1, element)).ToFrozenDictionary(level => level.element, level => level.Item1, StringComparer.Ordinal);

    /// <summary>What is wrong with it in a rule; null when nothing is.</summary>
    public string? Refuse(DisclosureRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return this switch
        {
            _ when rule.Handling == DisclosureHandling.Hide => "provide_location is of no use in a rule that hides.",
            _ when !Disclosure.IsAbout(rule, Disclosure.ContextPath + Location.ContextName) && !Disclosure.IsAbout(rule, AgentContext.Path + Location.ContextName) =>
                $"provide_location is for rules about {Disclosure.ContextPath}{Location.ContextName} or {AgentContext.Path}{Location.ContextName}; the pattern {rule.Pattern} fits neither.",
            { Civic: null, Radius: null } => "provide_location says civic, radius or both; a rule that hides gives nothing.",
            { Civic: { } level } when !Enum.IsDefined(level) => "provide_location.civic is unknown.",
            { Radius: not (null or (>= 1 and <= MaxRadius)) } => $"provide_location.radius is 1 … {MaxRadius} metres.",
            _ => null,
        };
    }

    /// <summary>What it gives of a location; null when that is nothing. The method is a word of whoever set it, and could say what the rest does not any more.</summary>
    public Location? Of(Location location)
    {
        ArgumentNullException.ThrowIfNull(location);
        var civic = location.Civic?.Where(element => CivicLevels[element.Key] <= Civic).ToDictionary(StringComparer.Ordinal);
        var reduced = new Location
        {
            Civic = civic is { Count: > 0 } ? civic : null, Geodetic = location.Geodetic is { } position && Radius is { } radius ? Obscured(position, radius) : null, Timestamp = location.Timestamp,
        };
        return reduced is { Civic: null, Geodetic: null } ? null : reduced;
    }

    /// <summary>The circle shown for a position: it is around the middle of the position's cell, and the position's own circle is in it. One that is a circle of the grid already stays.</summary>
    static GeodeticLocation Obscured(GeodeticLocation position, int radius)
    {
        var (latitude, longitude) = ObscuringGrid.Middle(position.Latitude, position.Longitude, radius);
        var own = position.Uncertainty.GetValueOrDefault();
        var isShown = own > 0 && own % radius == 0 && (latitude, longitude) == (position.Latitude, position.Longitude);

        // Told in whole radii, because a device's own uncertainty changes from step to step.
        return new() { Latitude = latitude, Longitude = longitude, Uncertainty = Math.Min(isShown ? own : radius * (1 + Math.Ceiling(own / radius)), LocationForm.MaxUncertainty) };
    }
}

/// <summary>How much of an address is given (RFC 6772 §6.5.1, <c>provide-civic</c>); each level gives what those before it do.</summary>
public enum CivicLevel
{
    /// <summary>The country.</summary>
    Country = 0,

    /// <summary>And A1: the state, canton, region, province.</summary>
    Region,

    /// <summary>And A2 and A3: the county and the city.</summary>
    City,

    /// <summary>And the district, the street, the house and its postal code.</summary>
    Building,

    /// <summary>Everything: floor, room, who lives there.</summary>
    Full,
}

/// <summary>
/// Obscures positions (RFC 6772 §6.5.2) by a grid over the earth: bands of one height along the parallels, each divided into equal cells. Pure. All of a cell is no farther from its middle than the radius, and the middle is
/// all that is shown of whatever is in the cell: asking again or moving about in a cell tells nothing more. The grid is the same for everybody and for ever, so no average of many answers tells anything either; what
/// it does not hide is that somebody whose cell changes is near the border at that moment, and two different radii together tell where their cells overlap.
/// </summary>
static class ObscuringGrid
{
    /// <summary>The largest radius of curvature of WGS 84 (a²/b), in metres. With it a distance on the sphere is never less than on the ellipsoid.</summary>
    const double Curvature = 6_399_593.626;

    /// <summary>Of a shown position: about a centimetre.</summary>
    const int Digits = 7;

    /// <summary>What rounding to <see cref="Digits"/> can add to a distance, in metres.</summary>
    const double Rounding = 0.01;

    public static (double Latitude, double Longitude) Middle(double latitude, double longitude, int radius)
    {
        var distance = (radius - Rounding) / Curvature;
        var bands = Math.Ceiling(Math.PI / (Math.Sqrt(2) * distance));
        var height = Math.PI / bands;
        var band = Math.Min(Math.Floor(((latitude + 90) / 180) * bands), bands - 1);
        var middle = (band + 0.5) * height - Math.PI / 2;

        // The farthest points of a cell are its corners on the side of the equator; by haversines, which are exact for small angles.
        var nearEquator = Math.Abs(middle) - height / 2;
        var half = 2 * Math.Asin(Math.Sqrt(Math.Min(1, (Square(distance / 2) - Square(height / 4)) / (Math.Cos(middle) * Math.Cos(nearEquator)))));
        var cells = Math.Ceiling(Math.PI / half);

        // A pole has every longitude, and 180 degrees are on both sides.
        var turn = Math.Abs(latitude) == 90 ? 0.5 : (longitude + 180) / 360;
        var cell = Math.Floor(turn * cells) % cells;
        return (Degrees(middle * 180 / Math.PI), Degrees((cell + 0.5) / cells * 360 - 180));
    }

    static double Square(double angle) => Math.Sin(angle) * Math.Sin(angle);

    /// <summary>Rounded, and never a negative zero.</summary>
    static double Degrees(double angle) => Math.Round(angle, Digits) + 0.0;
}
