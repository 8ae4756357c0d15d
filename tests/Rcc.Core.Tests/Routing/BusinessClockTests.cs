using System.Globalization;
using Rcc.Contracts.Routing;
using Rcc.Core.Routing;

namespace Rcc.Core.Tests.Routing;

public class BusinessClockTests
{
    static readonly Weekday[] WorkingDays = [Weekday.Monday, Weekday.Tuesday, Weekday.Wednesday, Weekday.Thursday, Weekday.Friday];

    [Theory]
    [InlineData("2026-11-20T07:59:59Z", false, "2026-11-20T08:00:00Z")]
    [InlineData("2026-11-20T08:00:00Z", true, "2026-11-20T08:00:00Z")]
    [InlineData("2026-11-20T15:59:59Z", true, "2026-11-20T15:59:59Z")]
    [InlineData("2026-11-20T16:00:00Z", false, "2026-11-23T08:00:00Z")]
    [InlineData("2026-12-24T12:00:00Z", false, "2026-12-28T08:00:00Z")]
    [InlineData("2026-07-01T06:59:59Z", false, "2026-07-01T07:00:00Z")]
    public void Office_hours_are_those_of_the_place(string at, bool isOpen, string opensAt)
    {
        var clock = Office("Europe/Berlin", "09:00", "17:00", new Holiday(new(2026, 12, 24), new(2026, 12, 27), "Christmas"));
        Assert.Equal(isOpen, clock.IsOpen(Instant(at)));
        Assert.Equal(Instant(opensAt), clock.OpensAt(Instant(at)));
        Assert.Equal(isOpen ? Instant(opensAt).Date.AddHours(Instant(opensAt).Month == 7 ? 15 : 16) : null, clock.ClosesAt(Instant(at))?.UtcDateTime);
    }

    [Fact]
    public void What_is_always_open_never_closes()
    {
        Assert.Null(new BusinessClock(null).ClosesAt(Callers.Noon));
        Assert.Null(new BusinessClock(new() { TimeZone = "UTC", Open = [.. Enum.GetValues<Weekday>().Select(day => new OpenHours(day, default, default))] }).ClosesAt(Callers.Noon));
    }

    [Theory]
    // Berlin leaves out 02:00 … 03:00 on 29 March 2026: half past two is read by the clock before, as 03:30.
    [InlineData("Europe/Berlin", "02:30", "06:00", "2026-03-29T00:00:00Z", "2026-03-29T01:30:00Z", 150)]
    // It has 02:00 … 03:00 twice on 25 October 2026: opens the first time, closes the second.
    [InlineData("Europe/Berlin", "02:30", "06:00", "2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z", 270)]
    [InlineData("Europe/Berlin", "00:00", "02:30", "2026-10-24T22:00:00Z", "2026-10-24T22:00:00Z", 210)]
    // A day in spring is an hour shorter, one in autumn an hour longer; on Lord Howe it is half an hour.
    [InlineData("Europe/Berlin", "00:00", "00:00", "2026-03-28T23:00:00Z", "2026-03-28T23:00:00Z", 23 * 60)]
    [InlineData("America/New_York", "00:00", "00:00", "2026-11-01T04:00:00Z", "2026-11-01T04:00:00Z", 25 * 60)]
    [InlineData("Australia/Lord_Howe", "00:00", "00:00", "2026-04-04T13:00:00Z", "2026-04-04T13:00:00Z", (24 * 60) + 30)]
    [InlineData("Asia/Kathmandu", "09:00", "10:00", "2026-06-07T00:00:00Z", "2026-06-07T03:15:00Z", 60)]
    public void Changes_of_the_clocks_are_met_on_both_sides(string zone, string from, string to, string at, string opensAt, int minutes)
    {
        var clock = new BusinessClock(new() { TimeZone = zone, Open = [new(Weekday.Sunday, Time(from), Time(to))] });
        Assert.Equal(Instant(opensAt), clock.OpensAt(Instant(at)));
        Assert.Equal(minutes, clock.Between(Instant(opensAt), Instant(opensAt).AddDays(2)).TotalMinutes);
        Assert.Equal(Instant(opensAt).AddMinutes(minutes), clock.Add(Instant(at), TimeSpan.FromMinutes(minutes)));
    }

    [Fact]
    public void Hours_may_go_on_over_midnight_and_a_holiday_stops_only_what_begins_on_it()
    {
        var clock = new BusinessClock(new()
        {
            TimeZone = "Europe/London", Open = [new(Weekday.Friday, Time("22:00"), Time("06:00")), new(Weekday.Saturday, Time("22:00"), Time("06:00"))], Holidays = [new(new(2026, 1, 10))],
        });
        Assert.True(clock.IsOpen(Instant("2026-01-10T05:59:00Z")));
        Assert.False(clock.IsOpen(Instant("2026-01-10T06:00:00Z")));
        Assert.False(clock.IsOpen(Instant("2026-01-10T23:00:00Z")));
        Assert.Equal(Instant("2026-01-16T22:00:00Z"), clock.OpensAt(Instant("2026-01-10T06:00:00Z")));
    }

    [Fact]
    public void Open_time_is_counted_over_nights_and_weekends()
    {
        var clock = Office("Europe/Berlin", "09:00", "17:00");
        var friday = Instant("2026-11-20T15:30:00Z");
        Assert.Equal(Instant("2026-11-23T09:30:00Z"), clock.Add(friday, TimeSpan.FromHours(2)));
        Assert.Equal(TimeSpan.FromHours(2), clock.Between(friday, Instant("2026-11-23T09:30:00Z")));
        Assert.Equal(TimeSpan.Zero, clock.Between(Instant("2026-11-21T00:00:00Z"), Instant("2026-11-22T00:00:00Z")));
    }

    [Fact]
    public void Without_hours_it_is_always_open_and_with_none_never()
    {
        var always = new BusinessClock(null);
        Assert.True(always.IsOpen(Callers.Noon));
        Assert.Equal(Callers.Noon.AddHours(3), always.Add(Callers.Noon, TimeSpan.FromHours(3)));
        Assert.Equal(TimeSpan.FromHours(3), always.Between(Callers.Noon, Callers.Noon.AddHours(3)));
        var never = new BusinessClock(new() { TimeZone = "UTC", Open = [] });
        Assert.False(never.IsOpen(Callers.Noon));
        Assert.Null(never.OpensAt(Callers.Noon));
        Assert.Null(never.Add(Callers.Noon, TimeSpan.FromSeconds(1)));
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 60)];

    /// <summary>Against a clock on the wall, read minute by minute. Hours begin and end when no clock changes, so that the wall has one answer.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void It_is_open_when_the_clock_on_the_wall_says_so(int seed)
    {
        var random = new Random(seed);
        string[] zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "UTC", "Africa/Casablanca", "Pacific/Apia"];
        var hours = new BusinessHours
        {
            TimeZone = zones[random.Next(zones.Length)],
            Open = [.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => new OpenHours((Weekday)random.Next(7), new(random.Next(5, 23), random.Next(4) * 15), random.Next(5) == 0 ? default : new(random.Next(5, 23), 30)))],
            Holidays = [.. Enumerable.Range(0, random.Next(4)).Select(_ => new DateOnly(2026, 1, 1).AddDays(random.Next(365))).Select(day => new Holiday(day, random.Next(2) == 0 ? null : day.AddDays(random.Next(5))))],
        };
        var clock = new BusinessClock(hours);
        var zone = TimeZoneInfo.FindSystemTimeZoneById(hours.TimeZone);
        var from = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(random.Next(350));
        var open = 0;
        for (var minute = 0; minute < 3 * 24 * 60; minute += 5)
        {
            var at = from.AddMinutes(minute);
            var expected = OnTheWall(TimeZoneInfo.ConvertTime(at, zone).DateTime);
            Assert.True(expected == clock.IsOpen(at), $"{hours.TimeZone} {at:u}");
            open += expected ? 5 : 0;
        }

        Assert.Equal(open, clock.Between(from, from.AddDays(3)).TotalMinutes);
        if (open > 0)
        {
            Assert.Equal(open, clock.Between(from, clock.Add(from, TimeSpan.FromMinutes(open))!.Value).TotalMinutes);
        }

        bool OnTheWall(DateTime local) => hours.Open.Any(one =>
            (IsDay(one, local.Date) && local.TimeOfDay >= one.From.ToTimeSpan() && (one.To <= one.From || local.TimeOfDay < one.To.ToTimeSpan()))
            || (IsDay(one, local.Date.AddDays(-1)) && one.To <= one.From && local.TimeOfDay < one.To.ToTimeSpan()));

        bool IsDay(OpenHours one, DateTime date) => (int)one.Day == (int)date.DayOfWeek && !hours.Holidays.Any(holiday => DateOnly.FromDateTime(date) >= holiday.From && DateOnly.FromDateTime(date) <= (holiday.To ?? holiday.From));
    }

    static BusinessClock Office(string zone, string from, string to, params Holiday[] holidays) =>
        new(new() { TimeZone = zone, Open = [.. WorkingDays.Select(day => new OpenHours(day, Time(from), Time(to)))], Holidays = holidays });

    static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    static TimeOnly Time(string text) => TimeOnly.Parse(text, CultureInfo.InvariantCulture);
}
