using System.Text.Json;
using Itsm.Contracts.Ticketing;
using Itsm.Notifications.Domain;
using Itsm.Notifications.Live;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Itsm.Notifications.Subscriptions;

/// <summary>Puts the changes of tickets, and the timers that came due and made them, into the live log. What is said again for somebody's
/// copy is no news, and must not come before the news: it says neither what changed nor by whom.</summary>
internal sealed class TellTicketChanges(
    LiveLog log, NewestReaders readers, AggregateStore<FailedMessage> failed, IOptions<JsonOptions> json)
    : IHandleBatch<TicketChanged>
{
    private const int PageSize = 200;

    public async Task HandleAsync(IReadOnlyList<TicketChanged> messages, CancellationToken ct)
    {
        await readers.NoteAsync(messages, ct);
        foreach (var message in messages.Where(message => message.Changed.Contains("noteReaders")))
        {
            await NarrowAsync(message, ct);
        }

        await log.AppendAsync([.. messages.Where(message => message is not { Action: "replay", By.Person: null }).SelectMany(Events)], ct);
    }

    /// <summary>Gives the bodies of failed messages about a ticket the readers that its notes have now.</summary>
    private async Task NarrowAsync(TicketChanged message, CancellationToken ct)
    {
        var query = new DocumentQuery([Condition.In("about", BsonMapping.Value(message.Id))], "failedAt", false, null, PageSize);
        var audit = AuditContext.OfService("notifications", "follow-readers", failed.Clock) with
        {
            Cause = new Cause($"ticket:{message.Id}", message.Version),
        };
        await foreach (var one in failed.Documents.AllAsync(query, ct))
        {
            await failed.UpdateAsync(one.Id, audit, kept => kept.ReadBy(message.NoteReaders), ct);
        }
    }

    private IEnumerable<LiveEvent> Events(TicketChanged message)
    {
        if (message.Timer is { } timer)
        {
            yield return Event(LiveEvent.Timer, message,
                new TimerEvent(message.Id, message.Kind, message.Number, message.Version, timer.Name, timer.DueAt, message.At));
        }

        // What those alone learn of who may read the work notes is told to them alone; beside other changes it is left out.
        List<string> shown = [.. message.Changed.Except(message.Confidential ?? [])];
        var isNote = message.Confidential is not null && shown.All(field => field is "readers" or "noteReaders");
        yield return Event(LiveEvent.Change, message, new TicketEvent(message.Id, message.Kind, message.Number, message.Version,
            message.Title, message.State, message.Priority, message.AssignmentGroup, message.Assignee, message.Action,
            isNote ? message.Changed : shown, message.By, message.At)) with
        {
            IsNote = isNote, Readers = isNote ? message.NoteReaders : message.Readers,
        };
    }

    private LiveEvent Event<T>(string type, TicketChanged message, T data) => new()
    {
        Type = type, Ticket = message.Id, Number = message.Number, Version = message.Version, Kind = message.Kind,
        Readers = message.Readers, At = message.At, Data = JsonSerializer.Serialize(data, json.Value.SerializerOptions),
    };
}
