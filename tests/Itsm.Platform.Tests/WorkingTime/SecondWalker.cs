using Itsm.Contracts.Directory;
using NodaTime;

namespace Itsm.Platform.Tests.WorkingTime;

/// <summary>A second implementation of working time that knows nothing of the first: it looks at the wall clock of the zone, second by
/// second, and asks the edition whether somebody works then.</summary>
internal sealed class SecondWalker
{
    private readonly int[] _worked;

    public SecondWalker(CalendarEdition edition, Instant from, int seconds)
    {
        From = from;
        _worked = new int[seconds + 1];
        var zone = DateTimeZoneProviders.Tzdb[edition.TimeZone];
        var (today, open) = (default(LocalDate), new List<(long From, long To)>());
        var interval = zone.GetZoneInterval(from);
        for (var second = 0; second < seconds; second++)
        {
            var instant = from.Plus(Duration.FromSeconds(second));
            interval = interval.Contains(instant) ? interval : zone.GetZoneInterval(instant);
            var local = instant.WithOffset(interval.WallOffset).LocalDateTime;
            if (second == 0 || local.Date != today)
            {
                (today, open) = (local.Date, Open(edition, local.Date));
            }

            var time = local.TimeOfDay.NanosecondOfDay / 1_000_000_000;
            _worked[second + 1] = _worked[second] + (open.Exists(hours => time >= hours.From && time < hours.To) ? 1 : 0);
        }
    }

    public Instant From { get; }

    public int Seconds => _worked.Length - 1;

    /// <summary>Worked seconds between two of the walked seconds.</summary>
    public int Between(int from, int to) => _worked[to] - _worked[from];

    /// <summary>The first second by whose beginning this much was worked since another; null where the walk is too short.</summary>
    public int? Add(int from, int worked)
    {
        for (var second = from; second <= Seconds; second++)
        {
            if (_worked[second] - _worked[from] == worked)
            {
                return second;
            }
        }

        return null;
    }

    private static List<(long From, long To)> Open(CalendarEdition edition, LocalDate date)
    {
        var hours = edition.Week.FirstOrDefault(one => (int)one.Day == (int)date.DayOfWeek % 7)?.Hours ?? [];
        var holiday = edition.Holidays.FirstOrDefault(one => one.Date == date.ToString("yyyy-MM-dd", null))
            ?? edition.Holidays.FirstOrDefault(one => one.Yearly == date.ToString("MM-dd", null));
        List<(long From, long To)> open = [.. hours.Select(one => (Parse(one.From), Parse(one.To)))];
        return holiday is null ? open
            : [.. open.SelectMany(one =>
                (holiday.Hours ?? []).Select(left => (Math.Max(one.From, Parse(left.From)), Math.Min(one.To, Parse(left.To)))))];
    }

    private static long Parse(string text)
    {
        var parts = text.Split(':');
        return (int.Parse(parts[0]) * 3600) + (int.Parse(parts[1]) * 60) + (parts.Length > 2 ? int.Parse(parts[2]) : 0);
    }
}
