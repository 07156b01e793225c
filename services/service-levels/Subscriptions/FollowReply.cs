using Itsm.Contracts.Ticketing;
using Itsm.Platform.Messaging;

namespace Itsm.ServiceLevels.Subscriptions;

/// <summary>Public comments start and end promises of updates. Safe to run twice: a comment that is known changes nothing.</summary>
internal sealed class FollowReply(CountClocks clocks) : IHandle<TicketCommented>
{
    public Task HandleAsync(TicketCommented message, CancellationToken ct) =>
        clocks.RunAsync(message.Ticket, ticket => ticket.Hear(message), ct);
}
