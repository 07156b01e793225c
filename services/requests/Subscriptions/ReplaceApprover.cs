using Itsm.Contracts.Directory;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;
using Itsm.Platform.Replicas;
using Itsm.Requests.Domain;
using MongoDB.Bson;

namespace Itsm.Requests.Subscriptions;

/// <summary>What waits for somebody who is deactivated, or has left the group or lost the role as one of which they were asked, waits for them no more.
/// Safe to run twice, and late: it looks at people and groups as they are now.</summary>
internal sealed class ReplaceApprover(
    AggregateStore<ApprovalRecord> approvals, Replica<PersonChanged> people, Replica<GroupChanged> groups, AbsentApprovers absent) : IHandle<PersonChanged>, IHandle<GroupChanged>
{
    public async Task HandleAsync(PersonChanged message, CancellationToken ct)
    {
        await people.HandleAsync(message, ct);
        await ReplaceAsync("approver", BsonMapping.Value(message.Id), ct);
    }

    public async Task HandleAsync(GroupChanged message, CancellationToken ct)
    {
        await groups.HandleAsync(message, ct);
        await ReplaceAsync("memberOf", ReaderToken.Group(message.Id), ct);
    }

    private async Task ReplaceAsync(string field, BsonValue value, CancellationToken ct)
    {
        var waiting = await approvals.Documents.QueryAsync(new DocumentQuery(
            [Condition.In(field, value), Condition.In("state", BsonMapping.Value(ApprovalState.Requested))], "requestedAt", false, null, int.MaxValue), ct);
        foreach (var record in waiting.Select(AggregateStore<ApprovalRecord>.Load).Where(record => record.Kind == "request"))
        {
            await absent.ReplaceAsync(record.Ticket, record.Approver, ct);
        }
    }
}
