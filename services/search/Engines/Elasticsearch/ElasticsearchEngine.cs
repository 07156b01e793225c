using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Itsm.Platform.Documents;
using Itsm.Search.Domain;
using Itsm.Search.Queries;
using Microsoft.Extensions.Options;

namespace Itsm.Search.Engines.Elasticsearch;

/// <summary>Elasticsearch 8 and 9, or OpenSearch 2, over REST. A generation is an index with an alias for writing, so that writing into one
/// that somebody deleted fails instead of making another; the alias for searching names the one that serves.</summary>
internal sealed class ElasticsearchEngine(
    ElasticsearchClient client, string prefix, TextAnalysis analysis, IOptions<SearchSettings> settings, TimeProvider clock)
    : ISearchEngine
{
    private const string QueryTimeout = "5s";
    private const string ViewKept = "2m";
    private const int MostIds = 1_000;
    private static readonly TimeSpan LongestWrite = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan GenerationsKept = TimeSpan.FromSeconds(2);
    private readonly ElasticsearchQueries _queries = new(analysis);
    private (IReadOnlyList<int> Generations, DateTimeOffset At)? _known;
    private bool? _isOpenSearch;

    public string Name => "elasticsearch";

    // What it has acknowledged is in its log on disk.
    public bool MayHaveLost => false;

    private string Alias => $"{prefix}-search-v{SearchDocument.Format}";

    public async Task<int?> ServingAsync(CancellationToken ct)
    {
        var (status, body) = await client.SendAsync(HttpMethod.Get, $"_alias/{Alias}", null, ct);
        return status == HttpStatusCode.NotFound ? null : body!.AsObject().Select(index => (int?)NumberOf(index.Key)).FirstOrDefault();
    }

    public async Task<IReadOnlyList<int>> GenerationsAsync(CancellationToken ct)
    {
        if (_known is { } known && clock.GetUtcNow() - known.At < GenerationsKept)
        {
            return known.Generations;
        }

        var (_, body) = await client.SendAsync(HttpMethod.Get, $"{Alias}-0*/_alias", null, ct);
        IReadOnlyList<int> generations = [.. body!.AsObject().Select(index => NumberOf(index.Key)).Order()];
        _known = (generations, clock.GetUtcNow());
        return generations;
    }

    public async Task CreateAsync(int generation, CancellationToken ct)
    {
        await client.SendAsync(HttpMethod.Put, $"_index_template/{Alias}",
            ElasticsearchSchema.Template(Alias + "-", analysis, settings.Value), ct);
        var aliases = new JsonObject { ["aliases"] = new JsonObject { [Writes(generation)] = new JsonObject() } };
        var (status, body) = await client.SendAsync(HttpMethod.Put, Index(generation), aliases.ToJsonString(), ct,
            HttpStatusCode.BadRequest);
        _known = null;
        if (status == HttpStatusCode.BadRequest && ErrorOf(body) != "resource_already_exists_exception")
        {
            throw new InvalidOperationException($"The index {Index(generation)} can't be made: {body}");
        }
    }

    public async Task ServeAsync(int generation, CancellationToken ct)
    {
        var (status, body) = await client.SendAsync(HttpMethod.Get, $"_alias/{Alias}", null, ct);
        var actions = new JsonArray([.. (status == HttpStatusCode.NotFound ? [] : body!.AsObject().Select(index => index.Key))
            .Where(index => index != Index(generation))
            .Select(index => new JsonObject { ["remove"] = Target(index) })
            .Append(new JsonObject { ["add"] = Target(Index(generation)) })]);
        if ((await client.SendAsync(HttpMethod.Post, "_aliases", new JsonObject { ["actions"] = actions }.ToJsonString(), ct))
            .Status == HttpStatusCode.NotFound)
        {
            throw new GenerationMissingException(generation);
        }

        JsonObject Target(string index) => new() { ["index"] = index, ["alias"] = Alias };
    }

    public async Task DropAsync(int generation, CancellationToken ct)
    {
        await client.SendAsync(HttpMethod.Delete, Index(generation), null, ct);
        _known = null;
    }

    public async Task<int> ApplyAsync(int generation, IReadOnlyList<DocumentChange> changes, CancellationToken ct)
    {
        var changed = new HashSet<Guid>();
        var (left, backoff) = (changes, new Backoff(LongestWrite));
        while (left.Count > 0)
        {
            var known = await ReadAsync(generation, [.. left.Select(change => change.Id).Distinct()], ct);
            var bulk = new StringBuilder();
            List<SearchDocument> written = [];
            foreach (var same in left.GroupBy(change => change.Id))
            {
                var before = known.GetValueOrDefault(same.Key);
                var after = same.Aggregate(before?.Document, (document, change) => change.Change(document) ?? document);
                if (after is not null && !ReferenceEquals(after, before?.Document))
                {
                    written.Add(after);
                    Append(bulk, generation, after, before);
                }
            }

            var conflicts = written.Count == 0 ? [] : await WriteAsync(generation, written, bulk.ToString(), ct);
            changed.UnionWith(written.Select(document => document.Id).Except(conflicts));
            left = [.. left.Where(change => conflicts.Contains(change.Id))];
            if (left.Count > 0 && !await backoff.PauseAsync(ct))
            {
                throw new StoreUnavailableException(
                    $"{conflicts.Count} documents could not be written: others kept changing them, or Elasticsearch has too much to do.");
            }
        }

        return changed.Count;
    }

    public async Task<IReadOnlyDictionary<Guid, SearchDocument>> FindAsync(
        int generation, IReadOnlyCollection<Guid> ids, CancellationToken ct) =>
        (await ReadAsync(generation, ids, ct)).ToDictionary(known => known.Key, known => known.Value.Document);

    public async Task<SearchResult> SearchAsync(SearchRequest request, CancellationToken ct)
    {
        var byScore = request.Sort == SearchRequest.Relevance;

        // Opened with the second page: a view for every search would be too many for the engine to keep.
        var view = byScore && request.After is { } after ? after.View ?? await OpenViewAsync(ct) : null;
        var (status, body) = await SendAsync(view);
        if (status == HttpStatusCode.NotFound && view is not null)
        {
            // The view has expired: on with the index as it is now.
            view = null;
            (status, body) = await SendAsync(null);
        }

        if (status == HttpStatusCode.NotFound)
        {
            throw new StoreUnavailableException("The index is being filled for the first time.");
        }

        if (body!["timed_out"]?.GetValue<bool>() == true || body["_shards"]?["failed"]?.GetValue<int>() > 0)
        {
            throw new StoreUnavailableException("Elasticsearch could not look at everything in time.");
        }

        view = body["pit_id"]?.GetValue<string>() ?? view;
        var hits = body["hits"]!["hits"]!.AsArray().Select(hit =>
        {
            var document = SearchDocument.Of(Encoding.UTF8.GetBytes(hit!["_source"]!.ToJsonString()));
            return new SearchHit(document, byScore ? hit["_score"]!.GetValue<double>() : 0,
                new SearchPosition(ValueOf(hit["sort"]![0]), document.Id, view));
        }).ToList();
        var facets = request.Facets.ToDictionary(field => field, field =>
            (IReadOnlyDictionary<string, long>)body["aggregations"]![field]!["buckets"]!.AsArray()
            .ToDictionary(bucket => ElasticsearchQueries.FacetValue(field, bucket!["key"]!), bucket =>
                bucket!["doc_count"]!.GetValue<long>()));
        return new SearchResult(hits, body["hits"]!["total"]!["value"]!.GetValue<long>(), facets);

        Task<(HttpStatusCode, JsonNode?)> SendAsync(string? name) =>
            client.SendAsync(HttpMethod.Post, name is null ? $"{Alias}/_search" : "_search",
            _queries.Build(request, QueryTimeout, name is null ? null : new JsonObject { ["id"] = name, ["keep_alive"] = ViewKept }), ct);
    }

    public async Task<IReadOnlyDictionary<string, long>> CountAsync(int generation, CancellationToken ct)
    {
        const string Body =
            """{"size":0,"track_total_hits":false,"query":{"range":{"version":{"gte":1}}},"aggs":"""
            + """{"kind":{"terms":{"field":"kind","size":100}}}}""";
        var body = await InGenerationAsync(generation, HttpMethod.Post, "_search", Body, ct);
        return body["aggregations"]!["kind"]!["buckets"]!.AsArray()
            .ToDictionary(bucket => bucket!["key"]!.GetValue<string>(), bucket => bucket!["doc_count"]!.GetValue<long>());
    }

    public Task RefreshAsync(int generation, CancellationToken ct) => InGenerationAsync(generation, HttpMethod.Post, "_refresh", null, ct);

    private static string? ErrorOf(JsonNode? body) => body?["error"] is JsonObject error ? error["type"]?.GetValue<string>() : null;

    private static object? ValueOf(JsonNode? value) => value?.GetValueKind() switch
    {
        System.Text.Json.JsonValueKind.String => value.GetValue<string>(),
        System.Text.Json.JsonValueKind.Number =>
            long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
                ? whole
                : value.GetValue<double>(),
        _ => null,
    };

    private string Index(int generation) => $"{Alias}-{generation:000000}";

    private string Writes(int generation) => $"{Alias}-writes-{generation:000000}";

    private static int NumberOf(string index) => int.Parse(index[(index.LastIndexOf('-') + 1)..], CultureInfo.InvariantCulture);

    private async Task<JsonNode> InGenerationAsync(int generation, HttpMethod method, string path, string? body, CancellationToken ct)
    {
        var (status, answer) = await client.SendAsync(method, $"{Writes(generation)}/{path}", body, ct);
        return status == HttpStatusCode.NotFound ? throw Missing(generation) : answer!;
    }

    private GenerationMissingException Missing(int generation)
    {
        _known = null;
        return new GenerationMissingException(generation);
    }

    /// <summary>The newest state, also before it can be found, and what tells whether it is still the newest when it is replaced.</summary>
    private async Task<Dictionary<Guid, Known>> ReadAsync(int generation, IReadOnlyCollection<Guid> ids, CancellationToken ct)
    {
        var known = new Dictionary<Guid, Known>();

        // To ask for nothing is an error to the engine.
        foreach (var some in ids.Distinct().Chunk(MostIds))
        {
            var asked = new JsonObject { ["ids"] = new JsonArray([.. some.Select(id => (JsonNode)id.ToString())]) };
            var answer = await InGenerationAsync(generation, HttpMethod.Post, "_mget", asked.ToJsonString(), ct);
            foreach (var found in answer["docs"]!.AsArray())
            {
                if (ErrorOf(found) is not null)
                {
                    throw Missing(generation);
                }

                if (found!["found"]!.GetValue<bool>())
                {
                    var document = SearchDocument.Of(Encoding.UTF8.GetBytes(found["_source"]!.ToJsonString()));
                    known[document.Id] = new Known(document, found["_seq_no"]!.GetValue<long>(), found["_primary_term"]!.GetValue<long>());
                }
            }
        }

        return known;
    }

    private void Append(StringBuilder bulk, int generation, SearchDocument document, Known? before)
    {
        var target = new JsonObject { ["_index"] = Writes(generation), ["_id"] = document.Id.ToString() };
        if (before is not null)
        {
            (target["if_seq_no"], target["if_primary_term"]) = (before.Sequence, before.Term);
        }

        bulk.Append(new JsonObject { [before is null ? "create" : "index"] = target }.ToJsonString()).Append('\n')
            .Append(Encoding.UTF8.GetString(document.ToJson())).Append('\n');
    }

    /// <returns>The documents to try again: somebody else has changed them meanwhile, or the engine has too much to do.</returns>
    private async Task<HashSet<Guid>> WriteAsync(int generation, List<SearchDocument> documents, string bulk, CancellationToken ct)
    {
        var (status, body) = await client.SendAsync(HttpMethod.Post, "_bulk?require_alias=true", bulk, ct);
        if (status == HttpStatusCode.NotFound)
        {
            throw Missing(generation);
        }

        var conflicts = new HashSet<Guid>();
        foreach (var (document, item) in documents.Zip(body!["items"]!.AsArray()))
        {
            var result = item!.AsObject().First().Value!;
            switch (result["status"]!.GetValue<int>())
            {
                case < 300:
                    break;
                case 409 or 429 or 503:
                    conflicts.Add(document.Id);
                    break;
                case 404:
                    throw Missing(generation);
                case 403 or >= 500:
                    throw new StoreUnavailableException($"Elasticsearch can't write now: {result["error"]}");
                default:
                    throw new InvalidOperationException($"Elasticsearch refuses {document.Kind} {document.Id}: {result["error"]}");
            }
        }

        return conflicts;
    }

    // The one thing that the two call differently.
    private async Task<string?> OpenViewAsync(CancellationToken ct)
    {
        _isOpenSearch ??= (await client.SendAsync(HttpMethod.Get, "", null, ct)).Body?["version"]?["distribution"]
            ?.GetValue<string>() == "opensearch";
        var path = _isOpenSearch.Value ? "_search/point_in_time" : "_pit";
        var (status, body) = await client.SendAsync(HttpMethod.Post, $"{Alias}/{path}?keep_alive={ViewKept}", null, ct);
        return status == HttpStatusCode.NotFound ? null : (body!["id"] ?? body["pit_id"])?.GetValue<string>();
    }

    private sealed record Known(SearchDocument Document, long Sequence, long Term);
}
