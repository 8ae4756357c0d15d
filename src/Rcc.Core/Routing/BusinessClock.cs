using Rcc.Contracts.Routing;

namespace Rcc.Core.Routing;

/// <summary>Reads business hours: when it is open, when it opens, and how long open time lasts. Pure. Without hours it is always open.</summary>
public sealed class BusinessClock
{
    /// <summary>Longer than any holidays: what does not open by then never does.</summary>
    const int DaysAhead = 500;

    readonly BusinessHours? hours;
    readonly TimeZoneInfo zone;

    public BusinessClock(BusinessHours? hours)
    {
        this.hours = hours;
        zone = hours is null ? TimeZoneInfo.Utc : TimeZoneInfo.FindSystemTimeZoneById(hours.TimeZone);
    }

    public bool IsOpen(DateTimeOffset at) => hours is null || (Periods(at).FirstOrDefault() is { } first && first.From <= at);

    /// <summary>When it is open from <paramref name="at"/> on: then, if it is open; null when it does not open any more.</summary>
    public DateTimeOffset? OpensAt(DateTimeOffset at) => hours is null ? at : Periods(at).Select(period => (DateTimeOffset?)(period.From > at ? period.From : at)).FirstOrDefault();

    /// <summary>When it closes that is open at <paramref name="at"/>; null: it is closed, or does not close in foreseeable time.</summary>
    public DateTimeOffset? ClosesAt(DateTimeOffset at) =>
        hours is not null && Periods(at).FirstOrDefault() is { } first && first.From <= at && first.To < at.AddDays(DaysAhead - 1) ? first.To : null;

    /// <summary>When so much open time has passed; null when there is not so much any more.</summary>
    public DateTimeOffset? Add(DateTimeOffset at, TimeSpan openTime)
    {
        if (hours is null)
        {
            return at + openTime;
        }

        foreach (var (opens, closes) in Periods(at))
        {
            var from = opens > at ? opens : at;
            if (closes - from >= openTime)
            {
                return from + openTime;
            }

            openTime -= closes - from;
        }

        return null;
    }

    /// <summary>How much open time is between two instants.</summary>
    public TimeSpan Between(DateTimeOffset from, DateTimeOffset to)
    {
        if (hours is null)
        {
            return to > from ? to - from : TimeSpan.Zero;
        }

        var sum = TimeSpan.Zero;
        foreach (var (opens, closes) in Periods(from).TakeWhile(period => period.From < to))
        {
            sum += (closes < to ? closes : to) - (opens > from ? opens : from);
        }

        return sum;
    }

    /// <summary>What is open and not over at <paramref name="at"/>, in order; what touches or overlaps is one.</summary>
    IEnumerable<Period> Periods(DateTimeOffset at)
    {
        Period? gathered = null;

        // Hours that began the day before yesterday, by local time, are over everywhere.
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, zone).DateTime);
        for (var day = today.AddDays(-2); day <= today.AddDays(DaysAhead); day = day.AddDays(1))
        {
            foreach (var period in PeriodsOf(day).Where(period => period.To > at))
            {
                if (gathered is not null && period.From <= gathered.To)
                {
                    gathered = gathered with { To = period.To > gathered.To ? period.To : gathered.To };
                    continue;
                }

                if (gathered is not null)
                {
                    yield return gathered;
                }

                gathered = period;
            }
        }

        if (gathered is not null)
        {
            yield return gathered;
        }
    }

    IEnumerable<Period> PeriodsOf(DateOnly day) => hours!.Holidays.Any(holiday => day >= holiday.From && day <= (holiday.To ?? holiday.From))
        ? []
        : hours.Open.Where(open => (int)open.Day == (int)day.DayOfWeek)
            .Select(open => new Period(Instant(day.ToDateTime(open.From), last: false), Instant((open.To > open.From ? day : day.AddDays(1)).ToDateTime(open.To), last: true)))
            .Where(period => period.To > period.From)
            .OrderBy(period => period.From);

    DateTimeOffset Instant(DateTime local, bool last)
    {
        if (zone.IsAmbiguousTime(local))
        {
            // The greater offset is that of the earlier instant.
            var offsets = zone.GetAmbiguousTimeOffsets(local);
            return new DateTimeOffset(local, last ? offsets.Min() : offsets.Max()).ToUniversalTime();
        }

        // No zone leaves out more than a day.
        return new DateTimeOffset(local, zone.GetUtcOffset(zone.IsInvalidTime(local) ? local.AddDays(-1) : local)).ToUniversalTime();
    }

    sealed record Period(DateTimeOffset From, DateTimeOffset To);
}
