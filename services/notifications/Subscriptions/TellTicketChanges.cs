using System.Text.Json;
using Itsm.Contracts.Ticketing;
using Itsm.Notifications.Live;
using Itsm.Platform.Messaging;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Itsm.Notifications.Subscriptions;

/// <summary>Puts the changes of tickets, and the timers that came due and made them, into the live log. What is said again for somebody's copy is no
/// news, and must not come before the news: it says neither what changed nor by whom.</summary>
internal sealed class TellTicketChanges(LiveLog log, NewestReaders readers, IOptions<JsonOptions> json) : IHandleBatch<TicketChanged>
{
    public async Task HandleAsync(IReadOnlyList<TicketChanged> messages, CancellationToken ct)
    {
        await readers.NoteAsync(messages, ct);
        await log.AppendAsync([.. messages.Where(message => message is not { Action: "replay", By.Person: null }).SelectMany(Events)], ct);
    }

    private IEnumerable<LiveEvent> Events(TicketChanged message)
    {
        if (message.Timer is { } timer)
        {
            yield return Event(LiveEvent.Timer, message, new { ticket = message.Id, message.Kind, message.Number, message.Version, timer = timer.Name, timer.DueAt, message.At });
        }

        yield return Event(LiveEvent.Change, message, new
        {
            ticket = message.Id, message.Kind, message.Number, message.Version, message.Title, message.State, message.Priority, message.AssignmentGroup, message.Assignee,
            message.Action, message.Changed, message.By, message.At,
        });
    }

    private LiveEvent Event<T>(string type, TicketChanged message, T data) => new()
    {
        Type = type, Ticket = message.Id, Number = message.Number, Version = message.Version, Kind = message.Kind, Readers = message.Readers, At = message.At,
        Data = JsonSerializer.Serialize(data, json.Value.SerializerOptions),
    };
}
