using Itsm.Contracts.Ticketing;
using Itsm.Platform.Messaging;

namespace Itsm.ServiceLevels.Subscriptions;

/// <summary>Public comments start and end promises of updates. Safe to run twice: a comment that is known changes nothing.</summary>
internal sealed class FollowReply(CountClocks clocks) : IHandleBatch<TicketCommented>
{
    public Task HandleAsync(IReadOnlyList<TicketCommented> messages, CancellationToken ct) => Task.WhenAll(messages
        .GroupBy(message => message.Ticket).Select(same => clocks.RunAsync(same.Key, (ticket, now) =>
        {
            foreach (var message in same)
            {
                ticket.Hear(message, now);
            }
        }, ct)));
}
