using Itsm.Contracts;
using Itsm.Contracts.ServiceLevels;

namespace Itsm.ServiceLevels.Domain;

/// <summary>A clock's whole life, stretch by stretch; the running stretches add up to what is elapsed.</summary>
/// <param name="ClockId">The clock.</param>
/// <param name="Ticket">Its ticket.</param>
/// <param name="Agreement">Key of the agreement.</param>
/// <param name="Edition">Which edition of it.</param>
/// <param name="Target">Key of the target.</param>
/// <param name="Metric">What is measured.</param>
/// <param name="Calendar">Key of the calendar that counts; null where all time does.</param>
/// <param name="CalendarEdition">Which edition of it counts at the end.</param>
/// <param name="TimeZone">The zone on whose clock its hours are read.</param>
/// <param name="State">Where the clock stands.</param>
/// <param name="StartedAt">From when it counts.</param>
/// <param name="AttachedAt">When this promise came to hold: later than the start where another held before.</param>
/// <param name="Until">Until when is told: the clock's end, or now.</param>
/// <param name="Promised">The time promised.</param>
/// <param name="Elapsed">The time used.</param>
/// <param name="Remaining">The time left; zero where there is none.</param>
/// <param name="DueAt">When the time is up as things stand.</param>
/// <param name="BreachedAt">When it was up.</param>
/// <param name="EndedBy">What ended it.</param>
/// <param name="Seconds">The seconds of all stretches, by kind.</param>
/// <param name="Stretches">From its start on, without gap.</param>
/// <param name="Notices">What was said and asked for, and how late.</param>
public sealed record Explanation(
    Guid ClockId, Guid Ticket, string Agreement, int Edition, string Target, string Metric, string? Calendar, int? CalendarEdition,
    string? TimeZone, ClockState State, DateTimeOffset StartedAt, DateTimeOffset AttachedAt, DateTimeOffset Until, TimeSpan Promised,
    TimeSpan Elapsed, TimeSpan Remaining, DateTimeOffset? DueAt, DateTimeOffset? BreachedAt, Cause? EndedBy,
    IReadOnlyDictionary<string, double> Seconds, IReadOnlyList<ExplainedStretch> Stretches, IReadOnlyList<ExplainedNotice> Notices)
{
    /// <summary>The explanation of a clock as of an instant.</summary>
    internal static Explanation Of(Clock clock, Guid ticket, IReadOnlyList<Notice> notices, Catalogue catalogue, DateTimeOffset now)
    {
        var until = clock.Life.EndedAt?.At ?? now;
        var stretches = new List<ExplainedStretch>();
        foreach (var (since, runs, from, to) in clock.Stretches(until))
        {
            if (!runs)
            {
                stretches.Add(ExplainedStretch.Of(from, to, StretchKind.Paused, null, Cause.Of(since)));
                continue;
            }

            foreach (var part in clock.Schedule.Stretches(from, to))
            {
                stretches.Add(ExplainedStretch.Of(part.From, part.To,
                    part.Works ? StretchKind.Running : part.Holiday is null ? StretchKind.OutsideHours : StretchKind.Holiday, part.Holiday,
                    null));
            }
        }

        var business = clock.Target.Promise.Kind != PromiseKind.Elapsed && catalogue.Calendar(clock.Calendar) is not null;
        var known = clock.Life.EndedAt?.At ?? now;
        var edition = business
            ? catalogue.Calendar(clock.Calendar)!.Editions.TakeWhile((edition, index) =>
                index == 0 || edition.PublishedAt <= (known > clock.KnownAt ? known : clock.KnownAt)).Last()
            : null;
        var elapsed = clock.ElapsedAt(until);
        return new Explanation(
            clock.Id, ticket, clock.Life.Offer.Agreement, clock.Life.Offer.Edition.Number, clock.Target.Key, clock.Target.Metric,
            business ? clock.Calendar : null, edition?.Number, business ? clock.TimeZone ?? edition!.TimeZone : null,
            clock.Snapshot().State, clock.Life.Start, clock.Life.AttachedAt.At, until, clock.Promised, elapsed,
            elapsed < clock.Promised ? clock.Promised - elapsed : TimeSpan.Zero, clock.DueAt, clock.BreachedAt,
            clock.Life.EndedAt is { } end ? Cause.Of(end) : null,
            Enum.GetValues<StretchKind>().ToDictionary(
                kind => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(kind.ToString()),
                kind => stretches.Where(one => one.Kind == kind).Sum(one => one.Seconds)),
            stretches,
            [.. notices.Where(notice => notice.Clock == clock.Id)
                .Select(notice => new ExplainedNotice(notice.Name, notice.At, notice.NoticedAt, notice.NoticedAt - notice.At))]);
    }
}

/// <summary>A stretch of a clock's life.</summary>
/// <param name="From">Inclusive.</param>
/// <param name="To">Exclusive.</param>
/// <param name="Kind">Whether it counts, or why not.</param>
/// <param name="Seconds">How long it is.</param>
/// <param name="Holiday">Name of the holiday.</param>
/// <param name="PausedBy">The change that paused it.</param>
public sealed record ExplainedStretch(
    DateTimeOffset From, DateTimeOffset To, StretchKind Kind, double Seconds, string? Holiday, Cause? PausedBy)
{
    internal static ExplainedStretch Of(DateTimeOffset from, DateTimeOffset to, StretchKind kind, string? holiday, Cause? pausedBy) =>
        new(from, to, kind, (to - from).Ticks / (double)TimeSpan.TicksPerSecond, holiday, pausedBy);
}

/// <summary>Something that was said, or asked for, about a clock.</summary>
/// <param name="Name">What: <c>breach</c>, <c>warning 75%</c>, <c>step 1</c>, <c>met</c>.</param>
/// <param name="At">Its exact instant.</param>
/// <param name="NoticedAt">When the service noticed.</param>
/// <param name="Lateness">The time between the two.</param>
public sealed record ExplainedNotice(string Name, DateTimeOffset At, DateTimeOffset NoticedAt, TimeSpan Lateness);

/// <summary>A change of a ticket.</summary>
/// <param name="Action">By which use case: <c>hold</c>.</param>
/// <param name="By">Who made it; null where unknown.</param>
/// <param name="At">When.</param>
public sealed record Cause(string Action, Actor? By, DateTimeOffset At)
{
    internal static Cause Of(Moment moment) => new(moment.Action, moment.By, moment.At);
}

/// <summary>What a stretch of time is to a clock.</summary>
public enum StretchKind
{
    /// <summary>It counts.</summary>
    Running,

    /// <summary>The clock stood still.</summary>
    Paused,

    /// <summary>Nobody works then.</summary>
    OutsideHours,

    /// <summary>Nobody works then, for the day is a holiday.</summary>
    Holiday,
}
