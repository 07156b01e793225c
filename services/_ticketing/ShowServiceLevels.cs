using Itsm.Contracts.ServiceLevels;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Messaging;

namespace Itsm.Ticketing;

/// <summary>Keeps the clocks of this service's tickets beside them. Safe to run twice, in any order: an older version changes
/// nothing.</summary>
public sealed class ShowServiceLevels<TTicket>(AggregateStore<TTicket> tickets) : IHandleBatch<TicketClocksChanged>
    where TTicket : Ticket
{
    /// <inheritdoc/>
    public Task HandleAsync(IReadOnlyList<TicketClocksChanged> messages, CancellationToken ct) =>
        tickets.AnnexAsync(messages.Select(message => (message.Id, message.Version, TicketServiceLevels.Of(message))), ct);
}
