using MongoDB.Bson;

namespace Itsm.Platform.Documents;

/// <summary>One stored document: its identity, its version and its BSON bytes (which repeat both, as <c>_id</c> and
/// <c>version</c>).</summary>
/// <param name="Id">Identity; UUIDv7 for what people create, so that ids sort by time.</param>
/// <param name="Version">1 when inserted, one more with every replacement.</param>
/// <param name="Body">The whole document as BSON. Never changed after it was handed over.</param>
public readonly record struct StoredDocument(Guid Id, long Version, ReadOnlyMemory<byte> Body);

/// <summary>What others keep beside a document.</summary>
/// <param name="Id">The document.</param>
/// <param name="Version">Of the annex.</param>
/// <param name="Body">A BSON document that repeats the version as <c>version</c>.</param>
public readonly record struct DocumentAnnex(Guid Id, long Version, ReadOnlyMemory<byte> Body);

/// <summary>An element of a document.</summary>
/// <param name="Id">The document.</param>
/// <param name="Version">That it has, and keeps.</param>
/// <param name="Value">A BSON document.</param>
public readonly record struct DocumentElement(Guid Id, long Version, ReadOnlyMemory<byte> Value);

/// <summary>A write that is durable with the write of a document, or not at all.</summary>
/// <param name="Collection">Of the same store, without an annex or a unique index.</param>
/// <param name="Id">Of the document that is written.</param>
/// <param name="Document">What is stored under the id, whatever was there before; null to delete that.</param>
public readonly record struct SideWrite(IDocumentCollection Collection, Guid Id, StoredDocument? Document);

/// <summary>A collection of documents in the service's own store: the narrow port that every engine implements.</summary>
/// <remarks>All adapters pass the same contract tests. Every write is durable when its task completes.</remarks>
public interface IDocumentCollection
{
    /// <summary>What the collection is called and which indexes it has.</summary>
    CollectionDefinition Definition { get; }

    /// <summary>The document with this id, or null.</summary>
    ValueTask<StoredDocument?> FindAsync(Guid id, CancellationToken ct);

    /// <summary>Stores a new document.</summary>
    /// <exception cref="DuplicateKeyException">The id, or a value of a unique index, is there already; nothing was written.</exception>
    Task InsertAsync(StoredDocument document, CancellationToken ct);

    /// <summary>Stores many new documents; those whose id is there already are left as they are.</summary>
    /// <exception cref="DuplicateKeyException">A value of a unique index is there already under another id; others may have been
    /// written.</exception>
    Task InsertMissingAsync(IReadOnlyList<StoredDocument> documents, CancellationToken ct);

    /// <summary>Replaces the document if it still has the version <paramref name="expected"/>.</summary>
    /// <returns>False, and nothing written, where it is missing or has another version.</returns>
    /// <exception cref="DuplicateKeyException">A value of a unique index belongs to another document; nothing was written.</exception>
    Task<bool> ReplaceAsync(StoredDocument document, long expected, CancellationToken ct);

    /// <summary>Sets a top-level element of each of these documents that still has the version it is given with; the others are left as
    /// they are. For what changes no value of a unique index.</summary>
    Task SetManyAsync(string element, IReadOnlyList<DocumentElement> values, CancellationToken ct);

    /// <summary>Sets the annex of each of these documents that is there and has none of the same or a higher version; the others are left
    /// as they are.</summary>
    /// <exception cref="InvalidOperationException">The collection declares no annex.</exception>
    Task AnnexAsync(IReadOnlyList<DocumentAnnex> annexes, CancellationToken ct);

    /// <summary>Deletes the document if it still has the version <paramref name="expected"/>.</summary>
    /// <returns>False, and nothing deleted, where it is missing or has another version.</returns>
    Task<bool> DeleteAsync(Guid id, long expected, CancellationToken ct);

    /// <summary>One page of the documents that meet all conditions, in the order asked for.</summary>
    /// <exception cref="UndeclaredIndexException">No declared index ends in the query's order with its other fields met by conditions or
    /// domains, or a condition names a field that no index has.</exception>
    ValueTask<IReadOnlyList<StoredDocument>> QueryAsync(DocumentQuery query, CancellationToken ct);

    /// <summary>The next documents of the whole collection in the order of their ids.</summary>
    /// <param name="after">The id before; null for the first page.</param>
    /// <param name="limit">How many at most: 1 to <see cref="DocumentQuery.MostLimit"/>.</param>
    /// <param name="ct">Ends the wait.</param>
    ValueTask<IReadOnlyList<StoredDocument>> ScanAsync(Guid? after, int limit, CancellationToken ct);

    /// <summary>How many documents meet all conditions; exact.</summary>
    /// <param name="where">The conditions.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <param name="most">Where the count stops: of more documents it is this. At least 1; null for nowhere.</param>
    /// <exception cref="UndeclaredIndexException">As for <see cref="QueryAsync"/>.</exception>
    ValueTask<long> CountAsync(IReadOnlyList<Condition> where, CancellationToken ct, long? most = null);

    /// <summary>How many documents that meet all conditions have each value of a field, or of two fields together; exact, under the values
    /// in the order of the fields, missing ones as <see cref="BsonNull"/>.</summary>
    /// <exception cref="UndeclaredIndexException">As for <see cref="QueryAsync"/>.</exception>
    ValueTask<IReadOnlyDictionary<BsonArray, long>> GroupAsync(
        IReadOnlyList<Condition> where, IReadOnlyList<string> fields, CancellationToken ct);
}

/// <summary>The service's own store: makes its collections when first asked for, and their indexes in the background.</summary>
public interface IDocumentDatabase
{
    /// <summary>The collection of this definition; the same object for the same name.</summary>
    IDocumentCollection Collection(CollectionDefinition definition);

    /// <summary>Of each collection asked for whose indexes are not all there yet a sentence that says why; empty where all are. Writes go
    /// on; a query that needs one of them waits, and fails with <see cref="StoreUnavailableException"/> where that takes more than 2 s, or
    /// takes as long as it does without an index.</summary>
    IReadOnlyList<string> MissingIndexes { get; }

    /// <summary>What is too large for a document.</summary>
    IBlobStore Blobs { get; }

    /// <summary>True when the engine answers a read.</summary>
    ValueTask<bool> AnswersAsync(CancellationToken ct);
}

/// <summary>A store whose engine makes several writes as one.</summary>
public interface IWritesTogether : IDocumentDatabase
{
    /// <summary>Inserts or replaces a document, as <see cref="IDocumentCollection.InsertAsync"/> and
    /// <see cref="IDocumentCollection.ReplaceAsync"/> do, and makes the side writes with it.</summary>
    /// <param name="collection">Of this store.</param>
    /// <param name="document">What is written.</param>
    /// <param name="expected">The version that is replaced; null to insert.</param>
    /// <param name="beside">The side writes.</param>
    /// <param name="ct">Ends the wait; nothing is written where it does so before the write began.</param>
    /// <returns>False, and nothing written, where the document is missing or has another version.</returns>
    /// <exception cref="DuplicateKeyException">As there; nothing was written.</exception>
    Task<bool> WriteAsync(
        IDocumentCollection collection, StoredDocument document, long? expected, IReadOnlyList<SideWrite> beside, CancellationToken ct);
}
