using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Errors;
using Itsm.Platform.Replicas;
using Itsm.Platform.Unicode;
using Itsm.Platform.Values;
using Itsm.Search.Engines;
using Itsm.Search.Queries;

namespace Itsm.Search.Finding;

/// <summary>Finds for a caller: page, facets with names, highlights.</summary>
internal sealed class Finder(
    ISearchEngine engine, QueryValues values, QueryRules rules, Corrections corrections, People people,
    Replica<CategoryChanged> categories, NamedItems items, Meanings.Meanings meanings)
{
    /// <summary>A page of what the caller may find.</summary>
    public async Task<SearchPage> PageAsync(SearchParameters asked, SearchCriteria criteria, CancellationToken ct)
    {
        var limit = asked.Limit;
        var (understood, hints) = await criteria.ToRequestAsync(asked.Caller, values, limit + 1, ct);
        var request = understood with
        {
            Facets = asked.Facets, Highlights = true, Clauses = asked.Explains ? new Clauses() : null,
            After = asked.Cursor is { } cursor ? SearchCursor.Parse(cursor, asked.Caller, criteria) : null,
        };
        var indexedUntil = await engine.IndexedUntilAsync(ct);
        var (result, counts) = (await engine.SearchAsync(request with { Query = rules.Apply(request.Query) }, ct), asked.Counts);
        string? instead = null;
        if (criteria.Q is { } q && asked.Cursor is null && result.Total < Corrections.Few)
        {
            instead = await corrections.FindAsync(asked.Caller, q.ToNfc(), understood.Query, result.Total, rules, ct);
        }

        if (result.Total == 0 && criteria.Q is not null)
        {
            (result, hints) = await LoosenAsync(request, result, hints, ct);
            if (asked.Cursor is null && request.Sort == SearchRequest.Relevance && result.Total < limit)
            {
                (result, hints) = await WithAlikeAsync(request, result, hints, limit, ct);
            }
        }

        var next = result.Hits.Count > limit ? SearchCursor.Of(result.Hits[limit - 1].Position, asked.Caller, criteria) : null;
        if (next is not null)
        {
            asked.Link(next);
        }

        var facets = new Dictionary<string, IReadOnlyList<FacetValue>>();
        foreach (var (field, found) in result.Facets)
        {
            facets[field] = await NameAsync(SearchFields.Find(field)!.Kind, found, asked.Caller, ct);
        }

        return new SearchPage(
            [.. result.Hits.Take(limit).Select(hit => FoundThing.Of(hit, asked.Caller) with
            {
                Highlights = hit.Highlights, Explanation = hit.Explanation,
            })], next,
            counts ? result.Total : null, asked.Facets.Count > 0 ? facets : null,
            hints.Count > 0 ? [.. hints.Select(hint => hint.In(asked.Language))] : null, instead,
            indexedUntil);
    }

    /// <summary>How many things the caller may find.</summary>
    public async Task<long> CountAsync(Caller caller, SearchCriteria criteria, CancellationToken ct)
    {
        var (request, _) = await criteria.ToRequestAsync(caller, values, 0, ct);
        return (await engine.SearchAsync(request with { Query = rules.Apply(request.Query) }, ct)).Total;
    }

    /// <summary>Refuses criteria that can't be understood.</summary>
    /// <exception cref="HttpProblemException">400.</exception>
    public async Task CheckAsync(Caller caller, SearchCriteria criteria, CancellationToken ct) =>
        await criteria.ToRequestAsync(caller, values, 0, ct);

    /// <summary>What is nearest where nothing has all words.</summary>
    private async Task<(SearchResult, IReadOnlyList<Sentence>)> LoosenAsync(
        SearchRequest request, SearchResult nothing, IReadOnlyList<Sentence> hints, CancellationToken ct)
    {
        foreach (var (node, hint) in rules.Loosened(request.Query))
        {
            if (await engine.SearchAsync(request with { Query = node }, ct) is { Total: > 0 } found)
            {
                return (found, [.. hints, hint]);
            }
        }

        return (nothing, hints);
    }

    /// <summary>Also what means much the same, as far as there is room on the page.</summary>
    private async Task<(SearchResult, IReadOnlyList<Sentence>)> WithAlikeAsync(
        SearchRequest request, SearchResult byWords, IReadOnlyList<Sentence> hints, int limit, CancellationToken ct)
    {
        var (text, others) = rules.Sentence(request.Query);
        var alike = text is null || await meanings.OfAsync(text, null, ct) is not { } meaning ? []
            : (await engine.SearchAsync(request with
            {
                Query = others, Near = meaning, Limit = limit, Facets = [], Highlights = false, Clauses = null,
            }, ct)).Hits;
        var known = byWords.Hits.Select(hit => hit.Document.Id).ToHashSet();
        var added = alike.Select(hit => hit.Document.Id).Where(id => !known.Contains(id)).Take(limit - known.Count).ToHashSet();
        if (added.Count == 0)
        {
            return (byWords, hints);
        }

        var hits = Fusion.Of(byWords.Hits, [.. alike.Where(hit => known.Contains(hit.Document.Id) || added.Contains(hit.Document.Id))],
            request.Clauses is not null);
        var counted = request.Facets.Count == 0 ? byWords : await engine.SearchAsync(request with
        {
            Query = new Values(SearchFields.Id, [.. hits.Select(hit => hit.Document.Id.ToString())]), Limit = 0, Clauses = null,
        }, ct);
        return (counted with { Hits = hits, Total = hits.Count }, [.. hints, $"Some of these have none of the words, but a like meaning."]);
    }

    private async Task<IReadOnlyList<FacetValue>> NameAsync(
        FieldKind kind, IReadOnlyDictionary<string, long> found, Caller caller, CancellationToken ct)
    {
        var named = new List<FacetValue>();
        foreach (var (value, count) in found.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var name = kind == FieldKind.Item ? (await items.FindAsync(value, caller, ct))?.Name
                : !Guid.TryParse(value, out var id) ? null : kind switch
            {
                FieldKind.Person => (await people.FindPersonAsync(id, ct))?.Name,
                FieldKind.Group => (await people.FindGroupAsync(id, ct))?.Name,
                FieldKind.Category => (await categories.FindAsync(id, ct))?.Name,
                _ => null,
            };
            named.Add(new FacetValue(value, name, count));
        }

        return named;
    }
}

/// <summary>A page of what was found.</summary>
/// <param name="Items">At most as many as <c>limit</c> says.</param>
/// <param name="Next">The cursor of the next page; null on the last.</param>
/// <param name="Count">How many there are in all that the caller may find; only where <c>count=true</c> asks for it. Of what is found by its
/// meaning, as many as there is room for on this page.</param>
/// <param name="Facets">For each field that <c>facets</c> names: how many of all that were found have each value.</param>
/// <param name="Hints">Sentences on what of <c>q</c> was read otherwise than it looks, such as a word before a colon that is no
/// field, or that nothing has all of its words and what was found instead.</param>
/// <param name="DidYouMean">A query that differs in words that few things have, and finds more for this caller; absent where there is none,
/// and on later pages.</param>
/// <param name="IndexedUntil">The newest change of a ticket or comment that the index held when this was looked for: what changed later may
/// not be found yet. It stays where nothing changes; absent while the index holds nothing.</param>
public sealed record SearchPage(
    IReadOnlyList<FoundThing> Items, string? Next, long? Count, IReadOnlyDictionary<string, IReadOnlyList<FacetValue>>? Facets,
    IReadOnlyList<Sentence>? Hints, string? DidYouMean, DateTimeOffset? IndexedUntil);

/// <summary>How many of what was found have a value.</summary>
/// <param name="Value">As a filter takes it; <c>none</c> for things without.</param>
/// <param name="Name">Name of the person, group, category or configuration item; null for other values.</param>
/// <param name="Count">Exact, for this caller.</param>
public sealed record FacetValue(string Value, string? Name, long Count);
