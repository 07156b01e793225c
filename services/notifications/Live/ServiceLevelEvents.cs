using System.Text.Json;
using Itsm.Platform.Documents;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Itsm.Notifications.Live;

/// <summary>Puts what happens to promises into the live log. What lay in the past already when its clock was attached is no news.</summary>
internal sealed class ServiceLevelEvents(LiveLog log, IOptions<JsonOptions> json)
{
    /// <param name="what">warned, breached or met.</param>
    /// <param name="point">Tells the events of a clock apart.</param>
    /// <param name="promise">Whose.</param>
    /// <param name="details">For the client.</param>
    /// <param name="ct">Ends the wait.</param>
    public Task TellAsync(string what, string point, Promise promise, PromiseDetails details,
        CancellationToken ct) => promise.OnAttach ? Task.CompletedTask : log.AppendAsync([new LiveEvent
    {
        Type = LiveEvent.ServiceLevel, Ticket = promise.Ticket, Number = promise.Number, Version = 1, Kind = promise.Kind,
        Readers = promise.Readers, At = promise.NoticedAt, Subject = DerivedId.From(promise.Clock.ToString(), what, point),
        Data = JsonSerializer.Serialize(
            new ServiceLevelEvent(what, promise.Ticket, promise.Kind, promise.Number, promise.Clock, details),
            json.Value.SerializerOptions),
    }], ct);

    /// <summary>What all events of a promise have.</summary>
    public sealed record Promise(
        Guid Clock, Guid Ticket, string Kind, string Number, IReadOnlyList<string> Readers, DateTimeOffset NoticedAt, bool OnAttach);
}
