using Itsm.Platform.Aggregates;

namespace Itsm.Platform.Http;

/// <summary>What a list can be filtered and sorted by: its query parameters.</summary>
public sealed class ListDefinition
{
    private const int DefaultLimit = 50;
    private const int MostItems = 200;

    /// <summary>Filters by parameter name.</summary>
    public required IReadOnlyList<Filter> Filters { get; init; }

    /// <summary>Fields to sort by.</summary>
    public required IReadOnlyList<string> Sorts { get; init; }

    /// <summary>Instants to sort by that not all things have, by the name that callers use: things without come last, whatever the
    /// direction.</summary>
    public IReadOnlyDictionary<string, string> SortFields { get; init; } = new Dictionary<string, string>();

    /// <summary>The same of texts and days.</summary>
    public IReadOnlyDictionary<string, string> TextSorts { get; init; } = new Dictionary<string, string>();

    /// <summary>Fields with few values to sort by, each value's things in an order of their own.</summary>
    public IReadOnlyDictionary<string, GroupedSort> GroupedSorts { get; init; } = new Dictionary<string, GroupedSort>();

    /// <summary>The order without <c>sort</c>: a field, with a minus for the greatest first.</summary>
    public required string DefaultSort { get; init; }

    /// <summary>Fields with ids of people or groups of which <c>expand</c> adds user names, keys and names.</summary>
    public IReadOnlyList<string> Expandable { get; init; } = [];

    /// <summary>Explain to <c>expand</c> fields with ids or names of other things.</summary>
    public IReadOnlyList<Expander> Expanders { get; init; } = [];

    /// <summary>The fields of an item when <c>fields</c> says nothing; null for all.</summary>
    public IReadOnlySet<string>? Summary { get; init; }

    internal static QueryParameter<long> Limit { get; } =
        new("limit", QueryValue.Whole(1, MostItems), "How many items a page has at most.", DefaultLimit);

    internal static QueryParameter<IReadOnlyList<Guid>> Ids { get; } = new("id", QueryValue.Id.Several(MostItems),
        "Those of these things that the caller may see, in this order; goes with fields, count and expand only.");

    internal static QueryParameter<string> Cursor { get; } =
        new("cursor", QueryValue.Text(), "The next of the page before. Good for the same filters, order and caller only.");

    internal static QueryParameter<bool> Count { get; } =
        new("count", QueryValue.Flag, "true for the exact number of visible items.", false);

    internal QueryParameter<string> Sort => field ??= new("sort",
        QueryValue.Word([.. Sorts.Concat(SortFields.Keys).Concat(TextSorts.Keys).Concat(GroupedSorts.Keys)
            .SelectMany(name => new[] { name, "-" + name })]),
        "The order; a minus for the greatest first."
        + string.Concat(GroupedSorts.Select(sort => $" Those of one {sort.Key} come in the order {sort.Value.Within}.")), DefaultSort);

    internal QueryParameter<IReadOnlyList<string>> Expand => field ??= new("expand", QueryValue.Word([.. Explained.Keys]).Several(),
        "Fields with ids or keys that the member expanded explains: who or what they stand for.");

    /// <summary>The fields that <c>expand</c> takes, with the type of what it adds.</summary>
    internal IReadOnlyDictionary<string, Type> Explained => field ??= Expandable.Select(name => (Name: name, Type: typeof(PersonOrGroup)))
        .Concat(Expanders.Select(one => (Name: one.Field, Type: one.Explanation))).ToDictionary(one => one.Name, one => one.Type);

    internal QueryParameter<IReadOnlyList<string>> ExpandOfExport => field ??= new("expand", QueryValue.Word(Expandable).Several(),
        "Fields with ids of people or groups that the member expanded of each line explains; in a table, fields after which comes a column "
        + "with their names: requester.name.");

    internal IEnumerable<QueryParameter> FilterParameters => Filters.SelectMany(filter => filter.Parameters);

    /// <summary>All parameters of a list of these records.</summary>
    internal IEnumerable<QueryParameter> ParametersOf<T>()
        where T : Record =>
        [
            .. FilterParameters, Ids, Limit, Cursor, Sort, Count, FieldSelection<T>.OfList, .. Explained.Count > 0 ? new[] { Expand } : [],
            .. Markdowns<T>.Parameters,
        ];
}
