using System.Security.Cryptography;
using System.Text;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Timers;
using Itsm.Platform.Values;
using Itsm.ServiceLevels.Domain;

namespace Itsm.ServiceLevels.Subscriptions;

/// <summary>Computes the clocks of the next slice of tickets. Safe to run twice: a slice that was taken in already is not taken in
/// again.</summary>
internal sealed class RunRebuild(
    AggregateStore<Rebuild> rebuilds, AggregateStore<TicketClocks> tickets, CatalogueSource catalogues, CountClocks count)
    : ITimerHandler
{
    private const int PageSize = 500;
    private const int PagesOfSlice = 10;
    private static readonly TimeSpan BetweenDueAndTold = TimeSpan.FromMinutes(1);

    public async Task RunAsync(Guid id, CancellationToken ct)
    {
        if (await rebuilds.FindAsync(id, ct) is not { State: RebuildState.Running } rebuild)
        {
            return;
        }

        var catalogue = await catalogues.GetAsync(ct);
        var (seen, clocks, differing, digest, after) = (0L, 0L, new List<string>(), rebuild.Digest, rebuild.After);
        for (var page = 0; page < PagesOfSlice; page++)
        {
            var found = await TicketSlices.NextAsync(tickets.Documents,
                [Platform.Documents.Condition.Within("number", "", true, null, false)], after, PageSize, ct);

            var now = tickets.Clock.GetUtcNow().ToMilliseconds();
            var results = new (TicketClocks Ticket, byte[] Bytes, int Clocks, bool Differs)[found.Count];
            Parallel.For(0, found.Count, index =>
            {
                var ticket = AggregateStore<TicketClocks>.Load(found[index]);

                // What has just come due is told in a moment.
                var until = ticket.NextAt is { } next && next <= now && now - next < BetweenDueAndTold
                    ? next - TimeSpan.FromMilliseconds(1) : now;
                IReadOnlyList<Contracts.ServiceLevels.ServiceLevelClock> computed = [.. (ticket.Evaluate(catalogue, until) ?? [])
                    .Select(clock => clock.Snapshot())];
                var bytes = TicketClocks.Bytes(computed);
                results[index] = (ticket, bytes, computed.Count, !bytes.AsSpan().SequenceEqual(TicketClocks.Bytes(ticket.Clocks)));
            });
            foreach (var (ticket, bytes, some, differs) in results)
            {
                (seen, clocks) = (seen + 1, clocks + some);
                digest = Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes(digest), .. bytes]));
                if (differs)
                {
                    differing.Add(ticket.Number);
                    if (rebuild.Repair)
                    {
                        await count.RunAsync(ticket.Id, null, ct);
                    }
                }
            }

            after = TicketSlices.EndOf(found, PageSize);
            if (after is null)
            {
                break;
            }
        }

        var audit = AuditContext.OfService("service-levels", "rebuild", tickets.Clock);
        rebuild.Take(new Rebuild.Slice(seen, clocks, differing, digest), after, audit);
        await rebuilds.TrySaveAsync(rebuild, audit, ct);
    }
}
