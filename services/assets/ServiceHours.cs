using Itsm.Assets.Domain;
using Itsm.Contracts.Directory;
using Itsm.Platform.Documents;
using Itsm.Platform.Replicas;
using Itsm.Platform.WorkingTime;
using MongoDB.Bson;

namespace Itsm.Assets;

/// <summary>When services are to be there: the calendar of the directory that their attribute <c>serviceHours</c> names.</summary>
internal sealed class ServiceHours(Replica<CalendarChanged> known, Calendars calendars)
{
    /// <summary>Key of the calendar that a service names; null where it names none.</summary>
    public static string? KeyOf(ConfigurationItem service) =>
        (service.Attributes.GetValueOrDefault(ServiceReferences.Hours) as BsonString)?.Value;

    /// <summary>The hours of a calendar; all the time, in UTC, where it is not known.</summary>
    public async ValueTask<AgreedHours> OfAsync(string? key, CancellationToken ct) =>
        key is not null && await known.QueryAsync([Condition.In("key", key)], "key", 1, ct) is [var found, ..]
            ? new(key, found.Editions[^1].TimeZone, await calendars.FindAsync(key, ct))
            : new(null, "UTC", WorkingSchedule.Always);
}

/// <summary>When a service is to be there.</summary>
/// <param name="Calendar">Key of the calendar; null where none is known.</param>
/// <param name="TimeZone">IANA name of the zone in which its months begin.</param>
/// <param name="Hours">The hours.</param>
internal sealed record AgreedHours(string? Calendar, string TimeZone, WorkingSchedule Hours)
{
    /// <summary>When a month begins there.</summary>
    /// <param name="month">Its first day.</param>
    public DateTimeOffset BeginOf(DateOnly month) => LocalDates.InstantOf(month.ToDateTime(TimeOnly.MinValue), TimeZone);
}
