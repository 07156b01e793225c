using Itsm.Contracts.Ticketing;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Messaging;
using Itsm.Search.Domain;

namespace Itsm.Search.Subscriptions;

/// <summary>Takes down which kinds of tickets there are, and looks for the tickets of a new one, which may be older than the index. Safe to
/// run twice.</summary>
internal sealed class LearnKind(AggregateStore<IndexState> store, IndexCare care) : IHandle<TicketKindChanged>
{
    public async Task HandleAsync(TicketKindChanged message, CancellationToken ct)
    {
        var isNew = false;
        var state = await store.UpdateAsync(IndexState.TheOne, AuditContext.OfService("search", "learn-kind", store.Clock),
            state => isNew = state.Learn(message.Kind, message.Service), ct);
        if (state is null)
        {
            throw new InvalidOperationException("The record of the index is not there yet.");
        }

        if (isNew)
        {
            await care.CompareAsync(instead: true, ct);
        }
    }
}
