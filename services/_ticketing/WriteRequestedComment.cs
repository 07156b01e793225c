using Itsm.Contracts.Ticketing;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Messaging;

namespace Itsm.Ticketing;

/// <summary>Writes the comment that a change of a ticket brought along. Safe to run twice: the comment's id comes with the
/// message.</summary>
public sealed class WriteRequestedComment<TTicket>(
    AggregateStore<Comment<TTicket>> comments, AggregateStore<TTicket> tickets, NamesOf<TTicket> of)
    : IHandle<TicketCommentRequested>
    where TTicket : Ticket
{
    /// <inheritdoc/>
    public async Task HandleAsync(TicketCommentRequested message, CancellationToken ct)
    {
        if (message.Kind == of.Names.Kind && await tickets.FindAsync(message.Ticket, ct) is { } ticket)
        {
            await comments.AddMissingAsync(Comment<TTicket>.Of(message, ticket),
                new AuditContext { By = message.By, Action = "create", At = message.At }, ct);
        }
    }
}
