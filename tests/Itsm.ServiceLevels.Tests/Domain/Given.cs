using Itsm.Contracts;
using Itsm.Contracts.Directory;
using Itsm.Contracts.ServiceLevels;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Aggregates;
using Itsm.ServiceLevels.Domain;

namespace Itsm.ServiceLevels.Tests.Domain;

/// <summary>What pure tests begin with.</summary>
internal static class Given
{
    public static readonly Guid TicketId = new("018e0000-0000-7000-8000-000000000042");
    public static readonly Guid Requester = new("018e0000-0000-7000-8000-000000000001");
    public static readonly Guid Agent = new("018e0000-0000-7000-8000-000000000002");

    public static readonly CalendarChanged Lisbon = Calendar("lisbon", "Europe/Lisbon", ["09:00-13:00", "14:00-18:00"], DayOfWeek.Monday,
        DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday);
    public static readonly CalendarChanged Utc = Calendar("office", "UTC", ["09:00-17:00"], DayOfWeek.Monday, DayOfWeek.Tuesday,
        DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday);
    public static readonly CalendarChanged Always = Calendar("always", "UTC", ["00:00-24:00"], Enum.GetValues<DayOfWeek>());

    public static DateTimeOffset At(string text) =>
        DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal);

    public static CalendarChanged Calendar(string key, string zone, string[] hours, params DayOfWeek[] days) => new()
    {
        Id = Guid.Empty, Version = 1, Key = key, Name = key,
        Editions =
        [
            new()
            {
                Number = 1, PublishedAt = At("2000-01-01"), Applies = EditionApplies.FromPublication, TimeZone = zone, Holidays = [],
                Week = [.. days.Select(day =>
                    new WorkingDay(day, [.. hours.Select(one => one.Split('-')).Select(pair => new WorkingHours(pair[0], pair[1]))]))],
            },
        ],
    };

    public static CalendarChanged With(this CalendarChanged calendar, params Holiday[] holidays) =>
        calendar with { Editions = [calendar.Editions[0] with { Holidays = holidays }] };

    public static CalendarChanged And(this CalendarChanged calendar, string publishedAt, EditionApplies applies,
        Func<CalendarEdition, CalendarEdition> change) => calendar with
    {
        Editions = [.. calendar.Editions,
            change(calendar.Editions[^1]) with { Number = calendar.Editions.Count + 1, PublishedAt = At(publishedAt), Applies = applies }],
    };

    public static Promise Business(double hours) => new() { Kind = PromiseKind.Business, Duration = TimeSpan.FromHours(hours) };

    public static Promise Elapsed(double hours) => new() { Kind = PromiseKind.Elapsed, Duration = TimeSpan.FromHours(hours) };

    public static Promise EndOfDay(int days) => new() { Kind = PromiseKind.EndOfWorkingDay, Days = days };

    public static Target Target(string key, string metric, Promise promise, params int[] priorities) => new()
    {
        Key = key, Metric = metric, Promise = promise, Priorities = priorities,
        Conditions = Metrics.Of(metric, false, promise.Kind != PromiseKind.EndOfWorkingDay)!,
    };

    public static AgreementEdition Edition(string calendar, params Target[] targets) => new()
    {
        Number = 0, PublishedAt = default, EffectiveFrom = At("2000-01-01"), Running = RunningClocks.Keep, Calendar = calendar,
        Targets = targets,
    };

    public static AuditContext AuditOf(string at) => new() { By = new Actor(null, "test"), Action = "publish", At = At(at) };

    public static Agreement Agreement(
        AgreementEdition edition, string key = "standard", int rank = 100, AgreementKind kind = AgreementKind.Sla) =>
        ServiceLevels.Domain.Agreement.Create(Guid.Empty, key, key, kind, rank, edition, AuditOf("2000-01-01"));

    public static Catalogue Catalogue(CalendarChanged calendar, params Target[] targets) =>
        new([Agreement(Edition(calendar.Key, targets))], [calendar]);

    public static TicketBuilder Ticket(string opened, int priority = 3) => new(opened, priority);

    public static IReadOnlyList<Clock> Clocks(this TicketBuilder ticket, Catalogue catalogue, string now) =>
        ClockEngine.Evaluate(TicketId, ticket.History, catalogue, At(now));

    public static Clock Clock(this TicketBuilder ticket, Catalogue catalogue, string now) => ticket.Clocks(catalogue, now).Single();

    /// <summary>A ticket's life, written down in the order in which it happened.</summary>
    public sealed class TicketBuilder
    {
        private readonly List<TimelineEntry> _timeline;
        private readonly List<Reply> _replies = [];
        private DateTimeOffset? _answered;

        public TicketBuilder(string opened, int priority) =>
            _timeline = [new(At(opened), "new", StateCategory.Open, priority, null, null, null, false)
            {
                Action = "create", By = new Actor(Requester, "Erin"),
            }];

        public TicketHistory History => new()
        {
            Kind = "incident", OpenedAt = _timeline[0].At, RecordedAt = _timeline[0].At, Requester = Requester, FirstAnsweredAt = _answered,
            Timeline = _timeline, Replies = _replies,
        };

        public TicketBuilder Hold(string at) => Change(at, "hold", last => last with { State = "onHold", Category = StateCategory.Paused });

        public TicketBuilder Resume(string at) =>
            Change(at, "resume", last => last with { State = "inProgress", Category = StateCategory.Open });

        public TicketBuilder Resolve(string at) =>
            Change(at, "resolve", last => last with { State = "resolved", Category = StateCategory.Resolved });

        public TicketBuilder Reopen(string at) =>
            Change(at, "reopen", last => last with { State = "inProgress", Category = StateCategory.Open });

        public TicketBuilder Cancel(string at) =>
            Change(at, "cancel", last => last with { State = "cancelled", Category = StateCategory.Closed });

        public TicketBuilder Priority(string at, int priority) =>
            Change(at, "override-priority", last => last with { Priority = priority });

        public TicketBuilder Group(string at, Guid group) => Change(at, "assign", last => last with { AssignmentGroup = group });

        public TicketBuilder Service(string? at, string service) => Change(at, "update", last => last with { AffectedService = service });

        public TicketBuilder Surrounded(Surroundings surroundings) =>
            Change(null, "create", last => last with { Surroundings = surroundings });

        public TicketBuilder Answer(string at)
        {
            _answered ??= At(at);
            _replies.Add(new Reply(Guid.CreateVersion7(At(at)), At(at), new Actor(Agent, "Amir")));
            return this;
        }

        public TicketBuilder Ask(string at)
        {
            _replies.Add(new Reply(Guid.CreateVersion7(At(at)), At(at), new Actor(Requester, "Erin")));
            return this;
        }

        private TicketBuilder Change(string? at, string action, Func<TimelineEntry, TimelineEntry> change)
        {
            var changed = change(_timeline[^1]) with { Action = action, By = new Actor(Agent, "Amir") };
            if (at is null)
            {
                _timeline[^1] = changed;
            }
            else
            {
                _timeline.Add(changed with { At = At(at) });
            }

            return this;
        }
    }
}
