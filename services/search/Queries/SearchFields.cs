using System.Collections.Frozen;
using System.Text.Json;
using Itsm.Contracts.Ticketing;

namespace Itsm.Search.Queries;

/// <summary>What kind of values a field has, and so how it is asked for.</summary>
internal enum FieldKind
{
    /// <summary>Words, found by their stems.</summary>
    Text,

    /// <summary>Exact text.</summary>
    Word,

    /// <summary>A person: id, user name, <c>me</c>.</summary>
    Person,

    /// <summary>A group: id, key, <c>mine</c>.</summary>
    Group,

    /// <summary>A node of a category tree: id or key.</summary>
    Category,

    /// <summary>A service or configuration item: id, number, key, or as the ticket calls it.</summary>
    Item,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>An instant, or a day in UTC.</summary>
    Instant,
}

/// <summary>A field that things can be found by.</summary>
/// <param name="Name">As callers and engines call it.</param>
/// <param name="Kind">What values it has.</param>
/// <param name="IsFacet">True where what is found is counted by it on request.</param>
/// <param name="IsSort">True where what is found can be ordered by it.</param>
internal sealed record SearchField(string Name, FieldKind Kind, bool IsFacet = false, bool IsSort = false)
{
    /// <summary>Another name that callers may use.</summary>
    public string? Alias { get; init; }

    /// <summary>True for what is compared, not only matched.</summary>
    public bool IsOrdered => Kind is FieldKind.Number or FieldKind.Instant;
}

/// <summary>All fields: what the grammar, the query parameters, the facets and both engines know.</summary>
internal static class SearchFields
{
    public const string Id = "id";
    public const string Kind = "kind";
    public const string Number = "number";
    public const string OtherNames = "otherNames";
    public const string Title = "title";
    public const string Description = "description";
    public const string Resolution = "resolution";
    public const string Comments = "comments";
    public const string Notes = "notes";
    public const string Readers = "readers";
    public const string NoteReaders = "noteReaders";
    public const string ChangedAt = "changedAt";
    public const string Stage = "stage";

    /// <summary>Engines' own: public words as they stand, not stemmed; for prefixes and misspellings.</summary>
    public const string Words = "words";

    /// <summary>As <see cref="Words"/>, of the work notes.</summary>
    public const string NoteWords = "noteWords";

    /// <summary>As <see cref="Words"/>, of number, title and other names alone.</summary>
    public const string Names = "names";

    /// <summary>Letters, at most, of the beginnings that <see cref="Names"/> keeps beside its words.</summary>
    public const int LongestBeginning = 3;

    /// <summary>Before the columns of German texts; the others are as English ones.</summary>
    public const string German = "de.";

    /// <summary>Engines' own: the parts of German compounds in public texts.</summary>
    public const string Parts = German + PartsName;

    /// <summary>The name of <see cref="Parts"/> among the German columns.</summary>
    public const string PartsName = "parts";

    /// <summary>What stands for nothing in facets and filters.</summary>
    public const string None = "none";

    /// <summary>The values of <see cref="Stage"/>.</summary>
    public static IReadOnlyList<string> Stages { get; } =
        [.. Enum.GetNames<StateCategory>().Select(JsonNamingPolicy.CamelCase.ConvertName)];

    public static IReadOnlyList<SearchField> All { get; } =
    [
        new(Kind, FieldKind.Word, IsFacet: true),
        new(Number, FieldKind.Word, IsSort: true),
        new(Title, FieldKind.Text),
        new(Description, FieldKind.Text),
        new(Comments, FieldKind.Text) { Alias = "comment" },
        new(Notes, FieldKind.Text) { Alias = "note" },
        new("state", FieldKind.Word, IsFacet: true),
        new(Stage, FieldKind.Word, IsFacet: true),
        new("priority", FieldKind.Number, IsFacet: true, IsSort: true),
        new("requester", FieldKind.Person),
        new("openedBy", FieldKind.Person),
        new("assignmentGroup", FieldKind.Group, IsFacet: true) { Alias = "group" },
        new("assignee", FieldKind.Person, IsFacet: true),
        new("approver", FieldKind.Person, IsFacet: true),
        new("category", FieldKind.Category, IsFacet: true),
        new("owner", FieldKind.Person, IsFacet: true),
        new("class", FieldKind.Word, IsFacet: true),
        new("affectedService", FieldKind.Item, IsFacet: true) { Alias = "service" },
        new("configurationItem", FieldKind.Item) { Alias = "ci" },
        new("openedAt", FieldKind.Instant, IsSort: true) { Alias = "opened" },
        new("updatedAt", FieldKind.Instant, IsSort: true) { Alias = "updated" },
        new("resolvedAt", FieldKind.Instant) { Alias = "resolved" },
        new("closedAt", FieldKind.Instant) { Alias = "closed" },
    ];

    private static readonly FrozenDictionary<string, SearchField> ByName =
        All.SelectMany(field => field.Alias is { } alias ? new[] { (field.Name, field), (alias, field) } : [(field.Name, field)])
            .ToFrozenDictionary(pair => pair.Item1, pair => pair.Item2, StringComparer.OrdinalIgnoreCase);

    /// <summary>The columns that keep the stems of a text field: how a ticket was resolved is searched with its description.</summary>
    public static string[] Columns(string field) => field == Description
        ? [Description, Resolution, German + Description, German + Resolution]
        : [field, German + field];

    /// <summary>Whether a column keeps what is in work notes.</summary>
    public static bool IsOfNotes(string column) => column is Notes or NoteWords or German + Notes;

    public static SearchField? Find(string name) => ByName.GetValueOrDefault(name);
}
