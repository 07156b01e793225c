using Itsm.Contracts.Ticketing;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;
using Itsm.Requests.Domain;
using Itsm.Ticketing;

namespace Itsm.Requests.Subscriptions;

/// <summary>Keeps the lists of approvals, of tickets of any kind, and of fulfillment tasks, and hands on what waits for people who are gone. Safe to run
/// twice, in any order: a record takes on newer versions only.</summary>
internal sealed class ShowWork(AggregateStore<ApprovalRecord> approvals, AggregateStore<TaskRecord> tasks, AbsentApprovers absent, Ownerless<ServiceRequest> ownerless) : IHandleBatch<TicketChanged>
{
    public async Task HandleAsync(IReadOnlyList<TicketChanged> messages, CancellationToken ct)
    {
        List<TicketChanged> newest = [.. messages.GroupBy(message => message.Id).Select(same => same.MaxBy(message => message.Version)!)];
        await Task.WhenAll(WriteAsync(approvals, newest.SelectMany(ApprovalRecord.Of), ct), WriteAsync(tasks, newest.SelectMany(TaskRecord.Of), ct));
        foreach (var ticket in newest.Where(ticket => ticket.Kind == "request"))
        {
            await ownerless.CheckAsync(ticket, ct);
            foreach (var waiting in ticket.Approvals?.Where(one => one.State == ApprovalState.Requested) ?? [])
            {
                await absent.ReplaceAsync(ticket.Id, waiting.Approver, ct);
            }
        }
    }

    private static async Task WriteAsync<T>(AggregateStore<T> store, IEnumerable<T> of, CancellationToken ct)
        where T : Aggregate
    {
        List<StoredDocument> records = [.. of.Select(record => new StoredDocument(record.Id, record.Version, BsonMapping.ToBytes(record)))];
        if (records.Count == 0)
        {
            return;
        }

        await store.Documents.InsertMissingAsync(records, ct);
        await Task.WhenAll(records.Where(record => record.Version > 1).Select(record => ReplaceAsync(store.Documents, record, ct)));
    }

    private static async Task ReplaceAsync(IDocumentCollection documents, StoredDocument record, CancellationToken ct)
    {
        while (await documents.FindAsync(record.Id, ct) is { } known && known.Version < record.Version)
        {
            if (await documents.ReplaceAsync(record, known.Version, ct))
            {
                return;
            }
        }
    }
}
