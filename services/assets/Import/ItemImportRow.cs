using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Platform.Values;

namespace Itsm.Assets.Import;

/// <summary>What came, or would come, of a row.</summary>
public sealed class ItemImportRow : Record
{
    private const string OfImport = "results of an import";

    /// <summary>Why a row may not be taken in: rules of reports, of relations and of saves.</summary>
    private static readonly string[] Codes =
    [
        "invalid-request", "conflict", "too-many", "too-large", RunItemImport.IsRepeated, "configuration-item.ambiguous",
        "configuration-item.hidden", "configuration-item.retired", "configuration-item.cycle", "configuration-item.most-sources",
        "configuration-item.most-targets",
    ];

    /// <summary>The import.</summary>
    public required Guid Import { get; init; }

    /// <summary>Where the row begins in the file; the header is line 1.</summary>
    public required int Line { get; init; }

    /// <summary>What came of it, or would come of it.</summary>
    public required ReportOutcome Outcome { get; init; }

    /// <summary>Id of the configuration item; null where there is none.</summary>
    public Guid? Item { get; init; }

    /// <summary>Its number.</summary>
    public string? Number { get; init; }

    /// <summary>What changed, without relations; empty for a new one.</summary>
    [AtMost(300)]
    public IReadOnlyList<RecordedFieldChange> Changes { get; init; } = [];

    /// <summary>Why it, or its relations, were not taken in: code of the rule; null where they were.</summary>
    public string? Code { get; init; }

    /// <summary>The same in words.</summary>
    public RowReason? Reason { get; init; }

    /// <summary>How it is stored.</summary>
    public static ProjectionDefinition<ItemImportRow> Definition { get; } = new("configuration-item-import-rows",
        new("import", "line") { Serves = OfImport }, new("import", "outcome", "line") { Serves = OfImport },
        new("code", "import", "line") { Sparse = true, Serves = OfImport })
    {
        Noun = "import result",
    };

    internal static ListDefinition Lists { get; } = new()
    {
        Filters = [Filter.OneOf<ReportOutcome>("outcome"), Filter.Word("code", Codes)], Sorts = ["line"], DefaultSort = "line",
    };

    internal static ItemImportRow Of(ItemImport import, int line, ReportedResult result)
    {
        var row = new ItemImportRow
        {
            Id = DerivedId.From("item-import-row", import.Id.ToString(),
                line.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            Import = import.Id, Line = line, Outcome = result.Outcome, Item = result.Item?.Id, Number = result.Item?.Number,
            Changes = result.Changes, Code = result.Code, Reason = result.Reason is { } reason ? RowReason.Of(reason) : null,
        };

        // What is done takes the place of what the preview said.
        (row.Version, row.Readers) = (import.Preview ? 1 : 2, import.Readers);
        return row;
    }
}

/// <summary>Why a row was not taken in.</summary>
public sealed record RowReason : StoredSentence
{
    internal static RowReason Of(Sentence reason) =>
        new() { Text = reason.ToString(), Template = TemplateOf(reason), Arguments = ArgumentsOf(reason) };
}
