using Itsm.Contracts.Ticketing;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Messaging;

namespace Itsm.Ticketing;

/// <summary>Writes the comment that a change of a thing brought along. Safe to run twice: the comment's id comes with the
/// message.</summary>
public sealed class WriteRequestedComment<T>(AggregateStore<Comment<T>> comments, AggregateStore<T> things)
    : IHandle<TicketCommentRequested>
    where T : Aggregate, ICommentable
{
    /// <inheritdoc/>
    public async Task HandleAsync(TicketCommentRequested message, CancellationToken ct)
    {
        if (await things.FindAsync(message.Ticket, ct) is { } thing)
        {
            await comments.AddMissingAsync(Comment<T>.Of(message, thing),
                new AuditContext { By = message.By, Action = "create", At = message.At }, ct);
        }
    }
}
