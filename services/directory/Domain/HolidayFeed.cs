using Ical.Net;
using Ical.Net.Evaluation;
using Itsm.Contracts.Directory;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;
using NodaTime;

namespace Itsm.Directory.Domain;

/// <summary>Days off from an iCalendar object. An event over whole days is a holiday; one with times takes its hours off the day.</summary>
internal static class HolidayFeed
{
    /// <summary>How long an event that recurs without end is followed.</summary>
    private const int Years = 20;
    private const int MostDays = 2000;

    /// <summary>How many days all occurrences of all events may cover together, several on one day counted each.</summary>
    private const int MostOccurrences = 20_000;
    private const int MostUnmatched = 1_000;
    private const string Pointer = "/iCalendar";

    /// <exception cref="InvalidValueException">It is not iCalendar, says what can't be, goes on without end, or has no events.</exception>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public static IReadOnlyList<Holiday> Read(string text, string timeZone, DateTimeOffset now, CancellationToken ct)
    {
        try
        {
            return Read(CalendarCollection.Load(text), timeZone, now, ct);
        }
        catch (Exception e) when (e is not (OutOfMemoryException or InvalidValueException or OperationCanceledException))
        {
            throw new InvalidValueException(Pointer, FieldCode.WrongFormat,
                $"This is not an iCalendar object that can be understood: {e.Message}");
        }
    }

    private static IReadOnlyList<Holiday> Read(CalendarCollection calendars, string timeZone, DateTimeOffset now, CancellationToken ct)
    {
        var covered = 0;
        var zone = DateTimeZoneProviders.Tzdb[timeZone];
        var last = now.UtcDateTime.AddYears(Years);
        var off = new SortedDictionary<LocalDate, (string Name, List<(LocalTime From, LocalTime? To)> Hours)>();
        foreach (var happening in calendars.SelectMany(calendar => calendar.Events).Where(happening => happening.Start is not null))
        {
            ct.ThrowIfCancellationRequested();
#pragma warning disable CS0618 // A feed can have several rules all the same, and all are followed.
            var rules = happening.RecurrenceRules.Concat(happening.ExceptionRules);
#pragma warning restore CS0618
            if (rules.Any(rule =>
                rule.Frequency < FrequencyType.Daily || rule.ByHour.Count + rule.ByMinute.Count + rule.BySecond.Count > 0))
            {
                throw new InvalidValueException(Pointer, FieldCode.TooMany,
                    $"{happening.Summary ?? happening.Uid} recurs several times a day: a day off recurs daily at most.");
            }

            foreach (var occurrence in happening.GetOccurrences(happening.Start!,
                new EvaluationOptions { MaxUnmatchedIncrementsLimit = MostUnmatched })
                .TakeWhile(occurrence => occurrence.Period.StartTime.AsUtc < last))
            {
                ct.ThrowIfCancellationRequested();
                var (from, to) = (Local(occurrence.Period.StartTime, zone),
                    Local(occurrence.Period.EffectiveEndTime ?? occurrence.Period.StartTime, zone));
                if (happening.IsAllDay && to <= from)
                {
                    to = from.PlusDays(1);
                }

                for (var date = from.Date; date.AtMidnight() < to; date = date.PlusDays(1))
                {
                    var (start, end) = (date == from.Date ? from.TimeOfDay : LocalTime.Midnight,
                        date == to.Date ? to.TimeOfDay : (LocalTime?)null);
                    off.TryAdd(date, (happening.Summary ?? "Holiday", []));
                    off[date].Hours.Add((start, end));
                    if (off.Count > MostDays || ++covered > MostOccurrences)
                    {
                        throw new InvalidValueException(Pointer, FieldCode.TooMany,
                            $"There are more than {MostDays} days off until {last:yyyy-MM-dd}, or {MostOccurrences} events on them.");
                    }
                }
            }
        }

        return off.Count > 0
            ? [.. off.Select(day =>
                new Holiday { Name = day.Value.Name, Date = day.Key.ToString("yyyy-MM-dd", null), Hours = Left(day.Value.Hours) })]
            : throw new InvalidValueException(Pointer, FieldCode.TooFew, $"There is no event in this iCalendar object.");
    }

    /// <summary>What of a day is not taken off; null for nothing.</summary>
    private static List<WorkingHours>? Left(List<(LocalTime From, LocalTime? To)> off)
    {
        var left = new List<WorkingHours>();
        LocalTime? reached = LocalTime.Midnight;
        foreach (var (from, to) in off.OrderBy(one => one.From))
        {
            if (reached is { } until && until < from)
            {
                left.Add(new WorkingHours(Text(until), Text(from)));
            }

            reached = reached is null || to is null ? null : LocalTime.Max(reached.Value, to.Value);
        }

        if (reached is { } rest)
        {
            left.Add(new WorkingHours(Text(rest), "24:00"));
        }

        return left.Count > 0 ? left : null;
    }

    private static string Text(LocalTime time) => time.ToString("HH:mm:ss", null);

    /// <summary>A time on the calendar's own clock; one without a zone is such already.</summary>
    private static LocalDateTime Local(Ical.Net.DataTypes.CalDateTime at, DateTimeZone zone) => at.HasTime && !at.IsFloating
        ? Instant.FromDateTimeUtc(at.AsUtc).InZone(zone).LocalDateTime
        : LocalDateTime.FromDateTime(at.Value);
}
