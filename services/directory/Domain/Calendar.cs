using Itsm.Contracts.Directory;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.WorkingTime;

namespace Itsm.Directory.Domain;

/// <summary>When is worked, in a named zone. A change is a new edition; the earlier ones stay, for what was counted by them.</summary>
public sealed class Calendar : Aggregate
{
    /// <summary>Short name in addresses, lower case, unique; works as an id.</summary>
    public required string Key { get; init; }

    /// <summary>Name shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Its editions, oldest first; the last one holds.</summary>
    [AtMost(1_000)]
    public IReadOnlyList<CalendarEdition> Editions { get; private set; } = [];

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<Calendar> Definition { get; } =
        new("calendars", "key", new("readers", "key"), new("readers", "name")) { Normalize = key => key.ToLowerInvariant() };

    /// <summary>A new calendar.</summary>
    /// <exception cref="InvalidValueException">It makes no sense.</exception>
    public static Calendar Create(
        Guid id, string key, string name, string timeZone, IReadOnlyList<WorkingDay> week, IReadOnlyList<Holiday> holidays,
        AuditContext audit)
    {
        var calendar = new Calendar { Id = id, Key = key, Name = name, Readers = [ReaderToken.Everyone] };
        calendar.Publish(timeZone, week, holidays, EditionApplies.FromPublication, audit);
        return calendar;
    }

    /// <summary>Changes its name.</summary>
    public void Rename(string name) => Name = name;

    /// <summary>Publishes another edition.</summary>
    /// <exception cref="InvalidValueException">It makes no sense.</exception>
    public void Publish(
        string timeZone, IReadOnlyList<WorkingDay> week, IReadOnlyList<Holiday> holidays, EditionApplies applies, AuditContext audit)
    {
        var edition = new CalendarEdition
        {
            Number = Editions.Count + 1, PublishedAt = audit.At, Applies = applies, TimeZone = timeZone, Week = week, Holidays = holidays,
        };
        try
        {
            WorkingCalendar.Of(edition);
        }
        catch (CalendarException e)
        {
            throw new InvalidValueException(e.Pointer, e.Code, e.Why);
        }

        Editions = [.. Editions, edition];
    }

    /// <summary>Publishes an edition with these holidays added; of two on one day the new one stays.</summary>
    public void AddHolidays(IReadOnlyList<Holiday> holidays, EditionApplies applies, AuditContext audit)
    {
        var last = Editions[^1];
        var added = holidays.Select(holiday => holiday.Date).ToHashSet();
        Publish(last.TimeZone, last.Week,
            [.. last.Holidays.Where(holiday => holiday.Date is null || !added.Contains(holiday.Date)), .. holidays], applies, audit);
    }

    /// <summary>The message of this version.</summary>
    public CalendarChanged Snapshot() => new() { Id = Id, Version = Version, Key = Key, Name = Name, Editions = Editions };

    /// <inheritdoc/>
    protected override void OnSaving(AuditContext audit, IReadOnlyList<string> changed) => Raise(Snapshot());
}
