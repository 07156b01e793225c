using System.Text.Json;
using Itsm.Contracts;
using Itsm.Contracts.Platform;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;
using Itsm.Platform.Replicas;

namespace Itsm.Platform.Hosting;

/// <summary>Asks for everything where a store that follows from messages is empty, and hands it to the service's own handlers.</summary>
internal sealed class EmptyStore<TMessage>(
    IDocumentCollection documents, string by, string service, SubscriptionList subscriptions, IMessageBus bus, TimeProvider clock) : ICopy
    where TMessage : class, IEntityChanged
{
    public string Service => service;

    public string Message => typeof(TMessage).Name;

    public async Task AskAsync(CancellationToken ct)
    {
        if (!await IsAnsweredAsync(ct))
        {
            await bus.PublishAsync(NewId(),
                new ReplayRequested { Message = Message, By = service, ReplyTo = CopyQueues.Replayed(service) }, ct);
        }
    }

    public async Task<bool> IsAnsweredAsync(CancellationToken ct) => (await documents.QueryAsync(
        new DocumentQuery([Condition.Within(by, "", true, null, false)], by, false, null, 1), ct)).Count > 0;

    public Task CompareAsync(InventoryReported report, CancellationToken ct) => Task.CompletedTask;

    public Task TakeAsync(IReadOnlyList<JsonElement> entities, CancellationToken ct)
    {
        var queues = subscriptions.All.Where(one => one.Service == service && one.Message == typeof(TMessage)).ToList();
        return Task.WhenAll(entities.Select(entity => entity.Deserialize<TMessage>(MessageJson.Options)!).SelectMany(message =>
            queues.Where(queue => queue.Wants(message)).Select(queue => bus.SendAsync(queue.Name, NewId(), message, ct))));
    }

    private Guid NewId() => Guid.CreateVersion7(clock.GetUtcNow());
}
