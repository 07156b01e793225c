using System.Reflection;
using System.Text.Json;
using Itsm.Platform.Access;
using Itsm.Platform.Documents;
using MongoDB.Bson;
using MongoDB.Bson.Serialization.Attributes;

namespace Itsm.Platform.Aggregates;

/// <summary>What is stored and shown: an aggregate, or a projection of what others published.</summary>
public abstract class Record
{
    /// <summary>Identity; UUIDv7 unless derived from a source's key.</summary>
    [BsonId]
    public Guid Id { get; init; }

    /// <summary>0 before the first save, one more with every save; of a projection that of its source.</summary>
    [BsonElement("version")]
    public long Version { get; protected internal set; }

    /// <summary>Who may see it: reader tokens (see <see cref="ReaderToken"/>).</summary>
    [Hidden]
    [AtMost(5_000)]
    public IReadOnlyList<string> Readers { get; protected set; } = [];
}

/// <summary>How records of one type are stored and called.</summary>
public abstract class RecordDefinition
{
    /// <summary>May be asked for beside any other condition.</summary>
    private protected static readonly string[] Readers = ["readers"];

    private protected RecordDefinition(Type type, string? nameField)
    {
        (NameField, Noun) = (nameField, type.Name.ToLowerInvariant());
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance);

        Fields = FieldsOf(type);
        HiddenFields = properties.Where(property => property.GetCustomAttribute<HiddenAttribute>() is not null)
            .Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name)).Append(Envelope.Element).ToHashSet();
    }

    /// <summary>The collection with all its indexes.</summary>
    public abstract CollectionDefinition Collection { get; }

    /// <summary>The field with the human name that works as an id; null for none.</summary>
    public string? NameField { get; }

    /// <summary>A field with another human name, in lower case and unique, that works as an id, too; null for none.</summary>
    public string? OtherNameField { get; init; }

    /// <summary>How a human name is stored; upper case by default, as in numbers.</summary>
    public Func<string, BsonValue> Normalize { get; init; } = name => name.ToUpperInvariant();

    /// <summary>The word for one of these in error messages: <c>incident</c>.</summary>
    public string Noun { get; init; }

    /// <summary>The fields that a representation can have.</summary>
    public IReadOnlySet<string> Fields { get; }

    /// <summary>The fields that a caller gets of the record with this id, where that is not all; null for all.</summary>
    public Func<Caller, Guid, IReadOnlySet<string>?> Shown { get; init; } = (_, _) => null;

    /// <summary>The stored fields that no representation has.</summary>
    public IReadOnlySet<string> HiddenFields { get; }

    /// <summary>The fields of this type that have a text in Markdown.</summary>
    internal static HashSet<string> MarkdownOf(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.IsDefined(typeof(MarkdownAttribute)))
            .Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name)).ToHashSet();

    /// <summary>Of the fields that are asked for, or all, those that the caller gets.</summary>
    internal IReadOnlySet<string> Choose(IReadOnlySet<string>? asked, IReadOnlySet<string>? shown) =>
        shown is null ? asked ?? Fields : asked is null ? shown : asked.Intersect(shown).ToHashSet();

    /// <summary>The fields that a representation of records of this type can have.</summary>
    internal static HashSet<string> FieldsOf(Type type) =>
        // A private setter shows in the type that declares it alone.
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property =>
                property.GetCustomAttribute<HiddenAttribute>() is null && property.DeclaringType!.GetProperty(property.Name)!.CanWrite)
            .Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name)).ToHashSet();
}

/// <summary>Stored records of one type, for those who read them.</summary>
public interface IRecords<T>
    where T : Record
{
    /// <summary>The documents.</summary>
    IDocumentCollection Documents { get; }

    /// <summary>How they are stored and called.</summary>
    RecordDefinition Definition { get; }

    /// <summary>How the annex is written as of now; null where there is none.</summary>
    internal AnnexWriter? AnnexWriter { get; }
}

/// <summary>Finds records as requests name them.</summary>
public static class RecordLookup
{
    /// <summary>The document with this id, or with this human name (number, user name, key), or null.</summary>
    public static async ValueTask<StoredDocument?> FindDocumentAsync<T>(this IRecords<T> records, string idOrName, CancellationToken ct)
        where T : Record
    {
        if (Guid.TryParse(idOrName, out var id))
        {
            return await records.Documents.FindAsync(id, ct);
        }

        if (records.Definition.NameField is not { } field)
        {
            return null;
        }

        return await FindAsync(field, records.Definition.Normalize(idOrName))
            ?? (records.Definition.OtherNameField is { } key ? await FindAsync(key, idOrName.ToLowerInvariant()) : null);

        async ValueTask<StoredDocument?> FindAsync(string name, BsonValue value) =>
            await records.Documents.QueryAsync(new DocumentQuery([Condition.In(name, value)], name, false, null, 1), ct) is [var found]
                ? found
                : null;
    }
}
