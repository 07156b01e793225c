using System.Text.Json;
using Itsm.Contracts;
using Itsm.Contracts.Platform;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;
using Itsm.Platform.Replicas;
using Microsoft.Extensions.Logging;

namespace Itsm.Platform.Hosting;

/// <summary>Asks for what a store that follows from messages lacks, and hands it to the service's own handlers.</summary>
/// <param name="store">The store, by the ids of what the messages speak of.</param>
/// <param name="by">A text that all in it have, with an index of its own.</param>
/// <param name="version">The field with the version that was taken in; null where nothing tells it: then everything is asked for, where the
/// store is empty.</param>
/// <param name="service">Whose.</param>
/// <param name="subscriptions">Where the handlers are found.</param>
/// <param name="bus">Takes questions and answers.</param>
/// <param name="log">Gets what is lacking.</param>
internal sealed class FilledStore<T, TMessage>(
    AggregateStore<T> store, string by, string? version, string service, SubscriptionList subscriptions, IMessageBus bus, ILogger log)
    : ICopy
    where T : Aggregate
    where TMessage : class, IEntityChanged
{
    private readonly Comparison _comparison = new(typeof(TMessage).Name, service, bus, store.Clock, log);

    public string Service => service;

    public string Message => typeof(TMessage).Name;

    public async Task AskAsync(CancellationToken ct)
    {
        if (version is not null)
        {
            await _comparison.AskAsync(ct);
        }
        else if (!await IsAnsweredAsync(ct))
        {
            await bus.PublishAsync(NewId(),
                new ReplayRequested { Message = Message, By = service, ReplyTo = CopyQueues.Replayed(service) }, ct);
        }
    }

    public async Task<bool> IsAnsweredAsync(CancellationToken ct) => _comparison.IsReported || (await store.Documents.QueryAsync(
        new DocumentQuery([Condition.Within(by, "", true, null, false)], by, false, null, 1), ct)).Count > 0;

    public Task CompareAsync(InventoryReported report, CancellationToken ct) => version is null ? Task.CompletedTask
        : _comparison.CompareAsync(report, async (entry, ct) => await store.Documents.FindAsync(entry.Id, ct) is not { } known
            || !RawBson.Values(known.Body.Span, version).Exists(taken => taken.ToInt64() >= entry.Version), ct);

    public Task TakeAsync(IReadOnlyList<JsonElement> entities, CancellationToken ct)
    {
        var queues = subscriptions.All.Where(one => one.Service == service && one.Message == typeof(TMessage)).ToList();
        return Task.WhenAll(entities.Select(entity => entity.Deserialize<TMessage>(MessageJson.Options)!).SelectMany(message =>
            queues.Where(queue => queue.Wants(message)).Select(queue => bus.SendAsync(queue.Name, NewId(), message, ct))));
    }

    private Guid NewId() => Guid.CreateVersion7(store.Clock.GetUtcNow());
}
