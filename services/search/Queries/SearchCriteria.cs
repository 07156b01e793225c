using Itsm.Platform.Access;
using Itsm.Platform.Errors;
using Itsm.Platform.Values;
using Itsm.Search.Domain;

namespace Itsm.Search.Queries;

/// <summary>What a caller asks for in words: kept by saved searches, understood anew for whoever runs it.</summary>
/// <param name="Q">The query; null for everything.</param>
/// <param name="Filters">Values by parameter: <c>state</c>, <c>openedAt[gte]</c>.</param>
/// <param name="Sort">As in lists; null for the default.</param>
public sealed record SearchCriteria(string? Q, IReadOnlyDictionary<string, string> Filters, string? Sort)
{
    internal static readonly (string Suffix, string Sign)[] Bounds = [("[gte]", ">="), ("[gt]", ">"), ("[lte]", "<="), ("[lt]", "<")];

    /// <summary>The names of all filters.</summary>
    internal static IReadOnlyList<string> FilterNames { get; } =
    [
        .. SearchFields.All.Where(field => field.Kind is not (FieldKind.Text or FieldKind.Instant)).Select(field => field.Name),
        .. SearchFields.All.Where(field => field.Kind == FieldKind.Instant)
            .SelectMany(field => Bounds.Select(bound => field.Name + bound.Suffix)),
    ];

    /// <summary>What can be sorted by, with relevance.</summary>
    internal static IReadOnlyList<string> Sorts { get; } = [SearchRequest.Relevance,
        .. SearchFields.All.Where(field => field.IsSort).Select(field => field.Name)];

    /// <summary>What an engine is to find for this caller, and sentences on what of the query was read otherwise than it looks.</summary>
    /// <exception cref="HttpProblemException">400 that names the parameter, and in a query the place.</exception>
    internal async ValueTask<(SearchRequest Request, IReadOnlyList<Sentence> Hints)> ToRequestAsync(
        Caller caller, QueryValues values, int limit, CancellationToken ct)
    {
        var sort = Sort ?? (Q is null ? "-updatedAt" : SearchRequest.Relevance);
        var field = sort.TrimStart('-');
        if (!Sorts.Contains(field) || sort is "-" + SearchRequest.Relevance || sort.Length - field.Length > 1)
        {
            throw HttpProblemException.Invalid("?sort", FieldCode.NotOneOf,
                $"sort can't be {sort.Quoted}: {Sorts.Listed}, each but relevance also with a minus.");
        }

        List<SearchNode> nodes = [];
        var (parsed, hints) = await QueryAsync(caller, values, ct);
        if (parsed is { } query)
        {
            nodes.AddRange(query is AllOf { Nodes: var all } ? all : [query]);
        }

        foreach (var (name, value) in Filters)
        {
            nodes.Add(await FilterAsync(name, value, caller, values, ct));
        }

        if (SearchDocument.OnlyNamed.Except(nodes.SelectMany(KindsIn)).ToList() is { Count: > 0 } others)
        {
            nodes.Add(new Not(new Values(SearchFields.Kind, others)));
        }

        return (SearchRequest.For(caller, nodes is [var only] ? only : new AllOf(nodes), limit) with
        {
            Sort = field, Descending = sort[0] == '-' || field == SearchRequest.Relevance,
        }, hints);
    }

    private static IEnumerable<string> KindsIn(SearchNode node) => node switch
    {
        Values { Field: SearchFields.Kind } kinds => kinds.AnyOf,
        AllOf all => all.Nodes.SelectMany(KindsIn),
        AnyOf any => any.Nodes.SelectMany(KindsIn),
        _ => [],
    };

    private async ValueTask<(SearchNode? Query, IReadOnlyList<Sentence> Hints)> QueryAsync(
        Caller caller, QueryValues values, CancellationToken ct)
    {
        try
        {
            return Q is null ? (null, []) : (await values.ResolveAsync(QueryParser.Parse(Q, out var hints), caller, ct), hints);
        }
        catch (QuerySyntaxException e)
        {
            var place = e.At + 1;
            var invalid = HttpProblemException.Invalid("?q", FieldCode.WrongFormat, $"q, at character {place}: {e.Problem}.");
            throw new HttpProblemException(invalid.Problem with { Position = e.At });
        }
    }

    private static async ValueTask<SearchNode> FilterAsync(
        string name, string value, Caller caller, QueryValues values, CancellationToken ct)
    {
        var bound = Bounds.FirstOrDefault(bound => name.EndsWith(bound.Suffix, StringComparison.Ordinal));
        var field = FilterNames.Contains(name) ? SearchFields.Find(bound.Suffix is null ? name : name[..^bound.Suffix.Length])
            : throw HttpProblemException.Invalid($"?{name}", FieldCode.UnknownField,
                $"There is no filter {name.Quoted}; there are: {FilterNames.Listed}.");
        try
        {
            return await values.ResolveAsync(new Asked(field!, bound.Sign ?? "", value, 0), caller, ct);
        }
        catch (QuerySyntaxException e)
        {
            throw HttpProblemException.Invalid($"?{name}", FieldCode.WrongFormat, $"{name}: {e.Problem}.");
        }
    }
}
