using Itsm.Contracts.ServiceLevels;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;
using Itsm.ServiceLevels.Domain;

namespace Itsm.ServiceLevels.Subscriptions;

/// <summary>Keeps the records that lists and reports read. Safe to run twice, in any order: a record takes on newer versions only.</summary>
internal sealed class RecordClocks(AggregateStore<ClockRecord> store) : IHandleBatch<TicketClocksChanged>
{
    public async Task HandleAsync(IReadOnlyList<TicketClocksChanged> messages, CancellationToken ct)
    {
        List<StoredDocument> records = [.. messages.GroupBy(message => message.Id).Select(same => same.MaxBy(message => message.Version)!)
            .SelectMany(ClockRecord.Of).Select(record => new StoredDocument(record.Id, record.Version, BsonMapping.ToBytes(record)))];
        await store.Documents.InsertMissingAsync(records, ct);
        await Task.WhenAll(records.Where(record => record.Version > 1).Select(record => ReplaceAsync(record, ct)));
    }

    private async Task ReplaceAsync(StoredDocument record, CancellationToken ct)
    {
        while (await store.Documents.FindAsync(record.Id, ct) is { } known && known.Version < record.Version)
        {
            if (await store.Documents.ReplaceAsync(record, known.Version, ct))
            {
                return;
            }
        }
    }
}
