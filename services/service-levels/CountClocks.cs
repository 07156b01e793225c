using Itsm.Contracts.ServiceLevels;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;
using Itsm.Platform.Values;
using Itsm.ServiceLevels.Domain;

namespace Itsm.ServiceLevels;

/// <summary>Loads the clocks of a ticket, applies what was received, counts them anew, publishes what there is to say, writes their records
/// and saves them; again from the start while others save in between. What dies half way is done again: the message comes
/// again, and what is due stays due.</summary>
internal sealed class CountClocks(
    Projection<TicketClocks> store, Projection<ClockRecord> records, CatalogueSource catalogues, IMessageBus bus, TimeProvider clock)
{
    private const int Attempts = 20;
    private const int PageSize = 200;

    /// <param name="ticket">The ticket.</param>
    /// <param name="apply">Applies what was received; null where only time has passed, or agreements have changed.</param>
    /// <param name="ct">Ends the attempts.</param>
    /// <param name="replayed">True where what is applied was published before: clocks that are new by it say nothing about the
    /// past.</param>
    public async Task RunAsync(Guid ticket, Action<TicketClocks>? apply, CancellationToken ct, bool replayed = false)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var found = await store.Documents.FindAsync(ticket, ct);
            var clocks = found is { } stored ? Projection<TicketClocks>.Load(stored) : TicketClocks.Of(ticket);
            var (catalogue, now) = (await catalogues.GetAsync(ct), clock.GetUtcNow().ToMilliseconds());
            var before = found is null ? [] : BsonMapping.ToBytes(clocks);
            apply?.Invoke(clocks);
            clocks.Count(catalogue, now, silently: replayed && found is null);
            var changed = !BsonMapping.ToBytes(clocks).AsSpan().SequenceEqual(before);

            // Who lost a race, or died before the save that would have lost it, may have published other clocks under the same version.
            var publications = clocks.Publications(now, again: attempt > 0 || (!changed && apply is not null && !replayed));
            if (!changed && publications.Count == 0)
            {
                return;
            }

            foreach (var (id, message) in publications)
            {
                await bus.PublishAsync(id, message, ct);
                if (message is TicketClocksChanged counted)
                {
                    await RecordAsync(counted, ct);
                }
            }

            if (await store.TrySaveAsync(clocks, ct))
            {
                return;
            }
        }

        throw new ConcurrentChangeException($"The clocks of ticket {ticket} kept changing while they were counted.");
    }

    /// <summary>Counts all clocks that have not ended, or those by a calendar, with what the catalogue says now.</summary>
    public async Task RunAllAsync(string? calendar, CancellationToken ct)
    {
        await catalogues.ForgetAsync();
        Platform.Documents.Condition where =
            calendar is null ? Platform.Documents.Condition.In("live", true) : Platform.Documents.Condition.In("calendars", calendar);
        var query = new DocumentQuery([where], "number", false, null, PageSize);
        while (true)
        {
            var page = await store.Documents.QueryAsync(query, ct);
            await Parallel.ForEachAsync(page, ct, async (document, ct) => await RunAsync(document.Id, null, ct));
            if (page.Count < PageSize)
            {
                return;
            }

            query = query with { After = new DocumentPosition(RawBson.Values(page[^1].Body.Span, "number")[0], page[^1].Id) };
        }
    }

    /// <summary>Writes the records that lists and reports read. A clock that was counted before an agreement was received is not there any
    /// more.</summary>
    private async Task RecordAsync(TicketClocksChanged changed, CancellationToken ct)
    {
        await records.UpsertAsync(ClockRecord.Of(changed), ct);
        if (changed.Version == 1)
        {
            return;
        }

        var known = await records.Documents.QueryAsync(new DocumentQuery([Platform.Documents.Condition.In("ticket",
            BsonMapping.Value(changed.Id))], "startedAt", false, null, int.MaxValue), ct);
        foreach (var gone in known.Where(record =>
            record.Version < changed.Version && changed.Clocks.All(clock => clock.ClockId != record.Id)))
        {
            await records.Documents.DeleteAsync(gone.Id, gone.Version, ct);
        }
    }
}
