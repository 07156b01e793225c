using Itsm.Contracts.Directory;

namespace Itsm.Platform.WorkingTime;

/// <summary>Working time over all instants: a calendar, or several one after another where its editions changed, or all the time.
/// Exact to the millisecond.</summary>
public sealed class WorkingSchedule
{
    private const int FarthestYears = 200;
    private readonly (long From, WorkingCalendar Calendar)[] _parts;

    private WorkingSchedule((long From, WorkingCalendar Calendar)[] parts) => _parts = parts;

    /// <summary>Every instant is working time.</summary>
    public static WorkingSchedule Always { get; } = new([]);

    /// <summary>A calendar for all times.</summary>
    public static WorkingSchedule Of(WorkingCalendar calendar) => new([(long.MinValue, calendar)]);

    /// <summary>What the editions of a calendar say, of those that are known at an instant. The first is known always; a later one holds
    /// from its publication, or from ever.</summary>
    /// <param name="editions">Oldest first.</param>
    /// <param name="known">The instant.</param>
    /// <param name="compile">Gives the calendar of an edition.</param>
    public static WorkingSchedule Of(
        IReadOnlyList<CalendarEdition> editions, DateTimeOffset known, Func<CalendarEdition, WorkingCalendar> compile)
    {
        List<(long From, WorkingCalendar Calendar)> parts = [(long.MinValue, compile(editions[0]))];
        foreach (var edition in editions.Skip(1).TakeWhile(edition => edition.PublishedAt <= known))
        {
            if (edition.Applies == EditionApplies.Retroactively)
            {
                parts = [(long.MinValue, compile(edition))];
            }
            else
            {
                parts.Add((edition.PublishedAt.ToUnixTimeMilliseconds(), compile(edition)));
            }
        }

        return new([.. parts]);
    }

    /// <summary>Working time between two instants.</summary>
    /// <param name="from">Inclusive.</param>
    /// <param name="to">Exclusive; zero is the answer where it is not after <paramref name="from"/>.</param>
    public TimeSpan Between(DateTimeOffset from, DateTimeOffset to)
    {
        var (start, end) = (from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds());
        if (_parts.Length == 0 || end <= start)
        {
            return TimeSpan.FromMilliseconds(Math.Max(0, end - start));
        }

        var sum = 0L;
        foreach (var (calendar, first, last) in Parts(start, end))
        {
            var (fromYear, toYear) = (YearOf(first), YearOf(last));
            for (var year = fromYear; year <= toYear; year++)
            {
                var working = calendar.Year(year);
                sum += (year == toYear ? working.Before(last) : working.Total) - (year == fromYear ? working.Before(first) : 0);
            }
        }

        return TimeSpan.FromMilliseconds(sum);
    }

    /// <summary>The earliest instant by which this much working time has passed.</summary>
    /// <param name="from">When it begins to count.</param>
    /// <param name="working">How much; <paramref name="from"/> is the answer where it is zero.</param>
    /// <returns>Null where that is never within 200 years.</returns>
    public DateTimeOffset? Add(DateTimeOffset from, TimeSpan working)
    {
        var left = (long)working.TotalMilliseconds;
        var start = from.ToUnixTimeMilliseconds();
        if (_parts.Length == 0 || left <= 0)
        {
            return At(start + Math.Max(0, left));
        }

        foreach (var (calendar, first, last) in Parts(start, WorkingCalendar.StartOfYear(Math.Min(YearOf(start) + FarthestYears, 9998))))
        {
            for (var (year, toYear) = (YearOf(first), YearOf(last)); year <= toYear; year++)
            {
                var hours = calendar.Year(year);
                var before = first > WorkingCalendar.StartOfYear(year) ? hours.Before(first) : 0;
                var here = (year == toYear ? hours.Before(last) : hours.Total) - before;
                if (left <= here)
                {
                    return At(hours.At(before + left));
                }

                left -= here;
            }
        }

        return null;
    }

    /// <summary>The end of the working hours of the n-th working day after the local date of an instant.</summary>
    /// <param name="from">The instant.</param>
    /// <param name="days">1 for the next working day.</param>
    /// <returns>Null where there is none within 20 years.</returns>
    public DateTimeOffset? EndOfWorkingDay(DateTimeOffset from, int days)
    {
        var start = from.ToUnixTimeMilliseconds();
        if (_parts.Length == 0)
        {
            return new DateTimeOffset(from.UtcDateTime.Date.AddDays(days + 1), TimeSpan.Zero);
        }

        // With the part that holds at the end: a day's hours are those of the edition that is known then.
        var end = default(long?);
        foreach (var (first, calendar) in _parts)
        {
            if (end is null || first <= end)
            {
                end = calendar.EndOfWorkingDay(start, days);
            }
        }

        return end is { } found ? At(found) : null;
    }

    /// <summary>The end of the working hours of a day so many working days before or after a local date.</summary>
    /// <param name="date">The date; where it is no working day itself, the last one before it stands in its place.</param>
    /// <param name="days">Negative for working days before it, 0 for the day itself.</param>
    /// <param name="zone">Where every instant is working time: the IANA zone in which every day ends at midnight; UTC where null or
    /// unknown.</param>
    /// <returns>In UTC. Null where there is none within 20 years.</returns>
    public DateTimeOffset? EndOfWorkingDay(DateOnly date, int days, string? zone = null)
    {
        if (_parts.Length == 0)
        {
            return LocalDates.EndOf(date.AddDays(days), zone);
        }

        return _parts[^1].Calendar.EndOfWorkingDay(new NodaTime.LocalDate(date.Year, date.Month, date.Day), days) is { } end
            ? At(end)
            : null;
    }

    /// <summary>The time between two instants as stretches that are working time or not, and why not.</summary>
    public IEnumerable<WorkingStretch> Stretches(DateTimeOffset from, DateTimeOffset to)
    {
        var (start, end) = (from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds());
        if (_parts.Length == 0)
        {
            return start < end ? [new WorkingStretch(At(start), At(end), true, null)] : [];
        }

        var stretches = new List<WorkingStretch>();
        foreach (var (calendar, first, last) in Parts(start, end))
        {
            var reached = first;
            for (var year = YearOf(first); year <= YearOf(last); year++)
            {
                var hours = calendar.Year(year);
                for (var index = hours.After(reached); index < hours.Count && hours[index].From < last; index++)
                {
                    var (open, close) = (Math.Max(hours[index].From, reached), Math.Min(hours[index].To, last));
                    AddClosed(calendar, reached, open, stretches);
                    Append(stretches, new WorkingStretch(At(open), At(close), true, null));
                    reached = close;
                }
            }

            AddClosed(calendar, reached, last, stretches);
        }

        return stretches;
    }

    private static void AddClosed(WorkingCalendar calendar, long from, long to, List<WorkingStretch> stretches)
    {
        while (from < to)
        {
            var end = Math.Min(to, calendar.EndOfDate(from));
            Append(stretches, new WorkingStretch(At(from), At(end), false, calendar.HolidayAt(from)));
            from = end;
        }
    }

    private static void Append(List<WorkingStretch> stretches, WorkingStretch next)
    {
        if (stretches.Count > 0
            && stretches[^1].To == next.From
            && stretches[^1].Works == next.Works
            && stretches[^1].Holiday == next.Holiday)
        {
            stretches[^1] = stretches[^1] with { To = next.To };
        }
        else
        {
            stretches.Add(next);
        }
    }

    private IEnumerable<(WorkingCalendar Calendar, long From, long To)> Parts(long from, long to)
    {
        for (var index = 0; index < _parts.Length; index++)
        {
            var first = Math.Max(from, _parts[index].From);
            var last = index + 1 < _parts.Length ? Math.Min(to, _parts[index + 1].From) : to;
            if (first < last)
            {
                yield return (_parts[index].Calendar, first, last);
            }
        }
    }

    private static int YearOf(long instant) => DateTimeOffset.FromUnixTimeMilliseconds(instant).Year;

    private static DateTimeOffset At(long instant) => DateTimeOffset.FromUnixTimeMilliseconds(instant);
}

/// <summary>A stretch of time that is all working time, or none of it.</summary>
/// <param name="From">Inclusive.</param>
/// <param name="To">Exclusive.</param>
/// <param name="Works">True for working time.</param>
/// <param name="Holiday">Name of the holiday that its date is; null where it is none, or working time.</param>
public readonly record struct WorkingStretch(DateTimeOffset From, DateTimeOffset To, bool Works, string? Holiday);
