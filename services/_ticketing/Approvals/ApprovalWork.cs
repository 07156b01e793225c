using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Ticketing.Worklists;

namespace Itsm.Ticketing.Approvals;

/// <summary>The approvals that somebody is asked for, of all kinds of tickets.</summary>
internal sealed class ApprovalWork(Projection<ApprovalRecord> approvals, Permission read) : IWorkSource
{
    private static readonly WorkOrder Order = new(null, "requestedAt", "requestedAt");
    private static readonly Condition Asked = Condition.In("state", BsonMapping.Value(ApprovalState.Requested));

    public async Task<MyWork> FindAsync(WorkQuery query, CancellationToken ct) => !query.Caller.May(read.Name) ? new MyWork() : new MyWork
    {
        Approvals = await query.FindAsync(approvals.Documents, Order, found => ReadAsync(found, query, ct), ct,
            [Asked, Condition.In("approver", [.. query.Caller.ApprovesFor.Select(one => BsonMapping.Value(one))])]),
    };

    private static async ValueTask<WorkItem> ReadAsync(StoredDocument document, WorkQuery query, CancellationToken ct)
    {
        var approval = Projection<ApprovalRecord>.Load(document);
        return new WorkItem
        {
            Kind = approval.Kind, Id = approval.Ticket, Number = approval.Number, Title = approval.Title,
            Requester = await query.NameAsync(approval.Requester, ct), OpenedAt = approval.RequestedAt, UpdatedAt = approval.RequestedAt,
            Approval = new WaitingApproval(approval.Id, approval.StageName, approval.Digest,
                await query.NameAsync(approval.Approver, ct), approval.ExpiresAt),
        };
    }
}
