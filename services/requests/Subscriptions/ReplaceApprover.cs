using Itsm.Contracts.Directory;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;
using Itsm.Platform.Replicas;
using Itsm.Requests.Domain;

namespace Itsm.Requests.Subscriptions;

/// <summary>What waits for somebody who is deactivated goes to whoever is above them. Safe to run twice, and late: it looks at the person as they are now.</summary>
internal sealed class ReplaceApprover(AggregateStore<ApprovalRecord> approvals, Replica<PersonChanged> people, AbsentApprovers absent) : IHandle<PersonChanged>
{
    public async Task HandleAsync(PersonChanged message, CancellationToken ct)
    {
        if (message.Active)
        {
            return;
        }

        await people.HandleAsync(message, ct);
        var waiting = await approvals.Documents.QueryAsync(new DocumentQuery(
            [Condition.In("approver", BsonMapping.Value(message.Id)), Condition.In("state", BsonMapping.Value(ApprovalState.Requested))], "requestedAt", false, null, int.MaxValue), ct);
        foreach (var record in waiting.Select(AggregateStore<ApprovalRecord>.Load).Where(record => record.Kind == "request"))
        {
            await absent.ReplaceAsync(record.Ticket, message.Id, ct);
        }
    }
}
