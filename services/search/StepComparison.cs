using Itsm.Contracts.Assets;
using Itsm.Contracts.Platform;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Messaging;
using Itsm.Platform.Replicas;
using Itsm.Platform.Timers;
using Itsm.Platform.Values;
using Itsm.Search.Domain;

namespace Itsm.Search;

/// <summary>Takes a comparison on by a step: asks who owns what has no owner yet, asks a source for its next page, ends a round, begins the
/// next.</summary>
internal sealed class StepComparison(
    AggregateStore<IndexState> store, IndexCare care, IMessageBus bus, Replica<ConfigurationItemChanged> items) : ITimerHandler
{
    public async Task RunAsync(Guid id, CancellationToken ct)
    {
        if (await store.FindAsync(id, ct) is not { } state)
        {
            return;
        }

        foreach (var message in state.WithoutOwner)
        {
            await AskAsync(Guid.CreateVersion7(store.Clock.GetUtcNow()), message, InventoryRequested.AnySource, null, ct);
        }

        if (state.Current is not { } current)
        {
            return;
        }

        if (current.IsRoundEnded)
        {
            var audit = new AuditContext { By = new(null, "search"), Action = "next-round", At = store.Clock.GetUtcNow().ToMilliseconds() };
            await store.UpdateAsync(id, audit, again => again.NextRound(audit), ct);
        }
        else if (state.AwaitsNames(await items.CountAsync(ct), store.Clock.GetUtcNow()))
        {
            var audit = new AuditContext { By = new(null, "search"), Action = "wait", At = store.Clock.GetUtcNow().ToMilliseconds() };
            await store.UpdateAsync(id, audit, again => again.StepLater(audit), ct);
        }
        else if (state.NextSource is { } source)
        {
            await AskAsync(current.ComparisonId, source.Message, source.Service, source.After, ct);
        }
        else
        {
            await care.EndRoundAsync(state, ct);
        }
    }

    private Task AskAsync(Guid comparison, string message, string source, string? after, CancellationToken ct) =>
        bus.PublishAsync(Guid.CreateVersion7(store.Clock.GetUtcNow()),
            new InventoryRequested { Comparison = comparison, Message = message, Source = source, After = after }, ct);
}
