using System.Text.Json;
using Itsm.Contracts.Assets;
using Itsm.Notifications.Live;
using Itsm.Platform.Messaging;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Itsm.Notifications.Subscriptions;

/// <summary>Tells those who may use a service that its state has changed, and once more those of them who have subscribed to it.</summary>
internal sealed class TellServiceStatus(LiveLog log, NewestReaders readers, IOptions<JsonOptions> json) : IHandle<ServiceStatusChanged>
{
    public async Task HandleAsync(ServiceStatusChanged message, CancellationToken ct)
    {
        if (message.Changed.Contains("readers"))
        {
            await readers.NoteAsync(message.Id, message.Version, message.Readers, message.Readers, ct);
        }

        if (message.Changed.Contains("state"))
        {
            var status = new LiveEvent
            {
                Type = LiveEvent.ServiceStatus, Ticket = message.Id, Number = message.Number, Kind = "service",
                Version = message.Version, Readers = message.Readers, At = message.At,
                Data = JsonSerializer.Serialize(new ServiceStatusEvent(message.Id, message.Number, message.Key, message.Name,
                    message.Version, message.State, message.PreviousState, message.Since, message.At), json.Value.SerializerOptions),
            };
            await log.AppendAsync(message.Subscribers.Count == 0 ? [status]
                : [status, status with { Type = LiveEvent.ServiceNotice, Only = message.Subscribers }], ct);
        }
    }
}
