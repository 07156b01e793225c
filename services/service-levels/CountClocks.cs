using System.Diagnostics.Metrics;
using Itsm.Contracts;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Telemetry;
using Itsm.Platform.Values;
using Itsm.ServiceLevels.Domain;

namespace Itsm.ServiceLevels;

/// <summary>Loads the clocks of a ticket, lets them take something in, counts them anew and saves them, again from the start while others
/// save in between.</summary>
internal sealed class CountClocks(AggregateStore<TicketClocks> store, CatalogueSource catalogues)
{
    private const int Attempts = 20;
    private static readonly Counter<long> Breaches = Instruments.Meter.CreateCounter<long>("itsm.breaches", "{breach}",
        "Clocks whose time was up.");

    /// <param name="ticket">The ticket.</param>
    /// <param name="apply">Applies what was received, now; null where nothing was.</param>
    /// <param name="ct">Ends the attempts.</param>
    /// <param name="replayed">True where what is taken in was said before: clocks that are new by it say nothing about the past.</param>
    /// <param name="first">True where it is likely that nothing is known of the ticket: then that is not looked for first.</param>
    public async Task RunAsync(
        Guid ticket, Action<TicketClocks, DateTimeOffset>? apply, CancellationToken ct, bool replayed = false, bool first = false)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var found = first && attempt == 0 ? null : await store.FindAsync(ticket, ct);
            var clocks = found ?? TicketClocks.Of(ticket);
            var catalogue = await catalogues.GetAsync(ct);
            var now = store.Clock.GetUtcNow().ToMilliseconds();
            apply?.Invoke(clocks, now);
            var (silently, said) = (replayed && found is null, clocks.Notices.Count);
            clocks.Count(catalogue, now, silently);
            var audit = new AuditContext { By = new Actor(null, "service-levels"), Action = "count", At = now };
            try
            {
                if (await store.TrySaveAsync(clocks, audit, ct))
                {
                    if (!silently && clocks.Notices.Count > said)
                    {
                        Tell(clocks, said);
                    }

                    return;
                }
            }
            catch (DuplicateKeyException)
            {
                // Something is known of it after all.
            }
        }

        throw new ConcurrentChangeException($"The clocks of ticket {ticket} kept changing while they were counted.");
    }

    private static void Tell(TicketClocks clocks, int said)
    {
        foreach (var breach in clocks.Notices.Skip(said).Where(notice => notice.Name == TicketClocks.BreachNotice))
        {
            Breaches.Add(1, new("kind", clocks.Kind), new KeyValuePair<string, object?>("metric",
                clocks.Clocks.First(clock => clock.ClockId == breach.Clock).Metric));
        }
    }
}
