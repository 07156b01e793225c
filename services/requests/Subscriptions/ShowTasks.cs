using Itsm.Contracts.Ticketing;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Messaging;
using Itsm.Requests.Domain;
using Itsm.Ticketing;

namespace Itsm.Requests.Subscriptions;

/// <summary>Writes the records of fulfillment tasks, and gives away what nobody would work on. Safe to run twice, in any order: a record
/// takes on newer versions only.</summary>
internal sealed class ShowTasks(Projection<TaskRecord> tasks, Ownerless<ServiceRequest> ownerless) : IHandleBatch<TicketChanged>
{
    public async Task HandleAsync(IReadOnlyList<TicketChanged> messages, CancellationToken ct)
    {
        List<TicketChanged> newest = [.. messages.GroupBy(message => message.Id).Select(same => same.MaxBy(message => message.Version)!)];
        await tasks.UpsertAsync(newest.SelectMany(TaskRecord.Of), ct);
        foreach (var ticket in newest.Where(ticket => ticket.Kind == RequestKind.Declared.Names.Kind))
        {
            await ownerless.CheckAsync(ticket, ct);
        }
    }
}
