using Itsm.Contracts.Ticketing;
using Itsm.Platform.Messaging;

namespace Itsm.ServiceLevels.Subscriptions;

/// <summary>Counts the clocks of a ticket with every change of it. Safe to run twice, in any order: an older version changes
/// nothing.</summary>
internal sealed class FollowTicket(CountClocks clocks) : IHandle<TicketChanged>
{
    public Task HandleAsync(TicketChanged message, CancellationToken ct) =>
        clocks.RunAsync(message.Id, ticket => ticket.Hear(message), ct, replayed: message is { Action: "replay", By.Person: null });
}
