using Itsm.Contracts.Ticketing;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Messaging;
using Itsm.Requests.Approving;
using Itsm.Requests.Domain;
using Itsm.Ticketing;

namespace Itsm.Requests.Subscriptions;

/// <summary>Keeps the lists of approvals, of tickets of any kind, and of fulfillment tasks, and hands on what waits for people who are
/// gone. Safe to run twice, in any order: a record takes on newer versions only.</summary>
internal sealed class ShowWork(
    Projection<ApprovalRecord> approvals, Projection<TaskRecord> tasks, AbsentApprovers absent, Ownerless<ServiceRequest> ownerless)
    : IHandleBatch<TicketChanged>
{
    public async Task HandleAsync(IReadOnlyList<TicketChanged> messages, CancellationToken ct)
    {
        List<TicketChanged> newest = [.. messages.GroupBy(message => message.Id).Select(same => same.MaxBy(message => message.Version)!)];
        await Task.WhenAll(approvals.UpsertAsync(newest.SelectMany(ApprovalRecord.Of), ct),
            tasks.UpsertAsync(newest.SelectMany(TaskRecord.Of), ct));
        foreach (var ticket in newest.Where(ticket => ticket.Kind == "request"))
        {
            await ownerless.CheckAsync(ticket, ct);
            foreach (var waiting in ticket.Approvals?.Where(one => one.State == ApprovalState.Requested) ?? [])
            {
                await absent.ReplaceAsync(ticket.Id, waiting.Approver, ct);
            }
        }
    }
}
