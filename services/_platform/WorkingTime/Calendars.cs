using System.Collections.Concurrent;
using Itsm.Contracts.Directory;
using Itsm.Platform.Documents;
using Itsm.Platform.Replicas;

namespace Itsm.Platform.WorkingTime;

/// <summary>The directory's calendars of working time, ready to compute with. The service must keep
/// <see cref="CalendarChanged"/>.</summary>
public sealed class Calendars(Replica<CalendarChanged> calendars)
{
    private readonly ConcurrentDictionary<Guid, (long Version, WorkingSchedule Schedule)> _compiled = new();

    // A calendar keeps its key: what changes is kept fresh by the copy's own cache.
    private readonly ConcurrentDictionary<string, Guid> _ids = new();

    /// <summary>Working time of a calendar as known now.</summary>
    /// <param name="key">Of the calendar; null, or one that is not known, stands for all the time.</param>
    /// <param name="ct">Ends the look.</param>
    public async ValueTask<WorkingSchedule> FindAsync(string? key, CancellationToken ct)
    {
        if (key is null || await IdOfAsync(key, ct) is not { } id || await calendars.FindAsync(id, ct) is not { } found)
        {
            return WorkingSchedule.Always;
        }

        // Whatever this node's clock says: an edition that has come is known.
        return _compiled.AddOrUpdate(id, _ => Compiled(), (_, known) => known.Version == found.Version ? known : Compiled()).Schedule;

        (long, WorkingSchedule) Compiled() => (found.Version,
            WorkingSchedule.Of(found.Editions, DateTimeOffset.MaxValue, edition => WorkingCalendar.Of(edition)));
    }

    private async ValueTask<Guid?> IdOfAsync(string key, CancellationToken ct)
    {
        if (!_ids.TryGetValue(key, out var id) && await calendars.QueryAsync([Condition.In("key", key)], "key", 1, ct) is [var found, ..])
        {
            id = _ids[key] = found.Id;
        }

        return id == Guid.Empty ? null : id;
    }
}
