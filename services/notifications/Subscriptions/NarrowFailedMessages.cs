using Itsm.Contracts.Ticketing;
using Itsm.Notifications.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Platform.Messaging;

namespace Itsm.Notifications.Subscriptions;

/// <summary>Gives the bodies of failed messages about a ticket the readers that its notes have now. Safe to run twice, and late.</summary>
internal sealed class NarrowFailedMessages(AggregateStore<FailedMessage> failed, TimeProvider clock) : IHandle<TicketChanged>
{
    public async Task HandleAsync(TicketChanged message, CancellationToken ct)
    {
        if (!message.Changed.Contains("noteReaders"))
        {
            return;
        }

        var found = await failed.Documents.QueryAsync(new DocumentQuery([Condition.In("about", BsonMapping.Value(message.Id))], "failedAt", false, null, int.MaxValue), ct);
        var act = Act.OfService("notifications", "follow-readers", clock) with { Cause = new Cause($"ticket:{message.Id}", message.Version) };
        foreach (var one in found)
        {
            await failed.UpdateAsync(one.Id, act, kept => kept.ReadBy(message.NoteReaders), ct);
        }
    }
}
