using Itsm.Contracts.Directory;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Replicas;
using Itsm.Requests.Domain;
using Itsm.Requests.Ordering;
using Itsm.Ticketing.Approvals;
using MongoDB.Bson;

namespace Itsm.Requests.Approving;

/// <summary>Hands on what waits for people who are deactivated. Both who learns of the deactivation and who learns of the approval looks,
/// each after writing down what it learned: so one of them sees both, whichever comes first.</summary>
internal sealed class AbsentApprovers(AggregateStore<ServiceRequest> requests, Projection<ApprovalRecord> approvals, Catalog catalog,
    Approvers approvers, Replica<PersonChanged> people, TimeProvider clock)
{
    /// <summary>As <see cref="ReplaceAsync"/>, for all that waits and has this value in a field of its record.</summary>
    public async Task ReplaceAllAsync(string field, BsonValue value, CancellationToken ct)
    {
        var waiting = await approvals.Documents.QueryAsync(new DocumentQuery(
            [Condition.In(field, value), Condition.In("state", BsonMapping.Value(ApprovalState.Requested))], "requestedAt", false, null,
            int.MaxValue), ct);
        foreach (var record in waiting.Select(Projection<ApprovalRecord>.Load).Where(record => record.Kind == "request"))
        {
            await ReplaceAsync(record.Ticket, record.Approver, ct);
        }
    }

    /// <summary>Gives an approval to whoever is above, where the approver is deactivated or, asked as one of a group or role, is so no
    /// more. Safe to run twice: it waits for them no more.</summary>
    public async Task ReplaceAsync(Guid request, Guid approver, CancellationToken ct)
    {
        var known = await requests.FindAsync(request, ct);
        foreach (
            var asked in known?.Approval?.Approvals.Where(one => one.Approver == approver && one.State == ApprovalState.Requested) ?? [])
        {
            if (await approvers.WhyGoneAsync(asked, ct) is { } gone && await people.ReadAsync(approver, ct) is { } person)
            {
                var audit = AuditContext.OfService("requests", "replace-approver", clock) with { Reason = gone };
                await requests.UpdateAsync(request, audit, async one =>
                {
                    one.ReplaceApprover(approver, await approvers.StandInAsync(one, person, audit.At, ct), audit);
                    await approvers.AskAsync(one, () => catalog.ContextAsync(one, ct), audit, ct);
                }, ct);
            }
        }
    }
}
