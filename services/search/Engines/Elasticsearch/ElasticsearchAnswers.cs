using System.Globalization;
using System.Text.Json;
using Itsm.Platform.Documents;
using Itsm.Search.Domain;
using Itsm.Search.Queries;

namespace Itsm.Search.Engines.Elasticsearch;

/// <summary>Reads answers to searches.</summary>
internal static class ElasticsearchAnswers
{
    /// <summary>What a search found.</summary>
    /// <exception cref="StoreUnavailableException">The engine did not look at everything.</exception>
    public static SearchResult Read(JsonElement answer, SearchRequest request, string? view)
    {
        if ((answer.TryGetProperty("timed_out", out var late) && late.GetBoolean())
            || (answer.TryGetProperty("_shards", out var shards) && shards.GetProperty("failed").GetInt32() > 0))
        {
            throw new StoreUnavailableException("Elasticsearch could not look at everything in time.");
        }

        view = answer.TryGetProperty("pit_id", out var renewed) ? renewed.GetString() : view;
        var byScore = request.Sort == SearchRequest.Relevance;
        var hits = answer.GetProperty("hits");
        return new SearchResult(
            [.. hits.GetProperty("hits").EnumerateArray().Select(hit =>
            {
                var document = SearchDocument.Of(hit.GetProperty("_source"));
                return new SearchHit(document, byScore ? hit.GetProperty("_score").GetDouble() : 0,
                    new SearchPosition(ValueOf(hit.GetProperty("sort")[0]), document.Id, view))
                {
                    Highlights = ElasticsearchHighlights.Read(hit, document, request),
                    Explanation = request.Clauses?.Explain(Scores(hit)),
                };
            })],
            hits.GetProperty("total").GetProperty("value").GetInt64(),
            request.Facets.ToDictionary(field => field, field => Buckets(answer, field)));
    }

    /// <summary>How many documents there are of each value.</summary>
    public static IReadOnlyDictionary<string, long> Buckets(JsonElement answer, string field) =>
        answer.GetProperty("aggregations").GetProperty(field).GetProperty("buckets").EnumerateArray().ToDictionary(
            bucket => ElasticsearchQueries.FacetValue(field, bucket.GetProperty("key")),
            bucket => bucket.GetProperty("doc_count").GetInt64());

    /// <summary>An aggregation of instants; null where there were none.</summary>
    public static DateTimeOffset? Instant(JsonElement answer, string name) =>
        answer.GetProperty("aggregations").GetProperty(name).GetProperty("value") is { ValueKind: JsonValueKind.Number } value
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)value.GetDouble())
            : null;

    private static Dictionary<int, double> Scores(JsonElement hit) =>
        !hit.TryGetProperty("matched_queries", out var matched) ? []
        : matched.EnumerateObject().ToDictionary(
            clause => int.Parse(clause.Name, CultureInfo.InvariantCulture), clause => clause.Value.GetDouble());

    private static object? ValueOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.TryGetInt64(out var whole) ? whole : value.GetDouble(),
        _ => null,
    };
}
