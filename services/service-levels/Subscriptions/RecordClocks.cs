using Itsm.Contracts.ServiceLevels;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;
using Itsm.ServiceLevels.Domain;

namespace Itsm.ServiceLevels.Subscriptions;

/// <summary>Keeps the records that lists and reports read. Safe to run twice, in any order: a record takes on newer versions
/// only.</summary>
internal sealed class RecordClocks(Projection<ClockRecord> store) : IHandleBatch<TicketClocksChanged>
{
    public async Task HandleAsync(IReadOnlyList<TicketClocksChanged> messages, CancellationToken ct)
    {
        List<TicketClocksChanged> newest = [.. messages.GroupBy(message => message.Id)
            .Select(same => same.MaxBy(message => message.Version)!)];
        await store.UpsertAsync(newest.SelectMany(ClockRecord.Of), ct);
        await Task.WhenAll(newest.Where(message => message.Version > 1).Select(message => ForgetAsync(message, ct)));
    }

    /// <summary>A clock that was counted before an agreement was received is not there any more.</summary>
    private async Task ForgetAsync(TicketClocksChanged message, CancellationToken ct)
    {
        var known = await store.Documents.QueryAsync(new DocumentQuery([Platform.Documents.Condition.In("ticket",
            BsonMapping.Value(message.Id))], "startedAt", false, null, DocumentQuery.MostLimit), ct);
        foreach (var gone in known.Where(record =>
            record.Version < message.Version && message.Clocks.All(clock => clock.ClockId != record.Id)))
        {
            await store.Documents.DeleteAsync(gone.Id, gone.Version, ct);
        }
    }
}
