using Itsm.Contracts.Ticketing;
using Itsm.Platform.Messaging;

namespace Itsm.ServiceLevels.Subscriptions;

/// <summary>Counts the clocks of tickets with every change of them. Safe to run twice, in any order: an older version changes
/// nothing.</summary>
internal sealed class FollowTicket(CountClocks clocks) : IHandleBatch<TicketChanged>
{
    public Task HandleAsync(IReadOnlyList<TicketChanged> messages, CancellationToken ct) => Task.WhenAll(messages
        .GroupBy(message => message.Id).Select(same => same.MaxBy(message => message.Version)!)
        .Select(message => clocks.RunAsync(message.Id, (ticket, now) => ticket.Hear(message, now), ct,
            replayed: message is { Action: "replay", By.Person: null }, first: message.Version == 1)));
}
