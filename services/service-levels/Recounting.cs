using Itsm.Contracts.Directory;
using Itsm.Platform.Aggregates;
using Itsm.ServiceLevels.Domain;

namespace Itsm.ServiceLevels;

/// <summary>Has the clocks of many tickets counted anew by what the catalogue says now.</summary>
internal sealed class Recounting(AggregateStore<Recount> recounts, CatalogueSource catalogues)
{
    /// <param name="calendar">Of the clocks that count by it, where they do not count by this version yet; null for all that have not
    /// ended.</param>
    /// <param name="ct">Ends the attempt.</param>
    public async Task BeginAsync(CalendarChanged? calendar, CancellationToken ct)
    {
        await catalogues.ForgetAsync();
        var audit = AuditContext.OfService("service-levels", "recount", recounts.Clock);
        var first = Recount.Start(calendar?.Key, calendar?.Version, audit);
        if (!await recounts.AddMissingAsync(first, audit, ct))
        {
            await recounts.UpdateAsync(first.Id, audit, recount => recount.Begin(calendar?.Version, audit), ct);
        }
    }
}
