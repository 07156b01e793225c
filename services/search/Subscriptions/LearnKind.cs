using Itsm.Contracts.Ticketing;
using Itsm.Platform.Messaging;

namespace Itsm.Search.Subscriptions;

/// <summary>Takes down which kinds of tickets there are. Safe to run twice.</summary>
internal sealed class LearnKind(IndexCare care) : IHandle<TicketKindChanged>
{
    public Task HandleAsync(TicketKindChanged message, CancellationToken ct) => care.LearnAsync(message.Kind, message.Service, ct);
}
