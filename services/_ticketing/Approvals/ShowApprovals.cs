using Itsm.Contracts.Ticketing;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Messaging;

namespace Itsm.Ticketing.Approvals;

/// <summary>Writes the records of approvals of all kinds of tickets. Safe to run twice, in any order: a record takes on newer versions
/// only.</summary>
internal sealed class ShowApprovals(Projection<ApprovalRecord> approvals) : IHandleBatch<TicketChanged>
{
    public Task HandleAsync(IReadOnlyList<TicketChanged> messages, CancellationToken ct) => approvals.UpsertAsync(
        messages.GroupBy(message => message.Id).Select(same => same.MaxBy(message => message.Version)!).SelectMany(ApprovalRecord.Of), ct);
}
