using System.Text.Json.Serialization;

namespace Rcc.Contracts.Routing;

/// <summary>When a queue is served, by the clocks of a place.</summary>
public sealed record BusinessHours
{
    /// <summary>The place's time zone, by its IANA name: <c>Europe/Paris</c>.</summary>
    public required string TimeZone { get; init; }

    /// <summary>When it is open, week by week; what overlaps is open once. None: never. The server limits how many.</summary>
    public required IReadOnlyList<OpenHours> Open { get; init => field = value ?? []; }

    /// <summary>Days on which nothing opens; the server limits how many.</summary>
    public IReadOnlyList<Holiday> Holidays { get; init => field = value ?? []; } = [];
}

/// <summary>
/// Open hours of a day of the week. A local time that a change of the clocks leaves out is read by the clock before the change, as RFC 5545 §3.3.5 has it; one that comes twice opens the first time and closes the second.
/// </summary>
/// <param name="Day">The day on which they begin.</param>
/// <param name="From">When they begin.</param>
/// <param name="To">When they end; at or before <paramref name="From"/> it is on the next day, so that 00:00 is midnight.</param>
public sealed record OpenHours(Weekday Day, TimeOnly From, TimeOnly To);

/// <summary>Days on which nothing opens: hours that began the day before go on to their end.</summary>
/// <param name="From">The first.</param>
/// <param name="To">The last; absent: <paramref name="From"/> alone.</param>
/// <param name="Name">For people: 1 … 100 characters.</param>
public sealed record Holiday(
    DateOnly From,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateOnly? To = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Name = null);

/// <summary>A day of the week.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Weekday>))]
public enum Weekday
{
    /// <summary>Sunday.</summary>
    [JsonStringEnumMemberName("sunday")] Sunday = 0,

    /// <summary>Monday.</summary>
    [JsonStringEnumMemberName("monday")] Monday,

    /// <summary>Tuesday.</summary>
    [JsonStringEnumMemberName("tuesday")] Tuesday,

    /// <summary>Wednesday.</summary>
    [JsonStringEnumMemberName("wednesday")] Wednesday,

    /// <summary>Thursday.</summary>
    [JsonStringEnumMemberName("thursday")] Thursday,

    /// <summary>Friday.</summary>
    [JsonStringEnumMemberName("friday")] Friday,

    /// <summary>Saturday.</summary>
    [JsonStringEnumMemberName("saturday")] Saturday,
}
