using System.Reflection;
using System.Text.RegularExpressions;
using Itsm.Platform.Access;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Search.Domain;

namespace Itsm.Search.Queries;

/// <summary>A request that searches: who asks, and for what.</summary>
internal sealed partial class SearchParameters
{
    private static readonly QueryParameter<string> Q =
        new("q", QueryValue.Text(QueryParser.Longest), "The query; everything where left out.");

    private static readonly QueryParameter<string> Sort = new("sort",
        QueryValue.Word([SearchRequest.Relevance, .. SearchCriteria.Sorts.Where(name => name != SearchRequest.Relevance)
            .SelectMany(name => new[] { name, "-" + name })]),
        "The order; a minus for the greatest first. By relevance where there is a query, else the newest change first.");

    private static readonly QueryParameter<long> LimitOfPage =
        new("limit", QueryValue.Whole(1, 200), "How many items a page has at most.", 20);

    private static readonly QueryParameter<string> CursorOfPage =
        new("cursor", QueryValue.Text(), "The next of the page before. Good for the same search and caller only.");

    private static readonly QueryParameter<bool> Count =
        new("count", QueryValue.Flag, "true for the exact number of what is found.", false);

    private static readonly QueryParameter<IReadOnlyList<string>> FacetFields = new("facets",
        QueryValue.Word([.. SearchFields.All.Where(one => one.IsFacet).Select(one => one.Name)]).Several(),
        "Fields to count by what is found, with commas.");

    private static readonly QueryParameter<bool> Explain =
        new("explain", QueryValue.Flag, $"true to have each thing explained; needs the permission {Permissions.Explain.Name}.", false);

    private static readonly QueryParameter<IReadOnlyList<string>>[] Filters =
        [.. SearchFields.All.Where(field => field.Kind is not (FieldKind.Text or FieldKind.Instant)).Select(FilterOf)];

    private static readonly QueryParameter<string>[] Bounds = [.. SearchFields.All.Where(field => field.Kind == FieldKind.Instant)
        .SelectMany(field => SearchCriteria.Bounds.Select(bound =>
            new QueryParameter<string>(
                field.Name + bound.Suffix, QueryValue.DayOrInstant, $"{field.Name} {bound.Sign} this day in UTC, or instant.")))];

    private readonly HttpContext _context;

    private SearchParameters(HttpContext context) => (_context, Caller) = (context, Caller.Of(context));

    /// <summary>Parameters of running a search that is saved.</summary>
    public static QueryParameter[] OfPage { get; } = [LimitOfPage, CursorOfPage, Count, FacetFields, Explain];

    /// <summary>Every parameter of a search.</summary>
    public static QueryParameter[] All { get; } = [Q, Sort, .. OfPage, .. Filters, .. Bounds];

    public Caller Caller { get; }

    /// <summary>What is asked for.</summary>
    public SearchCriteria Criteria =>
        new(Of(Q), Filters.Select(filter => (filter.Name, Value: Of(filter) is { } several ? string.Join(',', several) : null))
            .Concat(Bounds.Select(bound => (bound.Name, Value: Of(bound)))).Where(filter => filter.Value is not null)
            .ToDictionary(filter => filter.Name, filter => filter.Value!), Of(Sort));

    public bool Counts => Of(Count);

    public Language Language => _context.Language;

    /// <summary>Whether each hit is explained.</summary>
    /// <exception cref="HttpProblemException">403 for who may not see that.</exception>
    public bool Explains => Of(Explain) && (Caller.May(Permissions.Explain.Name) ? true
        : throw HttpProblemException.Forbidden($"explain needs the permission {Permissions.Explain.Name}."));

    public IReadOnlyList<string> Facets => [.. Of(FacetFields)?.Distinct() ?? []];

    public string? Cursor => Of(CursorOfPage);

    public int Limit => (int)Of(LimitOfPage);

    public static ValueTask<SearchParameters?> BindAsync(HttpContext context, ParameterInfo parameter) =>
        ValueTask.FromResult<SearchParameters?>(new SearchParameters(context));

    /// <summary>What a parameter has in this request.</summary>
    public T? Of<T>(QueryParameter<T> parameter) => parameter.Of(_context.Request);

    /// <summary>Says where the next page is, as lists do.</summary>
    public void Link(string next)
    {
        var query = _context.Request.Query.Where(pair => pair.Key != "cursor")
            .Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value.ToString())).Append(new("cursor", next));
        _context.Response.Headers.Link = $"<{_context.Request.Path}{QueryString.Create(query)}>; rel=\"next\"";
    }

    private static QueryParameter<IReadOnlyList<string>> FilterOf(SearchField field) => new(field.Name,
        (field switch
        {
            { Kind: FieldKind.Number } => QueryValue.Form(NumberOrRange(), $"a whole number, or a range such as 1..3"),
            { Name: SearchFields.Stage } => QueryValue.Word([.. SearchFields.Stages, SearchFields.None]),
            _ => QueryValue.Text(),
        }).Several(),
        field.Kind switch
        {
            _ when field.Name == SearchFields.Kind =>
                $"Any of these kinds, with commas: incident, request and so on, {string.Join(", ", SearchDocument.NoTickets)}.",
            FieldKind.Person => "People's ids or user names, or me, with commas; none for those without.",
            FieldKind.Group => "Groups' ids or keys, or mine, with commas; none for those without.",
            FieldKind.Category => "Ids or keys of categories, with commas; none for those without.",
            FieldKind.Item => "Ids, numbers or keys of services and configuration items, with commas; none for those without.",
            FieldKind.Number => "Any of these numbers or ranges, with commas.",
            _ => "Any of these words, with commas; none for those without.",
        });

    [GeneratedRegex("^([0-9]{1,9}|[0-9]{0,9}[.][.][0-9]{0,9})$")]
    private static partial Regex NumberOrRange();
}
