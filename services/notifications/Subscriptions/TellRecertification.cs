using System.Text.Json;
using Itsm.Contracts.Requests;
using Itsm.Notifications.Live;
using Itsm.Platform.Messaging;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Itsm.Notifications.Subscriptions;

/// <summary>Tells the owners of data that they are asked to confirm who has access, that the time for it is running out, and that it is
/// over.</summary>
internal sealed class TellRecertification(LiveLog log, IOptions<JsonOptions> json) : IHandle<RecertificationChanged>
{
    public Task HandleAsync(RecertificationChanged message, CancellationToken ct) =>
        !message.Changed.Any(field => field is "state" or "noticedAt") || message.State is not ("open" or "ended")
            ? Task.CompletedTask
            : log.AppendAsync([new LiveEvent
    {
        Type = LiveEvent.Access, Ticket = message.Id, Number = "", Kind = "recertification", Version = message.Version,
        Readers = message.Readers, At = message.At,
        Data = JsonSerializer.Serialize(
            new AccessEvent(message.Changed.Contains("noticedAt")
                ? "recertificationEnding"
                : message.State == "open" ? "recertificationOpen"
                : "recertificationEnded") { Recertification = message.Id, Name = message.Name, EndsAt = message.EndsAt },
            json.Value.SerializerOptions),
    }], ct);
}
