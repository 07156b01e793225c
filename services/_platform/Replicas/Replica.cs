using System.Text.Json;
using Itsm.Contracts;
using Itsm.Contracts.Platform;
using Itsm.Platform.Caching;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;
using Microsoft.Extensions.Logging;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;

namespace Itsm.Platform.Replicas;

/// <summary>This service's own copy of things that another one owns, fed by the messages that the owner publishes. It compares
/// itself with what the owners have, and asks for what it lacks.</summary>
public sealed class Replica<TMessage> : ICopy, IHandle<TMessage>
    where TMessage : class, IEntityChanged
{
    /// <summary>First part of each <see cref="Key"/>.</summary>
    internal static readonly string Prefix = typeof(TMessage).Name + ":";

    private const int AtOnce = 200;
    private readonly IDocumentCollection _documents;
    private readonly SharedCache _cache;
    private readonly IMessageBus _bus;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly string _service;
    private readonly string _sortField;
    private volatile bool _reported;

    internal Replica(IDocumentDatabase database, string service, IMessageBus bus, SharedCache cache, TimeProvider clock,
        ILogger<Replica<TMessage>> log, params IReadOnlyList<IndexDefinition> indexes)
    {
        BsonMapping.Use();
        var name = typeof(TMessage).Name;
        _documents = database.Collection(new CollectionDefinition("replica-" + name.ToLowerInvariant(), indexes));
        _sortField = indexes[0].Fields[^1];
        (_service, _bus, _cache, _clock, _log) = (service, bus, cache, clock, log);
    }

    /// <summary>Keys of what is remembered of other things and follows from this one, by how it was and how it is; null where nothing
    /// does.</summary>
    internal Func<TMessage?, TMessage, IEnumerable<string>>? Touches { get; init; }

    string ICopy.Service => _service;

    string ICopy.Message => typeof(TMessage).Name;

    /// <summary>The newest known version of a thing, or null.</summary>
    public ValueTask<TMessage?> FindAsync(Guid id, CancellationToken ct) => _cache.GetAsync<TMessage>(Key(id), ct => ReadAsync(id, ct), ct);

    /// <summary>The newest version of a thing that has come here, whatever this node remembers of it; null where none has.</summary>
    public async ValueTask<TMessage?> ReadAsync(Guid id, CancellationToken ct) =>
        await _documents.FindAsync(id, ct) is { } found ? BsonMapping.FromBytes<TMessage>(found.Body) : null;

    /// <summary>How many things have come here.</summary>
    public ValueTask<long> CountAsync(CancellationToken ct) => _documents.CountAsync([], ct);

    /// <summary>All things that meet the conditions, in the order of the field, at most <paramref name="limit"/>.</summary>
    public async ValueTask<IReadOnlyList<TMessage>> QueryAsync(
        IReadOnlyList<Condition> where, string sort, int limit, CancellationToken ct) => 
        [.. (await _documents.QueryAsync(new DocumentQuery(where, sort, false, null, limit), ct))
            .Select(found => BsonMapping.FromBytes<TMessage>(found.Body))];

    /// <inheritdoc/>
    public async Task HandleAsync(TMessage message, CancellationToken ct)
    {
        var document = Stored(message);
        while (true)
        {
            var known = await _documents.FindAsync(message.Id, ct);
            if (known is { } newest && !IsOlder(newest, message.Version, message.Schema))
            {
                // Whoever wrote it may have died before dropping what followed from the version before, which nobody knows any more.
                await (Touches is null ? _cache.DropAsync(Key(message.Id)) : _cache.DropAllAsync());
                return;
            }

            try
            {
                if (known is { } older)
                {
                    if (!await _documents.ReplaceAsync(document, older.Version, ct))
                    {
                        continue;
                    }
                }
                else
                {
                    await _documents.InsertAsync(document, ct);
                }

                await DropAsync(known, message);
                return;
            }
            catch (DuplicateKeyException e) when (e.Fields[0] == "_id")
            {
                // Another delivery of the same thing was first: look again.
            }
        }
    }

    /// <summary>Under which the cache remembers a thing.</summary>
    internal static string Key(Guid id) => Prefix + id;

    /// <summary>True where a message of this version and schema says more than the copy was made from.</summary>
    private static bool IsOlder(StoredDocument copy, long version, int schema) => copy.Version < version
        || (copy.Version == version && schema > 1
            && BsonMapping.FromBytes<TMessage>(copy.Body).Schema < Math.Min(schema, TMessage.CurrentSchema));

    private static StoredDocument Stored(TMessage message)
    {
        var body = BsonMapping.ToBytes(message);
        if (message.Schema > TMessage.CurrentSchema)
        {
            // What the newer writer said beyond this schema is not in the copy.
            var document = BsonSerializer.Deserialize<BsonDocument>(body);
            document["schema"] = TMessage.CurrentSchema;
            body = document.ToBson();
        }

        return new StoredDocument(message.Id, message.Version, body);
    }

    private Task DropAsync(StoredDocument? known, TMessage message)
    {
        var before = Touches is null || known is null ? null : BsonMapping.FromBytes<TMessage>(known.Value.Body);
        return Task.WhenAll((Touches?.Invoke(before, message) ?? []).Append(Key(message.Id)).Distinct().Select(_cache.DropAsync));
    }

    Task ICopy.AskAsync(CancellationToken ct) =>
        AskForInventoryAsync(Guid.CreateVersion7(_clock.GetUtcNow()), InventoryRequested.AnySource, null, ct);

    async Task<bool> ICopy.IsAnsweredAsync(CancellationToken ct) => _reported || (await _documents.QueryAsync(new DocumentQuery(
        [Condition.Within(_sortField, "", true, null, false)], _sortField, false, null, 1), ct)).Count > 0;

    async Task ICopy.CompareAsync(InventoryReported report, CancellationToken ct)
    {
        _reported = true;
        List<Guid> different = [];
        foreach (var entries in report.Entries.Chunk(AtOnce))
        {
            var known = await Task.WhenAll(entries.Select(entry => _documents.FindAsync(entry.Id, ct).AsTask()));
            different.AddRange(entries.Zip(known, (entry, copy) => (entry, copy))
                .Where(pair => pair.copy is not { } copy || IsOlder(copy, pair.entry.Version, report.Schema ?? 1))
                .Select(pair => pair.entry.Id));
        }

        if (different.Count > 0)
        {
            _log.LogInformation("The copy of {Message} in {Service} lacks {Count} things of {Source}, or has older ones: asking for them.",
                report.Message, _service, different.Count, report.Source);
            await PublishAsync(new ReplayRequested
            {
                Message = report.Message, By = _service, Only = different, ReplyTo = CopyQueues.Replayed(_service),
            }, ct);
        }

        if (report.Next is { } next)
        {
            await AskForInventoryAsync(report.Comparison, report.Source, next, ct);
        }
    }

    Task ICopy.TakeAsync(IReadOnlyList<JsonElement> entities, CancellationToken ct) => Task.WhenAll(
        entities.Select(entity => HandleAsync(entity.Deserialize<TMessage>(MessageJson.Options)!, ct)));

    private Task AskForInventoryAsync(Guid comparison, string source, string? after, CancellationToken ct) =>
        PublishAsync(new InventoryRequested
        {
            Comparison = comparison, Message = typeof(TMessage).Name, Source = source, After = after,
            ReplyTo = CopyQueues.Reported(_service),
        }, ct);

    private Task PublishAsync(object message, CancellationToken ct) =>
        _bus.PublishAsync(Guid.CreateVersion7(_clock.GetUtcNow()), message, ct);
}
