using System.Collections.Concurrent;
using System.Globalization;
using Itsm.Contracts.Directory;
using Itsm.Platform.Values;
using NodaTime;

namespace Itsm.Platform.WorkingTime;

/// <summary>One edition of a calendar, ready to compute with. An instant is working time where the local clock of the calendar's zone
/// shows a time within the hours of the local date: so a day with a clock change has 23 or 25 hours, and hours that the change skips
/// or repeats count as often as the clock showed them.</summary>
public sealed class WorkingCalendar
{
    private const int DayMilliseconds = 24 * 60 * 60 * 1000;
    private readonly ConcurrentDictionary<int, WorkingYear> _years = new();
    private readonly DateTimeZone _zone;
    private readonly Span[][] _week = [[], [], [], [], [], [], []];
    private readonly Dictionary<LocalDate, Holiday> _dates = [];
    private readonly Dictionary<(int Month, int Day), Holiday> _yearly = [];

    private WorkingCalendar(DateTimeZone zone) => _zone = zone;

    /// <summary>IANA name of its zone.</summary>
    public string TimeZone => _zone.Id;

    /// <summary>The calendar that an edition describes.</summary>
    /// <param name="edition">As an administrator wrote it.</param>
    /// <param name="timeZone">IANA name of the zone whose clock its hours are read on; its own where null.</param>
    /// <exception cref="CalendarException">The edition makes no sense: unknown zone, hours that overlap, end before they begin or are no
    /// times of day, a day that stands there twice, no working time at all.</exception>
    public static WorkingCalendar Of(CalendarEdition edition, string? timeZone = null)
    {
        var calendar = new WorkingCalendar(Zone(timeZone ?? edition.TimeZone));
        for (var index = 0; index < edition.Week.Count; index++)
        {
            var day = edition.Week[index];
            if (calendar._week[(int)day.Day].Length > 0)
            {
                throw new CalendarException($"/week/{index}/day", FieldCode.Repeated, $"{day.Day} stands there twice.");
            }

            calendar._week[(int)day.Day] = Spans(day.Hours, $"/week/{index}/hours");
        }

        if (calendar._week.All(day => day.Length == 0))
        {
            throw new CalendarException("/week", FieldCode.TooFew, $"The week has no working time.");
        }

        for (var index = 0; index < edition.Holidays.Count; index++)
        {
            calendar.Add(edition.Holidays[index], $"/holidays/{index}");
        }

        return calendar;
    }

    /// <summary>True where this is the name of a zone of the IANA database.</summary>
    public static bool IsZone(string name) => DateTimeZoneProviders.Tzdb.GetZoneOrNull(name) is not null;

    /// <summary>The name of the holiday that the local date of an instant is; null where it is none.</summary>
    internal string? HolidayAt(long instant) => HolidayOn(LocalDateAt(instant))?.Name;

    /// <summary>When the local date of an instant ends.</summary>
    internal long EndOfDate(long instant)
    {
        var next = LocalDateAt(instant).PlusDays(1).AtMidnight().InZoneLeniently(_zone).ToInstant().ToUnixTimeMilliseconds();

        // A clock set back over midnight shows the next date twice.
        return next > instant ? next : instant + DayMilliseconds;
    }

    /// <summary>The end of the last hours of the n-th local date with working time after the local date of an instant.</summary>
    /// <returns>Null where there is none within 20 years.</returns>
    internal long? EndOfWorkingDay(long from, int days)
    {
        var date = LocalDateAt(from);
        var last = date.PlusYears(20);
        for (date = date.PlusDays(1); date < last; date = date.PlusDays(1))
        {
            if (End(date) is { } end && --days == 0)
            {
                return end;
            }
        }

        return null;
    }

    /// <summary>The end of the last hours of the date so many working days before or after a date.</summary>
    /// <param name="date">Where it has no working time, the last one before it that has stands in its place.</param>
    /// <param name="days">Negative for before; 0 for the date itself.</param>
    /// <returns>Null where there is none within 20 years.</returns>
    internal long? EndOfWorkingDay(LocalDate date, int days)
    {
        var (first, last) = (date.PlusYears(-20), date.PlusYears(20));
        while (End(date) is null && date > first)
        {
            date = date.PlusDays(-1);
        }

        while (days != 0 && date > first && date < last)
        {
            date = date.PlusDays(Math.Sign(days));
            days -= End(date) is null ? 0 : Math.Sign(days);
        }

        return days == 0 ? End(date) : null;
    }

    private long? End(LocalDate date)
    {
        if (Hours(date).Length == 0)
        {
            return null;
        }

        var noon = date.At(LocalTime.Noon).InZoneLeniently(_zone).ToInstant().ToUnixTimeMilliseconds();
        var found = new List<(long, long)>();
        AddHours(date, noon - (2L * DayMilliseconds), noon + (2L * DayMilliseconds), found);
        return found.Count == 0 ? null : found.Max(one => one.Item2);
    }

    /// <summary>The working time of a year, UTC.</summary>
    internal WorkingYear Year(int year) => _years.GetOrAdd(year, Build);

    private static DateTimeZone Zone(string name) => DateTimeZoneProviders.Tzdb.GetZoneOrNull(name)
        ?? throw new CalendarException("/timeZone", FieldCode.NotFound, $"{name.Quoted} is not an IANA time zone such as Europe/Berlin.");

    private static Span[] Spans(IReadOnlyList<WorkingHours> hours, string pointer)
    {
        var spans = new Span[hours.Count];
        for (var index = 0; index < hours.Count; index++)
        {
            var (from, to) = (hours[index].From, hours[index].To);
            var span = new Span(Milliseconds(from, $"{pointer}/{index}/from"), Milliseconds(to, $"{pointer}/{index}/to"));
            if (span.To <= span.From)
            {
                throw new CalendarException($"{pointer}/{index}", FieldCode.OutOfRange,
                    $"{from.Quoted} to {to.Quoted} ends before it begins; hours over midnight are two: until "
                    + $"24:00, and from 00:00 on the next day.");
            }

            if (index > 0 && span.From < spans[index - 1].To)
            {
                throw new CalendarException($"{pointer}/{index}", FieldCode.Conflicting,
                    $"{from.Quoted} to {to.Quoted} overlaps with the hours before it, or is out of order.");
            }

            spans[index] = span;
        }

        return spans;
    }

    private static int Milliseconds(string text, string pointer)
    {
        if (text is "24:00" or "24:00:00")
        {
            return DayMilliseconds;
        }

        return TimeOnly.TryParseExact(text, ["HH:mm", "HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? (int)time.ToTimeSpan().TotalMilliseconds
            : throw new CalendarException(pointer, FieldCode.WrongFormat,
                $"{text.Quoted} is not a time of day such as 09:00, 09:00:30 or 24:00.");
    }

    private void Add(Holiday holiday, string pointer)
    {
        if (holiday.Hours is { } hours)
        {
            Spans(hours, pointer + "/hours");
        }

        switch (holiday)
        {
            case { Date: { } text, Yearly: null }:
                if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
                {
                    throw new CalendarException(pointer + "/date", FieldCode.WrongFormat,
                        $"{text.Quoted} is not a date such as 2026-12-24.");
                }

                Put(_dates, new LocalDate(date.Year, date.Month, date.Day), "date");
                break;
            case { Date: null, Yearly: { } text }:
                // 2024 has a 29th of February.
                if (!DateOnly.TryParseExact("2024-" + text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
                {
                    throw new CalendarException(pointer + "/yearly", FieldCode.WrongFormat,
                        $"{text.Quoted} is not a month and day such as 12-24.");
                }

                Put(_yearly, (day.Month, day.Day), "yearly");
                break;
            default:
                throw new CalendarException(pointer, FieldCode.Conflicting, $"{holiday.Name.Quoted} needs either date or yearly.");
        }

        void Put<TKey>(Dictionary<TKey, Holiday> holidays, TKey key, string member)
            where TKey : notnull
        {
            if (!holidays.TryAdd(key, holiday))
            {
                var other = holidays[key].Name;
                throw new CalendarException($"{pointer}/{member}", FieldCode.Repeated,
                    $"{other.Quoted} and {holiday.Name.Quoted} are the same day.");
            }
        }
    }

    private LocalDate LocalDateAt(long instant) => Instant.FromUnixTimeMilliseconds(instant).InZone(_zone).Date;

    private Holiday? HolidayOn(LocalDate date) => _dates.GetValueOrDefault(date) ?? _yearly.GetValueOrDefault((date.Month, date.Day));

    private Span[] Hours(LocalDate date)
    {
        var hours = _week[(int)date.DayOfWeek % 7];
        if (hours.Length == 0 || HolidayOn(date) is not { } holiday)
        {
            return hours;
        }

        return holiday.Hours is { } left
            ? [.. Spans(left, "")
                .SelectMany(within => hours.Select(span => new Span(Math.Max(span.From, within.From), Math.Min(span.To, within.To))))
                .Where(span => span.To > span.From).OrderBy(span => span.From)]
            : [];
    }

    private WorkingYear Build(int year)
    {
        var (from, to) = (StartOfYear(year), StartOfYear(year + 1));
        var found = new List<(long From, long To)>();
        for (var (date, last) = (LocalDateAt(from).PlusDays(-1), LocalDateAt(to).PlusDays(1)); date <= last; date = date.PlusDays(1))
        {
            AddHours(date, from, to, found);
        }

        found.Sort();
        var merged = new List<(long From, long To)>();
        foreach (var (start, end) in found)
        {
            if (merged.Count > 0 && merged[^1].To == start)
            {
                merged[^1] = (merged[^1].From, end);
            }
            else
            {
                merged.Add((start, end));
            }
        }

        return new WorkingYear(merged);
    }

    /// <summary>Adds the instants within the bounds at which the local clock shows this date and a time within its hours.</summary>
    private void AddHours(LocalDate date, long from, long to, List<(long From, long To)> found)
    {
        var hours = Hours(date);
        if (hours.Length == 0)
        {
            return;
        }

        // Offsets lie between -18 and +18 hours: no zone shows this date outside of these instants.
        var midnight = Instant.FromUtc(date.Year, date.Month, date.Day, 0, 0);
        foreach (var stretch in _zone.GetZoneIntervals(midnight - Duration.FromHours(18), midnight + Duration.FromHours(24 + 18)))
        {
            var start = midnight.ToUnixTimeMilliseconds() - stretch.WallOffset.Milliseconds;
            var (lowest, highest) = (stretch.HasStart ? Math.Max(from, stretch.Start.ToUnixTimeMilliseconds()) : from,
                stretch.HasEnd ? Math.Min(to, stretch.End.ToUnixTimeMilliseconds()) : to);
            foreach (var span in hours)
            {
                var (begin, end) = (Math.Max(start + span.From, lowest), Math.Min(start + span.To, highest));
                if (begin < end)
                {
                    found.Add((begin, end));
                }
            }
        }
    }

    internal static long StartOfYear(int year) => new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();

    private readonly record struct Span(int From, int To);
}
