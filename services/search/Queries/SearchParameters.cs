using System.Globalization;
using System.Reflection;
using Itsm.Platform.Access;
using Itsm.Platform.Errors;
using Itsm.Platform.Values;

namespace Itsm.Search.Queries;

/// <summary>A request that searches: who asks, and for what.</summary>
internal sealed class SearchParameters
{
    private const int DefaultLimit = 20;
    private const int MostItems = 200;
    private readonly HttpContext _context;

    private SearchParameters(HttpContext context) => (_context, Caller) = (context, Caller.Of(context));

    /// <summary>Every parameter of a search.</summary>
    public static string[] Names { get; } = ["q", "sort", "limit", "cursor", "count", "facets", "explain", .. SearchCriteria.FilterNames];

    /// <summary>Parameters of running a search that is saved.</summary>
    public static string[] PageNames { get; } = ["limit", "cursor", "count", "facets", "explain"];

    public Caller Caller { get; }

    /// <summary>What is asked for.</summary>
    public SearchCriteria Criteria =>
        new(Text("q"),
            SearchCriteria.FilterNames.Select(name => (name, value: Text(name))).Where(filter => filter.value is not null)
                .ToDictionary(filter => filter.name, filter => filter.value!), Text("sort"));

    public bool Counts => IsTrue("count");

    /// <summary>Whether each hit is explained.</summary>
    /// <exception cref="HttpProblemException">403 for who may not see that.</exception>
    public bool Explains => IsTrue("explain") && (Caller.May(Permissions.Explain.Name) ? true
        : throw HttpProblemException.Forbidden($"explain needs the permission {Permissions.Explain.Name}."));

    public IReadOnlyList<string> Facets
    {
        get
        {
            string[] known = [.. SearchFields.All.Where(one => one.IsFacet).Select(one => one.Name)];
            string[] asked = [.. Text("facets")?.Split(',', StringSplitOptions.TrimEntries).Distinct() ?? []];
            return asked.Except(known).FirstOrDefault() is { } unknown
                ? throw HttpProblemException.Invalid("?facets", FieldCode.NotOneOf,
                    $"facets can't have {unknown.Quoted}: {string.Join(", ", known)}.")
                : asked;
        }
    }

    public string? Cursor => Text("cursor");

    public static ValueTask<SearchParameters?> BindAsync(HttpContext context, ParameterInfo parameter) =>
        ValueTask.FromResult<SearchParameters?>(new SearchParameters(context));

    public int Limit(int otherwise = DefaultLimit, int most = MostItems) => Text("limit") switch
    {
        null => otherwise,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit >= 1 && limit <= most =>
            limit,
        var text => throw HttpProblemException.Invalid("?limit", FieldCode.OutOfRange, $"limit can't be {text.Quoted}: 1 to {most}."),
    };

    /// <summary>Says where the next page is, as lists do.</summary>
    public void Link(string next)
    {
        var query = _context.Request.Query.Where(pair => pair.Key != "cursor")
            .Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value.ToString())).Append(new("cursor", next));
        _context.Response.Headers.Link = $"<{_context.Request.Path}{QueryString.Create(query)}>; rel=\"next\"";
    }

    private bool IsTrue(string name) => Text(name) switch
    {
        null or "false" => false,
        "true" => true,
        var other => throw HttpProblemException.Invalid($"?{name}", FieldCode.NotOneOf, $"{name} can't be {other.Quoted}: true or false."),
    };

    public string? Text(string name) => _context.Request.Query.TryGetValue(name, out var values)
        ? values.Count == 1
        ? values[0]!.Length > 0 ? values[0] : throw HttpProblemException.Invalid($"?{name}", FieldCode.Blank, $"{name} is empty.")
        : throw HttpProblemException.Invalid($"?{name}", FieldCode.Repeated, $"{name} is given {values.Count} times.")
        : null;
}
