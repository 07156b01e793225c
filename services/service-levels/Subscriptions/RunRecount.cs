using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Timers;
using Itsm.ServiceLevels.Domain;

namespace Itsm.ServiceLevels.Subscriptions;

/// <summary>Counts the clocks of the next slice of tickets by what the catalogue says now. The next slice waits, at most 5 s, until what
/// this one had to say is published, so that what comes due meanwhile does not queue up behind thousands. Safe to run twice: the same
/// catalogue gives the same clocks.</summary>
internal sealed class RunRecount(
    AggregateStore<Recount> recounts, AggregateStore<TicketClocks> tickets, CountClocks clocks, ILogger<RunRecount> log) : ITimerHandler
{
    private const int SliceSize = 200;
    private const int AtOnce = 4;

    public async Task RunAsync(Guid id, CancellationToken ct)
    {
        if (await recounts.FindAsync(id, ct) is not { Running: true } recount)
        {
            return;
        }

        var slice = await TicketSlices.NextAsync(tickets.Documents, recount.Calendar is { } calendar
            ? Platform.Documents.Condition.In("calendars", calendar) : Platform.Documents.Condition.In("live", true), recount.After,
            SliceSize, ct);
        await Parallel.ForEachAsync(slice, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, CountAsync);
        await Task.WhenAll(slice.Select(ticket => tickets.DeliveredAsync(ticket.Id, ct)));

        // Where another edition had it begin again meanwhile, it stands at the first ticket.
        var audit = AuditContext.OfService("service-levels", "recount", tickets.Clock);
        recount.Take(TicketSlices.EndOf(slice, SliceSize), audit);
        await recounts.TrySaveAsync(recount, audit, ct);
    }

    private async ValueTask CountAsync(StoredDocument ticket, CancellationToken ct)
    {
        try
        {
            await clocks.RunAsync(ticket.Id, _ => { }, ct);
        }
        catch (Exception e) when (e is not (OperationCanceledException or StoreUnavailableException))
        {
            log.LogError(e, "The clocks of ticket {Ticket} could not be counted anew; its next change counts them.", ticket.Id);
        }
    }
}
