using Itsm.Contracts.Directory;
using Itsm.Platform.Messaging;
using Itsm.Platform.Replicas;

namespace Itsm.ServiceLevels.Subscriptions;

/// <summary>Has the running clocks of a calendar counted by its new edition. Safe to run twice, in any order: an older version
/// changes nothing.</summary>
internal sealed class FollowCalendar(Replica<CalendarChanged> calendars, Recounting recounting) : IHandle<CalendarChanged>
{
    public async Task HandleAsync(CalendarChanged message, CancellationToken ct)
    {
        // The replica receives the same message, perhaps later.
        await calendars.HandleAsync(message, ct);
        await recounting.BeginAsync(message, ct);
    }
}
