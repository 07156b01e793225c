using System.Collections.Concurrent;
using Itsm.Contracts.Directory;
using Itsm.Contracts.ServiceLevels;
using Itsm.Platform.WorkingTime;

namespace Itsm.ServiceLevels.Domain;

/// <summary>All agreements and calendars with all their editions, ready to compute with. Never changes; a change makes another
/// one.</summary>
internal sealed class Catalogue(IEnumerable<Agreement> agreements, IEnumerable<CalendarChanged> calendars)
{
    private readonly Dictionary<string, CalendarChanged> _calendars = calendars.ToDictionary(calendar => calendar.Key);
    private readonly ConcurrentDictionary<(string Key, int Edition, string? Zone), WorkingCalendar> _compiled = new();
    private readonly ConcurrentDictionary<(string Key, int Known, string? Zone), WorkingSchedule> _schedules = new();

    /// <summary>All targets of all editions, those that hold before others first.</summary>
    public IReadOnlyList<Offer> Offers { get; private init; } =
    [
        .. agreements.SelectMany(agreement =>
            agreement.Editions.SelectMany(edition => edition.Targets.Select((target, index) => (agreement, edition, target, index))))
            .OrderByDescending(one => one.target.Precedence).ThenBy(one => one.agreement.Rank)
            .ThenBy(one => one.agreement.Key, StringComparer.Ordinal).ThenBy(one => one.index)
            .Select(one => new Offer(one.agreement.Key, one.agreement.Kind, one.edition, one.target, one.agreement.Editions)),
    ];

    /// <summary>All editions, for the instants at which they begin to hold.</summary>
    public IReadOnlyList<AgreementEdition> Editions { get; private init; } = [.. agreements.SelectMany(agreement => agreement.Editions)];

    /// <summary>The same with other offers.</summary>
    public Catalogue With(Func<Offer, Offer> change) =>
        new([], _calendars.Values) { Editions = Editions, Offers = [.. Offers.Select(change)] };

    public CalendarChanged? Calendar(string key) => _calendars.GetValueOrDefault(key);

    /// <summary>When editions of a calendar were published after an instant and until another.</summary>
    public IEnumerable<DateTimeOffset> Published(string calendar, DateTimeOffset after, DateTimeOffset until) =>
        (Calendar(calendar)?.Editions ?? []).Skip(1).Select(edition => edition.PublishedAt).Where(at => at > after && at <= until);

    /// <summary>Working time of a calendar as known at an instant, read on the clock of a zone; all time where there is no such
    /// calendar.</summary>
    public WorkingSchedule Schedule(string key, string? zone, DateTimeOffset known)
    {
        if (Calendar(key) is not { } calendar)
        {
            return WorkingSchedule.Always;
        }

        var editions = 1 + calendar.Editions.Skip(1).TakeWhile(edition => edition.PublishedAt <= known).Count();
        return _schedules.GetOrAdd((key, editions, zone), _ => WorkingSchedule.Of(calendar.Editions, known, edition =>
            _compiled.GetOrAdd((key, edition.Number, zone), _ => WorkingCalendar.Of(edition, zone))));
    }
}

/// <summary>A target as an edition of an agreement offers it.</summary>
internal sealed record Offer(
    string Agreement, AgreementKind Kind, AgreementEdition Edition, Target Target, IReadOnlyList<AgreementEdition> Editions)
{
    public Metrics.Slot Slot => new(Kind, Target.Metric);

    /// <summary>True where this is the edition that holds for a ticket at an instant: the last of those that it can be under.</summary>
    public bool Holds(TicketHistory ticket, DateTimeOffset at) =>
        Editions.LastOrDefault(edition => IsVisible(edition, ticket, at))?.Number == Edition.Number;

    /// <summary>True where the target selects the ticket as it is at a moment.</summary>
    public bool Selects(TicketHistory ticket, Moment moment)
    {
        var entry = moment.Entry;
        return Any(Target.Kinds, ticket.Kind) && Any(Target.Priorities, entry.Priority)
            && (Target.Services.Count == 0 || (entry.AffectedService is { } service && Target.Services.Contains(service)))
            && (Target.AssignmentGroups.Count == 0 || (entry.AssignmentGroup is { } group && Target.AssignmentGroups.Contains(group)))
            && (Target.RequesterGroups.Count == 0 || Target.RequesterGroups.Intersect(entry.Surroundings?.RequesterGroups ?? []).Any());
    }

    private static bool IsVisible(AgreementEdition edition, TicketHistory ticket, DateTimeOffset at)
    {
        var known = at > ticket.RecordedAt ? at : ticket.RecordedAt;
        return edition.Running == RunningClocks.Rebase
            ? edition.EffectiveFrom <= at && edition.PublishedAt <= known
            : edition.EffectiveFrom <= ticket.OpenedAt && edition.PublishedAt <= ticket.RecordedAt;
    }

    private static bool Any<T>(IReadOnlyList<T> selected, T value) => selected.Count == 0 || selected.Contains(value);
}
