using System.Text.Json;
using Itsm.Contracts.Ticketing;
using Itsm.Notifications.Live;
using Itsm.Platform.Messaging;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Itsm.Notifications.Subscriptions;

/// <summary>Puts a file, or its end, into the live log, for those who may read it.</summary>
internal sealed class TellAttachment(LiveLog log, IOptions<JsonOptions> json) : IHandle<TicketAttached>
{
    public Task HandleAsync(TicketAttached message, CancellationToken ct) => log.AppendAsync([new LiveEvent
    {
        Type = LiveEvent.Attachment, Ticket = message.Ticket, Number = message.Number, Version = message.Version, Kind = message.Kind,
        Readers = message.Readers, IsNote = message.Internal, At = message.At, Subject = message.Id,
        Data = JsonSerializer.Serialize(new AttachmentEvent(message.Id, message.Ticket, message.Kind, message.Number, message.Version,
            message.Comment, message.Internal, message.FileName, message.MediaType, message.Size, message.Removed, message.By, message.At),
            json.Value.SerializerOptions),
    }], ct);
}
