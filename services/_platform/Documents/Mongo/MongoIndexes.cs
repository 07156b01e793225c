using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Itsm.Platform.Documents.Mongo;

/// <summary>Makes the indexes of one collection in the background, and again until they are there.</summary>
internal sealed partial class MongoIndexes
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>What the server refuses it refuses again, after as much work.</summary>
    private static readonly TimeSpan PauseAfterRefusal = TimeSpan.FromMinutes(1);

    /// <summary>How long an older version may still run that uses an index declared no more.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromHours(1);

    private const int IndexNotFound = 27;

    private readonly string _collection;
    private readonly IMongoCollection<StoredDocument> _documents;
    private readonly Dictionary<string, IndexDefinition> _indexes;
    private readonly TaskCompletionSource _guard = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public MongoIndexes(CollectionDefinition definition, IMongoCollection<StoredDocument> documents, TimeProvider clock, ILogger log,
        CancellationToken closing)
    {
        (_collection, _documents) = (definition.Name, documents);
        _indexes = definition.Indexes.DistinctBy(NameOf).ToDictionary(NameOf);
        closing.Register(() => _guard.TrySetCanceled(closing));
        Missing = $"{_collection}: its indexes are being made.";
        _ = Task.Run(async () =>
        {
            await MakeAsync(clock, log, closing);
            await DropUndeclaredAsync(clock, log, closing);
        }, closing);
    }

    /// <summary>Completes when writes may come: the collection has documents already, or its indexes are made.</summary>
    public Task Guard => _guard.Task;

    /// <summary>Why not all indexes are there yet; null where they are.</summary>
    public string? Missing { get; private set; }

    /// <summary>What the server's message says of the index that has the value already.</summary>
    public DuplicateKeyException DuplicateOf(string message) =>
        IndexName().Match(message) is { Success: true } found && _indexes.TryGetValue(found.Groups[1].Value, out var index)
            ? DuplicateKeyException.Of(_collection, index) : new(_collection, ["_id"]);

    private async Task MakeAsync(TimeProvider clock, ILogger log, CancellationToken ct)
    {
        var models = _indexes.Select(index => new CreateIndexModel<StoredDocument>(Keys(index.Value), Options(index.Key, index.Value)))
            .ToList();
        for (var reported = ""; ;)
        {
            TimeSpan pause;
            try
            {
                if (models.Count > 0)
                {
                    if (await _documents.Find(new BsonDocument()).Limit(1).AnyAsync(ct))
                    {
                        _guard.TrySetResult();
                    }

                    await _documents.Indexes.CreateManyAsync(models, ct);
                }

                _guard.TrySetResult();
                Missing = null;
                return;
            }
            catch (Exception e) when (e is MongoException or TimeoutException)
            {
                pause = MongoOutage.Is(e) ? Pause : PauseAfterRefusal;
                Missing = $"{_collection}: its indexes are not made yet: {e.Message}";
                if (reported != e.GetType().Name)
                {
                    log.LogWarning("The indexes of {Collection} are not made yet: {Reason}", _collection, e.Message);
                }

                reported = e.GetType().Name;
            }

            await Task.Delay(pause, clock, ct);
        }
    }

    /// <summary>An index that an older version declared costs every write; one that a person made by hand is not named by its fields in
    /// that way, and stays, as does what a newer version makes meanwhile.</summary>
    private async Task DropUndeclaredAsync(TimeProvider clock, ILogger log, CancellationToken ct)
    {
        try
        {
            var undeclared = (await (await _documents.Indexes.ListAsync(ct)).ToListAsync(ct)).Where(IsUndeclared)
                .Select(index => index["name"].AsString).ToList();
            await Task.Delay(undeclared.Count > 0 ? Overlap : TimeSpan.Zero, clock, ct);
            foreach (var name in undeclared)
            {
                await _documents.Indexes.DropOneAsync(name, ct);
                log.LogInformation("The index {Index} of {Collection} is not used any more and was dropped.", name, _collection);
            }
        }
        catch (MongoCommandException e) when (e.Code == IndexNotFound)
        {
            // Another node drops them.
        }
        catch (Exception e) when (e is MongoException or TimeoutException)
        {
            log.LogWarning("The indexes of {Collection} that are not used any more are there until the next start: {Reason}", _collection,
                e.Message);
        }
    }

    private bool IsUndeclared(BsonDocument index)
    {
        var name = index["name"].AsString;
        var fields = string.Join('_', index["key"].AsBsonDocument.Names.Where(field => field != "_id"));
        return !_indexes.ContainsKey(name) && fields.Length > 0 && name.StartsWith(fields + "_", StringComparison.Ordinal)
            && Kind().IsMatch(name[fields.Length..]);
    }

    // An index ends with the id, the order of ties, unless its values are unique anyway.
    private static BsonDocument Keys(IndexDefinition index) =>
        new((index.Unique ? index.Fields : index.Fields.Append("_id")).Select(field => new BsonElement(field, 1)));

    private static CreateIndexOptions<StoredDocument> Options(string name, IndexDefinition index) => new()
    {
        Name = name, Unique = index.Unique ? true : null,
        PartialFilterExpression = index.Only is { } only ? new BsonDocument(index.Fields[0], only)
            : index.Needed.Any() ? new BsonDocument(index.Needed.Select(field => new BsonElement(field, new BsonDocument("$exists", true))))
            : null,
    };

    // The name says all that makes the index what it is: a changed declaration makes another one.
    private static string NameOf(IndexDefinition index) =>
        string.Join('_', index.Fields.Append(index.Unique ? "unique" : index.Sparse ? "sparse" : index.Complete ? "complete"
            : index.Only is { } only ? $"only_{only}" : "id"));

    [GeneratedRegex("index: (\\S+)")]
    private static partial Regex IndexName();

    /// <summary>How <see cref="NameOf"/> ends.</summary>
    [GeneratedRegex("^_(id|unique|sparse|complete|only_.+)$")]
    private static partial Regex Kind();
}
