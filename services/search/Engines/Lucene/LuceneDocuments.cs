using System.Globalization;
using System.Text.Json;
using Itsm.Search.Domain;
using Itsm.Search.Domain.Languages;
using Itsm.Search.Queries;
using Lucene.Net.Documents;
using Lucene.Net.Index;
using Lucene.Net.Util;

namespace Itsm.Search.Engines.Lucene;

/// <summary>A document's fields in the index, and the document back out of it.</summary>
internal static class LuceneDocuments
{
    /// <summary>The document as JSON, which the index keeps.</summary>
    public const string Source = "source";

    /// <summary>Prefix of the columns that facets count.</summary>
    public const string Facet = "facet.";

    /// <summary>Prefix of the columns that lists are ordered, and ranges compared, by.</summary>
    public const string Sort = "sort.";

    /// <summary>The first letters of the words in number, title and other names: what suggestions begin with is in half of all things, too many words to
    /// look up.</summary>
    public const string Beginnings = "beginnings";

    /// <summary>Columns that keep stems; those of German ones have a prefix.</summary>
    public static readonly string[] Texts =
        [SearchFields.Title, SearchFields.Description, SearchFields.Resolution, SearchFields.Comments, SearchFields.Notes];

    /// <summary>The parts of what a document means, and the model that told them.</summary>
    public const string Meaning = "meaning";

    /// <summary>See <see cref="Meaning"/>; of what could have one.</summary>
    public const string MeaningModel = "meaning.model";

    /// <summary>In the columns of numbers, for things without one: less than any that they can have.</summary>
    public const long NoNumber = 0;

    private static readonly FieldType Exactly =
        new() { IsIndexed = true, IsTokenized = true, OmitNorms = true, IndexOptions = IndexOptions.DOCS_ONLY };

    /// <summary>The values of a field by which a document is found exactly; <see cref="SearchFields.None"/> where it has none.</summary>
    public static IReadOnlyList<string> Values(SearchDocument document, SearchField field)
    {
        IReadOnlyList<string> values = field.Name switch
        {
            SearchFields.Kind => [document.Kind],
            SearchFields.Number => [document.Number.ToLowerInvariant()],
            "state" => Of(document.State),
            "stage" => Of(document.Stage is { } stage ? JsonNamingPolicy.CamelCase.ConvertName(stage.ToString()) : null),
            "priority" => Of(document.Priority?.ToString(CultureInfo.InvariantCulture)),
            "requester" => Of(document.Requester?.ToString()),
            "openedBy" => Of(document.OpenedBy?.ToString()),
            "assignmentGroup" => Of(document.AssignmentGroup?.ToString()),
            "assignee" => Of(document.Assignee?.ToString()),
            "approver" => [.. document.Approvers.Select(approver => approver.ToString())],
            "category" => Of(document.Category?.ToString()),
            "owner" => Of(document.Owner?.ToString()),
            "class" => Of(document.Class),
            "affectedService" => Of(document.AffectedService),
            "configurationItem" => document.ConfigurationItems,
            _ => Of(Number(document, field)?.ToString(CultureInfo.InvariantCulture)),
        };
        return values.Count > 0 ? values : [SearchFields.None];
    }

    /// <summary>The number that a document is compared by; instants as milliseconds since 1970.</summary>
    public static long? Number(SearchDocument document, SearchField field) => field.Name switch
    {
        "priority" => document.Priority,
        "openedAt" => document.OpenedAt?.ToUnixTimeMilliseconds(),
        "updatedAt" => document.UpdatedAt?.ToUnixTimeMilliseconds(),
        "resolvedAt" => document.ResolvedAt?.ToUnixTimeMilliseconds(),
        "closedAt" => document.ClosedAt?.ToUnixTimeMilliseconds(),
        _ => null,
    };

    public static Document Of(SearchDocument document)
    {
        var id = document.Id.ToString();
        Document fields =
        [
            new Field(SearchFields.Id, id, Exactly), new SortedDocValuesField(SearchFields.Id, new BytesRef(id)),
            new StoredField(Source, document.ToJson()),
        ];
        if (document.ChangedAt is { } at)
        {
            fields.Add(new NumericDocValuesField(SearchFields.ChangedAt, at.ToUnixTimeMilliseconds()));
        }

        if (document.Meant is not null)
        {
            fields.Add(new Field(MeaningModel, document.Meaning?.Model ?? SearchFields.None, Exactly));
        }

        if (document.Meaning is { } meaning)
        {
            fields.Add(new BinaryDocValuesField(Meaning, new BytesRef(meaning.Parts())));
        }

        foreach (var field in SearchFields.All.Where(field => field.Kind != FieldKind.Text))
        {
            Add(fields, document, field);
        }

        AddWords(fields, SearchFields.Readers, document.Readers);
        AddWords(fields, SearchFields.NoteReaders, document.NoteReaders);
        var language = document.Language == LanguageRule.German ? SearchFields.German : "";
        AddText(fields, language + SearchFields.Title, SearchFields.Words, [document.Title]);
        AddText(fields, language + SearchFields.Description, SearchFields.Words, [document.Description]);
        AddText(fields, language + SearchFields.Resolution, SearchFields.Words, [document.Resolution]);
        AddText(fields, language + SearchFields.Comments, SearchFields.Words, document.Comments.Select(comment => comment.Text));
        AddText(fields, language + SearchFields.Notes, SearchFields.NoteWords, document.Notes.Select(note => note.Text));
        AddText(fields, SearchFields.Parts, null, [document.CompoundParts]);
        AddText(fields, SearchFields.Names, SearchFields.Words, [document.Number, .. document.OtherNames]);
        AddText(fields, SearchFields.Names, null, [document.Title]);
        AddText(fields, Beginnings, null, [document.Number, document.Title, .. document.OtherNames]);
        return fields;
    }

    private static void Add(Document fields, SearchDocument document, SearchField field)
    {
        var values = Values(document, field);
        if (!field.IsOrdered || values[0] == SearchFields.None)
        {
            AddWords(fields, Exact(field), values);
        }

        // What nobody can find yet is not counted either.
        if (field.IsFacet && document.Version > 0)
        {
            foreach (var value in values)
            {
                fields.Add(new SortedSetDocValuesField(Facet + field.Name, new BytesRef(value)));
            }
        }

        if (field.IsOrdered)
        {
            fields.Add(new NumericDocValuesField(Sort + field.Name, Number(document, field) ?? NoNumber));
        }
        else if (field.IsSort)
        {
            fields.Add(new SortedDocValuesField(Sort + field.Name, new BytesRef(values[0])));
        }
    }

    /// <summary>Where the exact values of a field stand: a numeric field can't hold the word for none.</summary>
    public static string Exact(SearchField field) => field.IsOrdered ? field.Name + ".exact" : field.Name;

    private static void AddWords(Document fields, string name, IEnumerable<string> values)
    {
        foreach (var value in values)
        {
            fields.Add(new Field(name, value, Exactly));
        }
    }

    private static void AddText(Document fields, string name, string? plain, IEnumerable<string?> texts)
    {
        foreach (var text in texts.OfType<string>())
        {
            fields.Add(new TextField(name, text, Field.Store.NO));
            if (plain is not null)
            {
                fields.Add(new TextField(plain, text, Field.Store.NO));
            }
        }
    }

    private static IReadOnlyList<string> Of(string? value) => value is null ? [] : [value];
}
