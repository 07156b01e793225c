using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;
using MongoDB.Bson.Serialization.Attributes;
using MongoDB.Bson.Serialization.Serializers;

namespace Itsm.Incidents.Import;

/// <summary>One incident of an imported file: its rows, and what came of it.</summary>
public sealed class ImportItem : Aggregate
{
    /// <summary>The import.</summary>
    public required Guid Job { get; init; }

    /// <summary>Its place in the file, from 1.</summary>
    public required int Seq { get; init; }

    /// <summary>Its number in the source; empty where the row has none.</summary>
    public required string SourceNumber { get; init; }

    /// <summary>The lines of the file that tell of it.</summary>
    [AtMost(10_000)]
    public required IReadOnlyList<int> Lines { get; init; }

    /// <summary>What came of it.</summary>
    public ImportOutcome Outcome { get; private set; }

    /// <summary>Id of the incident; null where there is none.</summary>
    public Guid? Incident { get; private set; }

    /// <summary>Its number here; null where there is none.</summary>
    public string? Number { get; private set; }

    /// <summary>Why it was refused; null where it was not.</summary>
    [BsonSerializer(typeof(ImportRefusalSerializer))]
    public ImportRefusal? Reason { get; private set; }

    /// <summary>The rows as the file has them, in the order of the job's columns.</summary>
    [Hidden]
    [AtMost(10_000)]
    public required IReadOnlyList<IReadOnlyList<string>> Rows { get; init; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<ImportItem> Definition { get; } = new("import-items", null,
        new IndexDefinition("job", "outcome", "seq") { Serves = "results of an import" },
        new("job", "seq") { Serves = "results of an import" })
    {
        Noun = "import result",
    };

    internal static ListDefinition Lists { get; } = new()
    {
        Filters = [Filter.OneOf<ImportOutcome>("outcome")], Sorts = ["seq"], DefaultSort = "seq",
    };

    /// <summary>The items of a file as documents to be stored.</summary>
    internal static IEnumerable<StoredDocument> DocumentsOf(
        CsvFile file, Guid job, Guid creator) => file.Incidents.Select((incident, index) =>
    {
        var item = new ImportItem
        {
            Id = DerivedId.From("import-item", job.ToString(), (index + 1).ToString(System.Globalization.CultureInfo.InvariantCulture)),
            Job = job, Seq = index + 1, SourceNumber = incident.Number, Lines = [.. incident.Rows.Select(row => row.Line)],
            Rows = [.. incident.Rows.Select(row => row.Values)], Readers = ImportJob.ReadersOf(creator),
        };

        // Stored past the aggregate store, thousands at a time: nobody can see them before their job, so there is nothing to audit yet.
        var body = BsonSerializer.Deserialize<BsonDocument>(BsonMapping.ToBytes(item));
        body["version"] = 1L;
        return new StoredDocument(item.Id, 1, body.ToBson());
    });

    /// <summary>It is in: by this import, or by an earlier one.</summary>
    internal void Settle(ImportOutcome outcome, Guid incident, string number) => (Outcome, Incident, Number) = (outcome, incident, number);

    /// <summary>It can't be taken.</summary>
    internal void Refuse(Sentence reason) => (Outcome, Reason) = (ImportOutcome.Refused, ImportRefusal.Of(reason));
}

/// <summary>Why an incident was not brought in.</summary>
public sealed record ImportRefusal : StoredSentence
{
    internal static ImportRefusal Of(Sentence reason) =>
        new() { Text = reason.ToString(), Template = TemplateOf(reason), Arguments = ArgumentsOf(reason) };
}

/// <summary>Earlier versions stored the text alone.</summary>
internal sealed class ImportRefusalSerializer : SerializerBase<ImportRefusal>
{
    public override void Serialize(BsonSerializationContext context, BsonSerializationArgs args, ImportRefusal value) =>
        BsonSerializer.Serialize(context.Writer, value);

    public override ImportRefusal Deserialize(BsonDeserializationContext context, BsonDeserializationArgs args) =>
        context.Reader.GetCurrentBsonType() == BsonType.String
            ? new() { Text = context.Reader.ReadString() }
            : BsonSerializer.Deserialize<ImportRefusal>(context.Reader);
}

/// <summary>What came of an incident in an imported file.</summary>
public enum ImportOutcome
{
    /// <summary>Not dealt with yet.</summary>
    Pending,

    /// <summary>Brought in by this import.</summary>
    Imported,

    /// <summary>Brought in by an earlier import; nothing was changed.</summary>
    Unchanged,

    /// <summary>Not brought in, for the reason given.</summary>
    Refused,
}
