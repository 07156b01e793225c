using System.Text.Json;
using Itsm.Contracts.Ticketing;
using Itsm.Notifications.Live;
using Itsm.Platform.Access;
using Itsm.Platform.Messaging;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Itsm.Notifications.Subscriptions;

/// <summary>Puts a comment into the live log, for those who may read it, and once more for those whom it speaks to. One that is said again
/// for somebody's copy is no news, and must not come before the news.</summary>
internal sealed class TellComment(LiveLog log, IOptions<JsonOptions> json) : IHandle<TicketCommented>
{
    public Task HandleAsync(TicketCommented message, CancellationToken ct)
    {
        if (message.Readers is not { } readers)
        {
            return Task.CompletedTask;
        }

        var comment = new LiveEvent
        {
            Type = LiveEvent.Comment, Ticket = message.Ticket, Number = message.Number ?? "", Version = message.Version,
            Kind = message.Kind, Readers = readers, IsNote = message.Internal, At = message.At, Subject = message.Id,
            Data = JsonSerializer.Serialize(new CommentEvent(message.Id, message.Ticket, message.Kind, message.Number, message.Version,
                message.Internal, message.Text, message.By, message.At), json.Value.SerializerOptions),
        };
        return log.AppendAsync(message.Mentioned is not { } mentioned ? [comment]
            : [comment, comment with { Type = LiveEvent.Mention, Readers = [.. mentioned.Select(ReaderToken.Person)] }], ct);
    }
}
