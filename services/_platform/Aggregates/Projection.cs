using Itsm.Platform.Documents;

namespace Itsm.Platform.Aggregates;

/// <summary>How records that only mirror what other services published are stored: no history, no messages, no timers.</summary>
/// <param name="collection">The collection's name, plural.</param>
/// <param name="indexes">The declared indexes.</param>
public sealed class ProjectionDefinition<T>(string collection, params IReadOnlyList<IndexDefinition> indexes)
    : RecordDefinition(typeof(T), null)
    where T : Record
{
    /// <inheritdoc/>
    public override CollectionDefinition Collection => field ??= new(collection, indexes) { Tested = [.. Readers, .. Tested] };

    /// <summary>As <see cref="CollectionDefinition.Tested"/>, beside the readers.</summary>
    public IReadOnlyList<string> Tested { get; init; } = [];
}

/// <summary>Stores records that only mirror what other services published, each in the newest version received.</summary>
public sealed class Projection<T> : IRecords<T>
    where T : Record
{
    internal Projection(IDocumentDatabase database, ProjectionDefinition<T> definition)
    {
        BsonMapping.Use();
        (Definition, Documents) = (definition, database.Collection(definition.Collection));
    }

    /// <inheritdoc/>
    public IDocumentCollection Documents { get; }

    /// <inheritdoc/>
    public RecordDefinition Definition { get; }

    AnnexWriter? IRecords<T>.AnnexWriter => null;

    /// <summary>The record in this document.</summary>
    public static T Load(StoredDocument document) => BsonMapping.FromBytes<T>(document.Body);

    /// <summary>Writes records that are missing or older; safe to repeat, in any order.</summary>
    public async Task UpsertAsync(IEnumerable<T> records, CancellationToken ct)
    {
        List<StoredDocument> documents = [.. records.Select(record =>
            new StoredDocument(record.Id, record.Version, BsonMapping.ToBytes(record)))];
        if (documents.Count > 0)
        {
            await Documents.InsertMissingAsync(documents, ct);

            // What is in its first version is as it was inserted, now or before.
            await Task.WhenAll(documents.Where(document => document.Version > 1)
                .Select(document => Newest.WriteAsync(Documents, document.Id, document.Version, document, ct)));
        }
    }
}

/// <summary>Writes what is newer than what is there, whoever else writes at the same time.</summary>
internal static class Newest
{
    /// <param name="documents">Where.</param>
    /// <param name="id">What.</param>
    /// <param name="version">Of what is written; a document of the same or a higher one stays.</param>
    /// <param name="document">What is written; null to delete what is older.</param>
    /// <param name="ct">Ends the attempts.</param>
    public static async Task WriteAsync(
        IDocumentCollection documents, Guid id, long version, StoredDocument? document, CancellationToken ct)
    {
        while (true)
        {
            var known = await documents.FindAsync(id, ct);
            if (known?.Version >= version || (known is null && document is null))
            {
                return;
            }

            try
            {
                if (known is null)
                {
                    await documents.InsertAsync(document!.Value, ct);
                    return;
                }

                if (document is { } newer
                    ? await documents.ReplaceAsync(newer, known.Value.Version, ct)
                    : await documents.DeleteAsync(id, known.Value.Version, ct))
                {
                    return;
                }
            }
            catch (DuplicateKeyException e) when (e.Fields[0] == "_id")
            {
                // Somebody else was first: look again.
            }
        }
    }
}
