using System.Text.Json;
using Itsm.Contracts.Requests;
using Itsm.Notifications.Live;
using Itsm.Platform.Messaging;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Itsm.Notifications.Subscriptions;

/// <summary>Tells the person and the owner of the data that access will end soon, and that it has ended.</summary>
internal sealed class TellAccessEnds(LiveLog log, IOptions<JsonOptions> json) : IHandle<AccessGrantChanged>
{
    public Task HandleAsync(AccessGrantChanged message, CancellationToken ct) =>
        !message.Changed.Any(field => field is "noticedAt" or "endedAt") || (message.EndedAt ?? message.NoticedAt) is not { } at
            ? Task.CompletedTask
            : log.AppendAsync([new LiveEvent
    {
        Type = LiveEvent.Access, Ticket = message.Id, Number = "", Kind = "accessGrant", Version = message.Version,
        Readers = message.Readers, At = at,
        Data = JsonSerializer.Serialize(
            new AccessEvent(message.EndedAt is null ? "ending" : message.State)
            {
                Grant = message.Id, Person = message.Person, Application = message.Application, Role = message.Role,
                ExpiresAt = message.ExpiresAt, EndedAt = message.EndedAt,
            }, json.Value.SerializerOptions),
    }], ct);
}
