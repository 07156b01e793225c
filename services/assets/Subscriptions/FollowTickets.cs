using Itsm.Assets.Domain;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Messaging;

namespace Itsm.Assets.Subscriptions;

/// <summary>Keeps what is said of tickets that name items; where services suffer from one, or did, has it found how they are.</summary>
internal sealed class FollowTickets(Projection<ItemTicket> tickets, ServiceStatuses statuses, ServiceHealth health)
    : IHandleBatch<TicketChanged>
{
    public async Task HandleAsync(IReadOnlyList<TicketChanged> messages, CancellationToken ct)
    {
        List<ItemTicket> newest =
            [.. messages.GroupBy(ticket => ticket.Id).Select(of => ItemTicket.Of(of.MaxBy(ticket => ticket.Version)!))];
        var concerns = false;
        foreach (var ticket in newest)
        {
            concerns |= await ConcernsAsync(ticket, ct);
        }

        await tickets.UpsertAsync(newest, ct);
        if (newest.Exists(ticket => ticket.Hurts))
        {
            // Its readers may be others now.
            health.Forget();
        }

        if (concerns)
        {
            await statuses.RecomputeAsync(ct);
        }
    }

    /// <summary>True also for what is stored already: who stored it may have died before services were looked at.</summary>
    private async ValueTask<bool> ConcernsAsync(ItemTicket ticket, CancellationToken ct) =>
        ticket.Version > 1 && await tickets.Documents.FindAsync(ticket.Id, ct) is { } stored
            ? stored.Version >= ticket.Version || !ticket.HurtsAs(Projection<ItemTicket>.Load(stored))
            : ticket.Hurts;
}
