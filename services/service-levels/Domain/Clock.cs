using Itsm.Contracts.ServiceLevels;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.WorkingTime;

namespace Itsm.ServiceLevels.Domain;

/// <summary>A clock with its time counted.</summary>
internal sealed class Clock
{
    private static readonly TimeSpan Unbounded = TimeSpan.FromDays(366 * 200);
    private readonly Catalogue _catalogue;
    private readonly TicketHistory _history;
    private readonly DateTimeOffset _now;
    private readonly Moment _last;

    public Clock(Guid id, Life life, TicketHistory history, Catalogue catalogue, List<Moment> moments, DateTimeOffset now)
    {
        (Id, Life, _history, _catalogue, _now) = (id, life, history, catalogue, now);
        _last = life.EndedAt ?? moments[^1];
        var (edition, entry) = (life.Offer.Edition, life.AttachedAt.Entry);
        Calendar = edition.CalendarFrom switch
        {
            CalendarSource.RequesterSite => entry.Surroundings?.SiteCalendar,
            CalendarSource.AssignmentGroup => entry.Surroundings?.GroupCalendar,
            _ => null,
        } ?? edition.Calendar;
        TimeZone = edition.TimeZoneFrom switch
        {
            TimeZoneSource.RequesterSite => entry.Surroundings?.TimeZone,
            TimeZoneSource.Service => entry.AffectedService is { } service ? edition.ServiceTimeZones!.GetValueOrDefault(service) : null,
            TimeZoneSource.Agreement => edition.TimeZone,
            _ => null,
        };
        BreachedAt = FindBreach();
        Schedule = ScheduleAt(life.EndedAt?.At ?? now);
        Promised = PromisedBy(Schedule);
    }

    public Guid Id { get; }

    public Life Life { get; }

    /// <summary>Key of the calendar that counts.</summary>
    public string Calendar { get; }

    /// <summary>The zone on whose clock its hours are read; null for the calendar's own.</summary>
    public string? TimeZone { get; }

    /// <summary>Working time as it counts for this clock now, or counted at its end.</summary>
    public WorkingSchedule Schedule { get; }

    public TimeSpan Promised { get; }

    public DateTimeOffset? BreachedAt { get; }

    public bool Lives => Life.EndedAt is null;

    public Target Target => Life.Offer.Target;

    /// <summary>When its time is up as things stand: of one that is paused, or ended in time, never.</summary>
    public DateTimeOffset? DueAt => BreachedAt ?? (Lives ? Reaches(Schedule, Promised) : null);

    /// <summary>The first instant of which this service can have known that it is there.</summary>
    public DateTimeOffset KnownAt => Life.AttachedAt.At > _history.RecordedAt ? Life.AttachedAt.At : _history.RecordedAt;

    /// <summary>The time used until an instant, or until its end.</summary>
    public TimeSpan ElapsedAt(DateTimeOffset at) =>
        Runs(Life.EndedAt?.At is { } end && end < at ? end : at)
            .Aggregate(TimeSpan.Zero, (sum, run) => sum + Schedule.Between(run.From, run.To));

    /// <summary>When this much time is used; null where it never will be as things stand, or only after its end.</summary>
    public DateTimeOffset? Reaches(TimeSpan used) =>
        Reaches(Schedule, used) is { } at && (Life.EndedAt is not { } end || at < end.At) ? at : null;

    /// <summary>Its stretches of running and standing still, until an instant.</summary>
    public IEnumerable<(Moment Since, bool Runs, DateTimeOffset From, DateTimeOffset To)> Stretches(DateTimeOffset until)
    {
        for (var index = 0; index < Life.Turns.Count; index++)
        {
            var (since, runs) = Life.Turns[index];
            var to = index + 1 < Life.Turns.Count ? Life.Turns[index + 1].At.At : Life.EndedAt?.At ?? DateTimeOffset.MaxValue;
            if (since.At < until)
            {
                yield return (since, runs, since.At, to < until ? to : until);
            }
        }
    }

    /// <summary>As others are told of it.</summary>
    public ServiceLevelClock Snapshot()
    {
        var counted = _last.At > Life.Start ? _last.At : Life.Start;
        var due = DueAt;
        var runs = Lives && BreachedAt is null && due is not null;
        return new ServiceLevelClock
        {
            ClockId = Id, Agreement = Life.Offer.Agreement, Edition = Life.Offer.Edition.Number, AgreementKind = Life.Offer.Kind,
            Target = Target.Key, Metric = Target.Metric, Cycle = Life.Cycle,
            Priority = Last.Priority,
            AssignmentGroup = Last.AssignmentGroup,
            State = Life.Outcome ?? (Life.Turns[^1].Runs ? ClockState.Running : ClockState.Paused), Breached = BreachedAt is not null,
            StartedAt = Life.Start, DueAt = due, BreachedAt = BreachedAt, EndedAt = Life.EndedAt?.At, Promised = Promised,
            Elapsed = ElapsedAt(counted), CountedAt = counted,
            Ahead = runs
                ? [.. Schedule.Stretches(counted, due!.Value).Where(stretch => stretch.Works)
                    .Select(stretch => new TimeStretch(stretch.From, stretch.To))]
                : null,
        };
    }

    /// <summary>A change of priority or group ends clocks: they belong to what was before it.</summary>
    private TimelineEntry Last => Life.EndedAt is not { } end ? _last.Entry : Life.Outcome == ClockState.Cancelled ? end.Before : end.Entry;

    /// <summary>The breach by what was known at the time: with each edition of the calendar the clock is counted anew, until one says that
    /// its time was up before the next came out.</summary>
    private DateTimeOffset? FindBreach()
    {
        var end = Life.EndedAt?.At ?? _now;
        DateTimeOffset[] known = [KnownAt < end ? KnownAt : end, .. _catalogue.Published(Calendar, KnownAt, end)];
        for (var index = 0; index < known.Length; index++)
        {
            var schedule = ScheduleAt(known[index]);
            var limit = index + 1 < known.Length ? known[index + 1] : end;
            var inTime = index + 1 == known.Length && Life.Outcome == ClockState.Completed;
            if (Reaches(schedule, PromisedBy(schedule)) is { } due && (due < limit || (due == limit && !inTime)))
            {
                return due;
            }
        }

        return null;
    }

    private WorkingSchedule ScheduleAt(DateTimeOffset known) =>
        Target.Promise.Kind == PromiseKind.Elapsed
            ? WorkingSchedule.Always
            : _catalogue.Schedule(Calendar, TimeZone, known > _history.RecordedAt ? known : _history.RecordedAt);

    private TimeSpan PromisedBy(WorkingSchedule schedule) => Target.Promise is { Kind: PromiseKind.EndOfWorkingDay, Days: { } days }
        ? schedule.EndOfWorkingDay(Life.Start, days) is { } end ? schedule.Between(Life.Start, end) : Unbounded
        : Target.Promise.Duration!.Value;

    private DateTimeOffset? Reaches(WorkingSchedule schedule, TimeSpan used)
    {
        foreach (var (from, to) in Runs(DateTimeOffset.MaxValue))
        {
            if (to == DateTimeOffset.MaxValue)
            {
                return schedule.Add(from, used);
            }

            var here = schedule.Between(from, to);
            if (used <= here)
            {
                return schedule.Add(from, used);
            }

            used -= here;
        }

        return null;
    }

    private IEnumerable<(DateTimeOffset From, DateTimeOffset To)> Runs(DateTimeOffset until) =>
        Stretches(until).Where(stretch => stretch.Runs).Select(stretch => (stretch.From, stretch.To));
}
