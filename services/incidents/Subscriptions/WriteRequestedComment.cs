using Itsm.Contracts.Ticketing;
using Itsm.Incidents.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Messaging;
using Itsm.Ticketing;

namespace Itsm.Incidents.Subscriptions;

/// <summary>Writes the comment that a change brought along. Safe to run twice: the comment's id comes with the message.</summary>
internal sealed class WriteRequestedComment(AggregateStore<Comment> comments, AggregateStore<Incident> incidents) : IHandle<TicketCommentRequested>
{
    public async Task HandleAsync(TicketCommentRequested message, CancellationToken ct)
    {
        if (message.Kind == "incident" && await incidents.FindAsync(message.Ticket, ct) is { } incident)
        {
            await comments.AddMissingAsync(Comment.Of(message, incident), new Act { By = message.By, Action = "create", At = message.At }, ct);
        }
    }
}
