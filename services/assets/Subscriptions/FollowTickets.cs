using Itsm.Assets.Domain;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Messaging;

namespace Itsm.Assets.Subscriptions;

/// <summary>Keeps what is said of tickets that name items.</summary>
internal sealed class FollowTickets(Projection<ItemTicket> tickets) : IHandleBatch<TicketChanged>
{
    public Task HandleAsync(IReadOnlyList<TicketChanged> messages, CancellationToken ct) =>
        tickets.UpsertAsync(messages.GroupBy(ticket => ticket.Id).Select(of => ItemTicket.Of(of.MaxBy(ticket => ticket.Version)!)), ct);
}
