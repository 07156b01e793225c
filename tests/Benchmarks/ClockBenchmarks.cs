using BenchmarkDotNet.Attributes;
using Itsm.Contracts;
using Itsm.Contracts.Directory;
using Itsm.Contracts.ServiceLevels;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Aggregates;
using Itsm.Platform.WorkingTime;
using Itsm.ServiceLevels.Domain;

namespace Itsm.Benchmarks;

/// <summary>What service levels cost in memory: a due instant, and all clocks of a ticket.</summary>
[MemoryDiagnoser]
public class ClockBenchmarks
{
    private static readonly DateTimeOffset Opened = new(2026, 10, 5, 8, 30, 0, TimeSpan.Zero);
    private static readonly TimeSpan ThirtyDays = TimeSpan.FromHours(30 * 8);
    private static readonly string[] Measured = ["firstResponse", "resolution"];
    private readonly WorkingSchedule _schedule;
    private readonly Catalogue _catalogue;
    private readonly TicketHistory _history;

    public ClockBenchmarks()
    {
        var calendar = new CalendarChanged
        {
            Id = Guid.Empty, Version = 1, Key = "lisbon", Name = "Lisbon",
            Editions =
            [
                new()
                {
                    Number = 1, PublishedAt = DateTimeOffset.UnixEpoch, Applies = EditionApplies.FromPublication,
                    TimeZone = "Europe/Lisbon",
                    Week = [.. Enumerable.Range(1, 5)
                        .Select(day => new WorkingDay((DayOfWeek)day, [new("09:00", "13:00"), new("14:00", "18:00")]))],
                    Holidays = [new() { Name = "Off", Date = "2026-11-02" }],
                },
            ],
        };
        _schedule = WorkingSchedule.Of(WorkingCalendar.Of(calendar.Editions[0]));
        var targets = Enumerable.Range(1, 5).SelectMany(priority => Measured.Select(metric => new Target
        {
            Key = $"{metric}-{priority}", Metric = metric, Priorities = [priority],
            Promise = new() { Kind = PromiseKind.Business, Duration = TimeSpan.FromHours(priority * 8) },
            Conditions = Metrics.Of(metric, false, true)!,
        })).ToList();
        var edition = new AgreementEdition
        {
            Number = 0, PublishedAt = default, EffectiveFrom = DateTimeOffset.UnixEpoch, Running = RunningClocks.Keep, Calendar = "lisbon",
            Targets = targets,
        };
        _catalogue = new([Agreement.Create(Guid.Empty, "standard", "Standard", AgreementKind.Sla, 1, edition,
            new AuditContext { By = new Actor(null, "benchmark"), Action = "create", At = DateTimeOffset.UnixEpoch })], [calendar]);
        TimelineEntry Entry(int hours, string state, StateCategory category, int priority) =>
            new(Opened.AddHours(hours), state, category, priority, null, null, null, false);
        _history = new()
        {
            Kind = "incident", OpenedAt = Opened, RecordedAt = Opened, Requester = Guid.Empty,
            Timeline = [Entry(0, "new", StateCategory.Open, 3), Entry(2, "onHold", StateCategory.Paused, 3),
                Entry(26, "inProgress", StateCategory.Open, 3), Entry(27, "inProgress", StateCategory.Open, 1)],
        };
    }

    /// <summary>The due instant of a business target of 30 days, over a clock change and a holiday.</summary>
    [Benchmark]
    public DateTimeOffset? DueInThirtyDays() => _schedule.Add(Opened, ThirtyDays);

    /// <summary>The clocks of a ticket that was paused and raised: what each change of a ticket costs beside its store.</summary>
    [Benchmark]
    public int ClocksOfATicket() =>
        ClockEngine.Evaluate(Guid.Empty, _history, _catalogue, Opened.AddDays(2)).Sum(clock => clock.Snapshot().Cycle);
}
