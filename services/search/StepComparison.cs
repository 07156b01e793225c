using Itsm.Contracts.Platform;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Messaging;
using Itsm.Platform.Timers;
using Itsm.Platform.Values;
using Itsm.Search.Domain;

namespace Itsm.Search;

/// <summary>Takes a comparison on by a step: asks a source for its next page, ends a round, begins the next.</summary>
internal sealed class StepComparison(AggregateStore<IndexState> store, IndexCare care, IMessageBus bus) : ITimerHandler
{
    public async Task RunAsync(Guid id, CancellationToken ct)
    {
        if (await store.FindAsync(id, ct) is not { Current: { } current } state)
        {
            return;
        }

        if (current.IsRoundEnded)
        {
            var audit = new AuditContext { By = new(null, "search"), Action = "next-round", At = store.Clock.GetUtcNow().ToMilliseconds() };
            await store.UpdateAsync(id, audit, again => again.NextRound(audit), ct);
        }
        else if (state.NextSource is { } source)
        {
            await bus.PublishAsync(Guid.CreateVersion7(store.Clock.GetUtcNow()),
                new InventoryRequested
                {
                    Comparison = current.ComparisonId, Message = source.Message, Source = source.Service, After = source.After,
                }, ct);
        }
        else
        {
            await care.EndRoundAsync(state, ct);
        }
    }
}
