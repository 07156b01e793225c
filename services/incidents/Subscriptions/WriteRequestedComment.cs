using Itsm.Contracts.Ticketing;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Messaging;
using Itsm.Ticketing;

namespace Itsm.Incidents.Subscriptions;

/// <summary>Writes the comment that a change brought along. Safe to run twice: the comment's id comes with the message.</summary>
internal sealed class WriteRequestedComment(AggregateStore<Comment> comments) : IHandle<TicketCommentRequested>
{
    public Task HandleAsync(TicketCommentRequested message, CancellationToken ct) => message.Kind == "incident"
        ? comments.AddMissingAsync(Comment.Of(message), new Act { By = message.By, Action = "create", At = message.At }, ct)
        : Task.CompletedTask;
}
