using System.Text;
using Microsoft.Extensions.Logging;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Itsm.Platform.Documents.Mongo;

/// <summary>One collection: reads at once, writes once it is known that there are documents or, where there are none, the indexes are made:
/// a unique one must be there before what it guards.</summary>
internal sealed class MongoCollection : IDocumentCollection
{
    private const int MostBytes = 16 * 1024 * 1024;
    private const int LargestBatch = 1_000;
    private const int Attempts = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly IMongoCollection<StoredDocument> _documents;
    private readonly MongoIndexes _indexes;

    public MongoCollection(
        CollectionDefinition definition, IMongoDatabase database, TimeProvider clock, ILogger log, CancellationToken closing)
    {
        Definition = definition;
        _documents = database.GetCollection<StoredDocument>(definition.Name);
        _indexes = new MongoIndexes(definition, _documents, clock, log, closing);
    }

    public CollectionDefinition Definition { get; }

    /// <summary>Why not all indexes are there yet; null where they are.</summary>
    public string? MissingIndexes => _indexes.Missing;

    public async ValueTask<StoredDocument?> FindAsync(Guid id, CancellationToken ct)
    {
        var found = await RunAsync(() => _documents.Find(IdIs(id)).Limit(1).ToListAsync(ct));
        return found.Count == 0 ? null : found[0];
    }

    public Task InsertAsync(StoredDocument document, CancellationToken ct) => WriteAsync(document, async () =>
    {
        await _documents.InsertOneAsync(document, null, ct);
        return true;
    }, ct);

    public async Task InsertMissingAsync(IReadOnlyList<StoredDocument> documents, CancellationToken ct)
    {
        if (documents.Count == 0)
        {
            return;
        }

        foreach (var document in documents)
        {
            Check(document);
        }

        await ReadyAsync(ct);
        try
        {
            await RunAsync(async () =>
            {
                await _documents.InsertManyAsync(documents, new InsertManyOptions { IsOrdered = false }, ct);
                return true;
            });
        }
        catch (MongoBulkWriteException<StoredDocument> e) when (e.WriteConcernError is null
            && e.WriteErrors.All(error => error.Category == ServerErrorCategory.DuplicateKey))
        {
            if (e.WriteErrors.Select(error => _indexes.DuplicateOf(error.Message))
                .FirstOrDefault(duplicate => duplicate.Fields is not ["_id"]) is { } duplicate)
            {
                throw duplicate;
            }
        }
    }

    public Task<bool> ReplaceAsync(StoredDocument document, long expected, CancellationToken ct) => WriteAsync(document, async () =>
        Definition.Annex is null
            ? (await _documents.ReplaceOneAsync(IdIs(document.Id).Add("version", expected), document, (ReplaceOptions?)null, ct))
            .MatchedCount == 1
            : (await _documents.UpdateOneAsync(IdIs(document.Id).Add("version", expected), KeepingAnnex(document), null, ct))
                .MatchedCount == 1, ct);

    public async Task SetManyAsync(string element, IReadOnlyList<DocumentElement> values, CancellationToken ct)
    {
        if (values.Count > 0)
        {
            await ReadyAsync(ct);
            await RunAsync(() => _documents.BulkWriteAsync(values.Select(value => new UpdateOneModel<StoredDocument>(
                IdIs(value.Id).Add("version", value.Version),
                new BsonDocument("$set", new BsonDocument(element, new RawBsonDocument(value.Value.ToArray()))))),
                new BulkWriteOptions { IsOrdered = false }, ct));
        }
    }

    public async Task AnnexAsync(IReadOnlyList<DocumentAnnex> annexes, CancellationToken ct)
    {
        DeclaredIndexes.RequireAnnex(Definition);
        if (annexes.Count > 0)
        {
            await ReadyAsync(ct);
            await RunAsync(() => _documents.BulkWriteAsync(annexes.Select(annex => new UpdateOneModel<StoredDocument>(
                IdIs(annex.Id).Add("$or", new BsonArray
                {
                    new BsonDocument(Definition.Annex, new BsonDocument("$exists", false)),
                    new BsonDocument(Definition.Annex + ".version", new BsonDocument("$lt", annex.Version)),
                }),
                new BsonDocument("$set", new BsonDocument(Definition.Annex, new RawBsonDocument(annex.Body.ToArray()))))),
                new BulkWriteOptions { IsOrdered = false }, ct));
        }
    }

    public async Task<bool> DeleteAsync(Guid id, long expected, CancellationToken ct)
    {
        await ReadyAsync(ct);
        return await RunAsync(async () => (await _documents.DeleteOneAsync(IdIs(id).Add("version", expected), ct)).DeletedCount == 1);
    }

    public async ValueTask<IReadOnlyList<StoredDocument>> QueryAsync(DocumentQuery query, CancellationToken ct)
    {
        DocumentQuery.RequireLimit(query.Limit);
        var find = _documents.Find(Filter(query, out var sort), new FindOptions { BatchSize = Math.Min(query.Limit, LargestBatch) })
            .Sort(sort).Limit(query.Limit);
        return await RunAsync(() => find.ToListAsync(ct));
    }

    public async ValueTask<IReadOnlyList<StoredDocument>> ScanAsync(Guid? after, int limit, CancellationToken ct)
    {
        DocumentQuery.RequireLimit(limit);
        var filter = after is { } last
            ? new BsonDocument("_id", new BsonDocument("$gt", new BsonBinaryData(last, GuidRepresentation.Standard)))
            : [];
        return await RunAsync(() => _documents.Find(filter).Sort(new BsonDocument("_id", 1)).Limit(limit).ToListAsync(ct));
    }

    public async ValueTask<long> CountAsync(IReadOnlyList<Condition> where, CancellationToken ct, long? most = null)
    {
        DeclaredIndexes.RequireForCount(Definition, where);
        return await RunAsync(() => _documents.CountDocumentsAsync(MongoFilter.Of(where), new CountOptions { Limit = most }, ct));
    }

    public async ValueTask<IReadOnlyDictionary<BsonArray, long>> GroupAsync(
        IReadOnlyList<Condition> where, IReadOnlyList<string> fields, CancellationToken ct)
    {
        DeclaredIndexes.RequireForCount(Definition, where);
        var groups = await RunAsync(async () =>
            await (await _documents.AggregateAsync<BsonDocument>(MongoFilter.Group(where, fields).ToArray(), null, ct)).ToListAsync(ct));
        return groups.ToDictionary(group => new BsonArray(group["_id"].AsBsonDocument.Values), group => group["count"].ToInt64());
    }

    /// <summary>The filter and the order that read a page from its index.</summary>
    internal BsonDocument Filter(DocumentQuery query, out BsonDocument sort)
    {
        var index = DeclaredIndexes.For(Definition, query);
        var missing = index?.Fields.SkipLast(1).Where(field => !query.Where.Any(condition => condition.Field == field)) ?? [];
        var filter = MongoFilter.Of(query.Where.Concat(missing.Select(field => Condition.In(field, index!.Domains[field]))));
        if (query.After is { } after)
        {
            filter["$and"].AsBsonArray.Add(index is null
                ? MongoFilter.AfterId(query.Descending, after.Id)
                : MongoFilter.After(query.Sort, query.Descending, after));
        }

        var direction = query.Descending ? -1 : 1;
        sort = index is null ? [] : new BsonDocument(query.Sort, direction);
        if (index?.Unique != true)
        {
            sort["_id"] = direction;
        }

        return filter;
    }

    /// <summary>Puts a document in the place of the stored one but for its annex. The id stays; some engines can't be told it
    /// again.</summary>
    private BsonDocumentStagePipelineDefinition<StoredDocument, StoredDocument> KeepingAnnex(StoredDocument document)
    {
        var kept = RawBson.With(RawBson.With(document.Body.Span, "_id"u8, default), Encoding.UTF8.GetBytes(Definition.Annex!), default);
        var merged = new BsonArray
        {
            new BsonDocument("$literal", new RawBsonDocument(kept)), new BsonDocument(Definition.Annex, "$" + Definition.Annex),
        };
        return new([new("$replaceWith", new BsonDocument("$mergeObjects", merged))]);
    }

    private static BsonDocument IdIs(Guid id) => new("_id", new BsonBinaryData(id, GuidRepresentation.Standard));

    private async Task<T> WriteAsync<T>(StoredDocument document, Func<Task<T>> write, CancellationToken ct)
    {
        Check(document);
        await ReadyAsync(ct);
        try
        {
            return await RunAsync(write);
        }
        catch (MongoWriteException e) when (e.WriteError?.Category == ServerErrorCategory.DuplicateKey)
        {
            throw _indexes.DuplicateOf(e.WriteError.Message);
        }
    }

    private async Task ReadyAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        try
        {
            await _indexes.Guard.WaitAsync(Patience, ct);
        }
        catch (TimeoutException e)
        {
            throw new StoreUnavailableException(MissingIndexes ?? $"{Definition.Name}: its indexes were being made.", e);
        }
    }

    private async Task<T> RunAsync<T>(Func<Task<T>> audit)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await audit();
            }
            catch (MongoCommandException e) when (attempt < Attempts && MongoOutage.WasUndone(e))
            {
                // The one that was in its way has gone on.
            }
            catch (Exception e) when (MongoOutage.Is(e))
            {
                throw new StoreUnavailableException($"{Definition.Name}: {e.Message}", e);
            }
        }
    }

    private void Check(StoredDocument document)
    {
        if (document.Body.Length > MostBytes)
        {
            throw new ArgumentException($"{Definition.Name}: a document of {document.Body.Length} bytes is too large; at most {MostBytes} "
                + "are stored.", nameof(document));
        }
    }
}
