using System.Text.Json;
using Itsm.Contracts;
using Itsm.Contracts.Platform;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;

namespace Itsm.Platform.Aggregates;

/// <summary>What an owner publishes of a thing, what the thing belongs to, and who the owner is.</summary>
internal sealed record Saying<T, TMessage>(Func<T, TMessage> Message, string? Of, string Service)
    where T : Aggregate
{
    /// <summary>The things in their order, after a position: those that belong together come together, so that who copies them writes
    /// once.</summary>
    public DocumentQuery Query(AggregateStore<T> store, DocumentPosition? after, int limit)
    {
        var name = Of ?? store.Definition.NameField!;
        return new DocumentQuery([Condition.Within(name, Of is null ? "" : BsonMapping.Value(Guid.Empty), true, null, false)], name, false,
            after, limit);
    }

    /// <summary>The position of a thing in that order.</summary>
    public static DocumentPosition PositionOf(DocumentQuery query, StoredDocument document) =>
        new(RawBson.Values(document.Body.Span, query.Sort)[0], document.Id);
}

/// <summary>Says things again when somebody with a copy asks: those that are named, or a page of all, after which it asks itself for the
/// next.</summary>
internal sealed class Replay<T, TMessage>(AggregateStore<T> store, Saying<T, TMessage> saying, IMessageBus bus) : IHandle<ReplayRequested>
    where T : Aggregate
    where TMessage : class, IEntityChanged
{
    private const int PageSize = 200;

    /// <inheritdoc/>
    public async Task HandleAsync(ReplayRequested request, CancellationToken ct)
    {
        if (request.Only is { } only)
        {
            // The asker takes one page in while the next is read.
            await Task.WhenAll(only.Chunk(PageSize).Select(async ids =>
            {
                var found = await Task.WhenAll(ids.Select(id => store.Documents.FindAsync(id, ct).AsTask()));
                await SayAsync(found.OfType<StoredDocument>(), request.ReplyTo, ct);
            }));
            return;
        }

        var query = saying.Query(store, DocumentPosition.Parse(request.After), PageSize);
        var page = await store.Documents.QueryAsync(query, ct);
        await SayAsync(page, request.ReplyTo, ct);
        if (page.Count == PageSize)
        {
            var after = Saying<T, TMessage>.PositionOf(query, page[^1]).ToText();
            await bus.SendAsync(SubscriptionList.NameOf<Replay<T, TMessage>>(saying.Service), NewId(), request with { After = after }, ct);
        }
    }

    private Task SayAsync(IEnumerable<StoredDocument> page, string? replyTo, CancellationToken ct)
    {
        var messages = page.Select(document => saying.Message(AggregateStore<T>.Load(document)));
        return replyTo is null
            ? Task.WhenAll(messages.Select(message => bus.PublishAsync(NewId(), message, ct)))
            : messages.Select(message => JsonSerializer.SerializeToElement(message, MessageJson.Options))
            .ToList() is { Count: > 0 } entities
            ? bus.SendAsync(replyTo, NewId(), new EntitiesReplayed { Message = typeof(TMessage).Name, Entities = entities }, ct)
            : Task.CompletedTask;
    }

    private Guid NewId() => Guid.CreateVersion7(store.Clock.GetUtcNow());
}

/// <summary>Says which things there are, in which versions, when somebody compares a copy.</summary>
internal sealed class Inventory<T, TMessage>(AggregateStore<T> store, Saying<T, TMessage> saying, IMessageBus bus)
    : IHandle<InventoryRequested>
    where T : Aggregate
    where TMessage : class, IEntityChanged
{
    private const int PageSize = 1_000;

    /// <inheritdoc/>
    public async Task HandleAsync(InventoryRequested request, CancellationToken ct)
    {
        var query = saying.Query(store, DocumentPosition.Parse(request.After), PageSize);
        var page = await store.Documents.QueryAsync(query, ct);
        var report = new InventoryReported
        {
            Comparison = request.Comparison, Message = request.Message, Source = saying.Service, After = request.After,
            Schema = TMessage.CurrentSchema,
            Next = page.Count < PageSize ? null : Saying<T, TMessage>.PositionOf(query, page[^1]).ToText(),
            Entries = [.. page.Select(document =>
                new InventoryEntry(document.Id, document.Version,
                    saying.Of is { } of ? RawBson.Values(document.Body.Span, of)[0].AsGuid : null))],
        };
        var id = Guid.CreateVersion7(store.Clock.GetUtcNow());
        await (request.ReplyTo is null ? bus.PublishAsync(id, report, ct) : bus.SendAsync(request.ReplyTo, id, report, ct));
    }
}
