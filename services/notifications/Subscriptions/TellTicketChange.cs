using System.Text.Json;
using Itsm.Contracts.Ticketing;
using Itsm.Notifications.Live;
using Itsm.Platform.Messaging;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Itsm.Notifications.Subscriptions;

/// <summary>Puts a ticket's change, and the timer that came due and made it, into the live log.</summary>
internal sealed class TellTicketChange(LiveLog log, IOptions<JsonOptions> json) : IHandle<TicketChanged>
{
    public async Task HandleAsync(TicketChanged message, CancellationToken ct)
    {
        if (message.Timer is { } timer)
        {
            await log.AppendAsync(new LiveEvent
            {
                Type = LiveEvent.Timer, Ticket = message.Id, Number = message.Number, Version = message.Version, Kind = message.Kind, Readers = message.Readers, At = message.At,
                Data = JsonSerializer.Serialize(new { ticket = message.Id, message.Kind, message.Number, message.Version, timer = timer.Name, timer.DueAt, message.At }, json.Value.SerializerOptions),
            }, ct);
        }

        await log.AppendAsync(new LiveEvent
        {
            Type = LiveEvent.Change, Ticket = message.Id, Number = message.Number, Version = message.Version, Kind = message.Kind, Readers = message.Readers, At = message.At,
            Data = JsonSerializer.Serialize(new
            {
                ticket = message.Id, message.Kind, message.Number, message.Version, message.Title, message.State, message.Priority, message.AssignmentGroup, message.Assignee,
                message.Action, message.Changed, message.By, message.At,
            }, json.Value.SerializerOptions),
        }, ct);
    }
}
