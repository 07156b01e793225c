using System.Collections.Concurrent;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Timers;
using Itsm.ServiceLevels.Domain;

namespace Itsm.ServiceLevels.Subscriptions;

/// <summary>Counts the clocks of the next slice of tickets, or of those that failed, by what the catalogue says now. The next slice waits,
/// at most 5 s, until what this one had to say is published, so that what comes due meanwhile does not queue up behind thousands. Safe to
/// run twice: the same catalogue gives the same clocks.</summary>
internal sealed class RunRecount(
    AggregateStore<Recount> recounts, AggregateStore<TicketClocks> tickets, CountClocks clocks, CatalogueSource catalogues,
    ILogger<RunRecount> log) : ITimerHandler
{
    private const int AtOnce = 4;

    /// <summary>Tickets of a slice.</summary>
    internal int SliceSize { get; init; } = 200;

    /// <summary>What a slice waits for.</summary>
    internal Func<CancellationToken, Task> Turn { get; init; } = _ => Task.CompletedTask;

    public async Task RunAsync(Guid id, CancellationToken ct)
    {
        await Turn(ct);
        if (await recounts.FindAsync(id, ct) is not { IsDone: false } recount)
        {
            return;
        }

        // What another node changed may not have come here; a catalogue that can't be read is no ticket's own.
        catalogues.Forget();
        await catalogues.GetAsync(ct);
        var audit = AuditContext.OfService("service-levels", "recount", tickets.Clock);
        if (recount.Running)
        {
            var slice = await NextAsync(recount, ct);
            var failed = await CountAsync([.. slice.Select(ticket => ticket.Id)], ct);
            recount.Take(TicketSlices.EndOf(slice, SliceSize), failed, audit);
        }
        else
        {
            recount.Retry(await CountAsync(recount.Failed, ct), audit);
        }

        // Where another edition had it begin again meanwhile, the same slice comes again.
        await recounts.TrySaveAsync(recount, audit, ct);
    }

    private ValueTask<IReadOnlyList<StoredDocument>> NextAsync(Recount recount, CancellationToken ct)
    {
        List<Platform.Documents.Condition> where = [recount.Calendar is { } calendar
            ? Platform.Documents.Condition.In("calendars", calendar) : Platform.Documents.Condition.In("live", true)];
        if (recount.LastNumber is { } last)
        {
            where.Add(Platform.Documents.Condition.Within("number", "", true, last, true));
        }

        return TicketSlices.NextAsync(tickets.Documents, where, recount.After, SliceSize, ct);
    }

    /// <returns>Those that could not be counted.</returns>
    private async Task<IReadOnlyList<Guid>> CountAsync(IReadOnlyList<Guid> slice, CancellationToken ct)
    {
        ConcurrentBag<Guid> failed = [];
        await Parallel.ForEachAsync(slice, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct },
            async (ticket, ct) =>
            {
                try
                {
                    await clocks.RunAsync(ticket, null, ct);
                }
                catch (Exception e) when (IsItsOwn(e, ct))
                {
                    log.LogError(e, "The clocks of ticket {Ticket} could not be counted anew; they are tried again.", ticket);
                    failed.Add(ticket);
                }
            });
        await Task.WhenAll(slice.Select(ticket => tickets.DeliveredAsync(ticket, ct)));
        return [.. failed.Order()];
    }

    /// <summary>True where it says nothing of other tickets.</summary>
    internal static bool IsItsOwn(Exception e, CancellationToken ct) => e switch
    {
        NewerVersionException or OutboxFullException => true,
        StoreUnavailableException => false,
        OperationCanceledException => !ct.IsCancellationRequested,
        _ => true,
    };
}
