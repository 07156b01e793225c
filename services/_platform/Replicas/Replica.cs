using System.Collections.Concurrent;
using Itsm.Contracts;
using Itsm.Contracts.Platform;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;
using Microsoft.Extensions.Logging;

namespace Itsm.Platform.Replicas;

/// <summary>This service's own copy of things that another one owns, fed by the messages that say how they are. A new or emptied one
/// asks the owner to say everything again.</summary>
public sealed class Replica<TMessage> : IReplica, IHandle<TMessage>
    where TMessage : class, IEntityChanged
{
    private readonly IDocumentCollection _documents;
    private readonly ConcurrentDictionary<Guid, TMessage?> _cache = new();
    private readonly IMessageBus _bus;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly string _service;
    private readonly string _sortField;
    private long _applied;

    internal Replica(IDocumentDatabase database, string service, IMessageBus bus, TimeProvider clock, ILogger<Replica<TMessage>> log, params IReadOnlyList<IndexDefinition> indexes)
    {
        BsonMapping.Use();
        var name = typeof(TMessage).Name;
        _documents = database.Collection(new CollectionDefinition("replica-" + name.ToLowerInvariant(), indexes));
        _sortField = indexes[0].Fields[^1];
        (_service, _bus, _clock, _log) = (service, bus, clock, log);
    }

    /// <summary>Raised after a newer version was stored.</summary>
    public event Action<TMessage>? Applied;

    /// <summary>The newest known version of a thing, or null.</summary>
    public async ValueTask<TMessage?> FindAsync(Guid id, CancellationToken ct)
    {
        if (_cache.TryGetValue(id, out var cached))
        {
            return cached;
        }

        var applied = Interlocked.Read(ref _applied);
        if (await _documents.FindAsync(id, ct) is not { } found)
        {
            return null;
        }

        var message = BsonMapping.FromBytes<TMessage>(found.Body);
        _cache[id] = message;
        if (applied != Interlocked.Read(ref _applied))
        {
            // A newer version came during the look: what was found may be the older one.
            _cache.TryRemove(id, out _);
        }

        return message;
    }

    /// <summary>All things that meet the conditions, in the order of the field, at most <paramref name="limit"/>.</summary>
    public async ValueTask<IReadOnlyList<TMessage>> QueryAsync(IReadOnlyList<Condition> where, string sort, int limit, CancellationToken ct) =>
        [.. (await _documents.QueryAsync(new DocumentQuery(where, sort, false, null, limit), ct)).Select(found => BsonMapping.FromBytes<TMessage>(found.Body))];

    /// <inheritdoc/>
    public async Task HandleAsync(TMessage message, CancellationToken ct)
    {
        var document = new StoredDocument(message.Id, message.Version, BsonMapping.ToBytes(message));
        while (true)
        {
            var known = await _documents.FindAsync(message.Id, ct);
            if (known?.Version >= message.Version)
            {
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

                Interlocked.Increment(ref _applied);
                _cache.TryRemove(message.Id, out _);
                Applied?.Invoke(message);
                return;
            }
            catch (DuplicateKeyException e) when (e.Fields[0] == "_id")
            {
                // Another delivery of the same thing was first: look again.
            }
        }
    }

    async Task IReplica.AskForReplayIfEmptyAsync(CancellationToken ct)
    {
        var first = await _documents.QueryAsync(new DocumentQuery([Condition.Within(_sortField, "", true, null, false)], _sortField, false, null, 1), ct);
        if (first.Count == 0)
        {
            _log.LogInformation("The copy of {Message} in {Service} is empty: asking for a replay.", typeof(TMessage).Name, _service);
            await _bus.PublishAsync(Guid.CreateVersion7(_clock.GetUtcNow()), new ReplayRequested { Message = typeof(TMessage).Name, By = _service }, ct);
        }
    }
}

/// <summary>A replica, whatever it is of.</summary>
internal interface IReplica
{
    /// <summary>Asks the owner to say everything again, where this copy is empty.</summary>
    Task AskForReplayIfEmptyAsync(CancellationToken ct);
}
