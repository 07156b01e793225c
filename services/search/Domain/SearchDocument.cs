using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Itsm.Contracts.Ticketing;
using Itsm.Search.Domain.Languages;

namespace Itsm.Search.Domain;

/// <summary>What can be found: a ticket with its comments, an item of the catalog, a person, a configuration item or an asset; texts in
/// Unicode's form C, as queries are. The index keeps it as JSON beside what it finds it by.</summary>
internal sealed partial record SearchDocument
{
    /// <summary>How documents are indexed: another number means another index, which is filled anew beside the old one.</summary>
    public const int Format = 7;

    /// <summary>Those of earlier versions, whose indices may still be there.</summary>
    public static IEnumerable<int> EarlierFormats => Enumerable.Range(1, Format - 1);

    /// <summary>The kind of people.</summary>
    public const string Person = "person";

    /// <summary>The kind of what can be ordered.</summary>
    public const string CatalogItem = "catalogItem";

    /// <summary>The kind of configuration items.</summary>
    public const string ConfigurationItem = "configuration-item";

    /// <summary>The kind of assets.</summary>
    public const string Asset = "asset";

    /// <summary>State of what can be ordered.</summary>
    public const string Published = "published";

    /// <summary>Token of callers who may read people's mail addresses.</summary>
    public const string Contacts = "contacts";

    /// <summary>State of a person who may sign in.</summary>
    public const string Active = "active";

    /// <summary>State of a person who may not.</summary>
    public const string Inactive = "inactive";

    /// <summary>Kinds that are found where the kind is named alone: front ends that know tickets and people do not meet another.</summary>
    public static IReadOnlyList<string> OnlyNamed { get; } = [CatalogItem, ConfigurationItem, Asset];

    /// <summary>Kinds that are no tickets.</summary>
    public static IReadOnlyList<string> NoTickets { get; } = [Person, .. OnlyNamed];

    /// <summary>States of what is no ticket.</summary>
    public static IReadOnlyList<string> OtherStates { get; } =
    [
        Active, Inactive, Published, "planned", "inUse", "inMaintenance", .. Gone, "ordered", "inStock", "deployed", "missing", "stolen",
    ];

    /// <summary>States of configuration items and assets that are no more.</summary>
    public static IReadOnlyList<string> Gone => ["retired", "disposed"];

    /// <summary>Identity of the thing itself.</summary>
    public required Guid Id { get; init; }

    /// <summary><c>incident</c>, <c>person</c>…</summary>
    public required string Kind { get; init; }

    /// <summary>Version of the thing that this is; 0 while only comments on it are known.</summary>
    public long Version { get; init; }

    /// <summary>Number of a ticket, a configuration item or an asset; key of an item of the catalog, user name of a person.</summary>
    public string Number { get; init; } = "";

    /// <summary>What it is called besides: key of a configuration item, tag and serial number of an asset.</summary>
    public IReadOnlyList<string> OtherNames { get; init; } = [];

    /// <summary>Title of a ticket, name of anything else.</summary>
    public string Title { get; init; } = "";

    /// <summary>Description of an item, of a ticket with the answers to the form of what was ordered and the names of what it affects, of
    /// a configuration item with its attributes; maker, model and site of an asset.</summary>
    public string? Description { get; init; }

    /// <summary>How a ticket was resolved, in words.</summary>
    public string? Resolution { get; init; }

    /// <summary>The state in the words of the kind.</summary>
    public string? State { get; init; }

    /// <summary>What reports distinguish in the state.</summary>
    public StateCategory? Stage { get; init; }

    /// <summary>1 to 5.</summary>
    public int? Priority { get; init; }

    /// <summary>For whom it is.</summary>
    public Guid? Requester { get; init; }

    /// <summary>Who wrote it down.</summary>
    public Guid? OpenedBy { get; init; }

    /// <summary>The group that works on it.</summary>
    public Guid? AssignmentGroup { get; init; }

    /// <summary>The person who works on it.</summary>
    public Guid? Assignee { get; init; }

    /// <summary>The people who are asked to approve it as of now.</summary>
    public IReadOnlyList<Guid> Approvers { get; init; } = [];

    /// <summary>The person who answers for it.</summary>
    public Guid? Owner { get; init; }

    /// <summary>Class of a configuration item.</summary>
    public string? Class { get; init; }

    /// <summary>Node of the category tree.</summary>
    public Guid? Category { get; init; }

    /// <summary>The affected service.</summary>
    public string? AffectedService { get; init; }

    /// <summary>The affected configuration items.</summary>
    public IReadOnlyList<string> ConfigurationItems { get; init; } = [];

    /// <summary>When it was opened.</summary>
    public DateTimeOffset? OpenedAt { get; init; }

    /// <summary>When it was last changed.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>The newest change of it or of a comment on it that is in here; null of what is no ticket.</summary>
    public DateTimeOffset? ChangedAt { get; init; }

    /// <summary>When it was last resolved.</summary>
    public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>Who may find it; nobody while only comments on it are known.</summary>
    public IReadOnlyList<string> Readers { get; init; } = [];

    /// <summary>Who may find it by its work notes.</summary>
    public IReadOnlyList<string> NoteReaders { get; init; } = [];

    /// <summary>Public comments.</summary>
    public IReadOnlyList<SearchComment> Comments { get; init; } = [];

    /// <summary>Work notes; of a person, the mail address.</summary>
    public IReadOnlyList<SearchComment> Notes { get; init; } = [];

    /// <summary>Which analysis its texts go through.</summary>
    public string Language { get; init; } = LanguageRule.English;

    /// <summary>The texts of a German document as engines keep it, in columns of their own; null elsewhere.</summary>
    public GermanTexts? De { get; init; }

    /// <summary>The parts of compounds in its public texts, where it is German; null where there are none.</summary>
    [JsonIgnore]
    public string? CompoundParts => Language != LanguageRule.German ? null
        : string.Join(' ', new[] { Title, Description, Resolution }.Concat(Comments.Select(comment => comment.Text)).OfType<string>()
            .SelectMany(LanguageRule.Words).SelectMany(GermanCompounds.Split));

    /// <summary>The version of a comment that is known; 0 where none is.</summary>
    public long VersionOf(Guid comment) => Comments.Concat(Notes).FirstOrDefault(known => known.Id == comment)?.Version ?? 0;

    /// <summary>As JSON: what engines keep.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(Kept, SearchJson.Default.SearchDocument);

    /// <summary>As <see cref="ToJson"/>, behind what is written already.</summary>
    public void WriteTo(IBufferWriter<byte> buffer)
    {
        using var writer = new Utf8JsonWriter(buffer);
        JsonSerializer.Serialize(writer, Kept, SearchJson.Default.SearchDocument);
    }

    /// <summary>From what <see cref="ToJson"/> wrote.</summary>
    public static SearchDocument Of(JsonElement json) => Restored(json.Deserialize(SearchJson.Default.SearchDocument)!);

    /// <summary>From what <see cref="ToJson"/> wrote.</summary>
    public static SearchDocument Of(ReadOnlySpan<byte> json) =>
        Restored(JsonSerializer.Deserialize(json, SearchJson.Default.SearchDocument)!);

    private SearchDocument Kept => Language != LanguageRule.German ? this : this with
    {
        De = new GermanTexts(Title, Description, Resolution, Comments, Notes, CompoundParts), Title = "", Description = null,
        Resolution = null, Comments = [], Notes = [],
    };

    private static SearchDocument Restored(SearchDocument kept) => kept.De is not { } texts ? kept : kept with
    {
        De = null, Title = texts.Title, Description = texts.Description, Resolution = texts.Resolution, Comments = texts.Comments,
        Notes = texts.Notes,
    };
}

/// <summary>A comment or work note.</summary>
/// <param name="Id">Identity.</param>
/// <param name="Version">Version.</param>
/// <param name="Text">Its text.</param>
internal sealed record SearchComment(Guid Id, long Version, string Text);

/// <summary>Texts of a German document.</summary>
internal sealed record GermanTexts(
    string Title, string? Description, string? Resolution, IReadOnlyList<SearchComment> Comments, IReadOnlyList<SearchComment> Notes,
    string? Parts);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = false, Converters = [typeof(StageConverter)])]
[JsonSerializable(typeof(SearchDocument))]
internal sealed partial class SearchJson : JsonSerializerContext;

/// <summary>Stages in camelCase, as the API shows them.</summary>
internal sealed class StageConverter() : JsonStringEnumConverter<StateCategory>(JsonNamingPolicy.CamelCase);
