using System.Text.Json;
using Itsm.Contracts.Ticketing;
using Itsm.Notifications.Live;
using Itsm.Platform.Messaging;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Itsm.Notifications.Subscriptions;

/// <summary>Puts a comment into the live log, for those who may read it.</summary>
internal sealed class TellComment(LiveLog log, IOptions<JsonOptions> json) : IHandle<TicketCommented>
{
    public Task HandleAsync(TicketCommented message, CancellationToken ct) => log.AppendAsync([new LiveEvent
    {
        Type = LiveEvent.Comment, Ticket = message.Ticket, Number = message.Number ?? "", Version = message.Version, Kind = message.Kind, Readers = message.Readers ?? [], At = message.At,
        Subject = message.Id,
        Data = JsonSerializer.Serialize(new { comment = message.Id, message.Ticket, message.Kind, message.Number, message.Version, message.Internal, message.Text, message.By, message.At }, json.Value.SerializerOptions),
    }], ct);
}
