using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Elastic.Clients.Elasticsearch;
using Elastic.Clients.Elasticsearch.Cluster;
using Elastic.Clients.Elasticsearch.IndexManagement;
using Itsm.Platform.Documents;
using Itsm.Search.Domain;
using Itsm.Search.Queries;
using Microsoft.Extensions.Options;
using HttpMethod = Elastic.Transport.HttpMethod;
using SearchRequest = Itsm.Search.Queries.SearchRequest;

namespace Itsm.Search.Engines.Elasticsearch;

/// <summary>Elasticsearch 8 and 9, or OpenSearch 2 and 3. A generation is an index with an alias for writing, so that writing into one that
/// somebody deleted fails instead of making another; the alias for searching names the one that serves.</summary>
internal sealed partial class ElasticsearchEngine(
    ElasticsearchConnection connection, string prefix, SearchWords words, IOptions<SearchSettings> settings, TimeProvider clock,
    ILogger<ElasticsearchEngine> log)
    : ISearchEngine
{
    private const int Refused = 400;
    private const int NotFound = 404;
    private const string QueryTimeout = "5s";
    private const string ViewKept = "2m";
    private const string HealthTimeout = "1s";
    private static readonly byte[] KindsCount =
        """
        {"size":0,"track_total_hits":false,"query":{"range":{"version":{"gte":1}}},
         "aggs":{"kind":{"terms":{"field":"kind","size":100}}}}
        """u8.ToArray();
    private static readonly byte[] NewestChange =
        """{"size":0,"track_total_hits":false,"aggs":{"newest":{"max":{"field":"changedAt"}}}}"""u8.ToArray();
    private static readonly TimeSpan NewestKept = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan GenerationsKept = TimeSpan.FromSeconds(2);
    private readonly ElasticsearchQueries _queries = new(words);
    private readonly ElasticsearchDocuments _documents = new(connection);
    private (IReadOnlyList<int> Generations, DateTimeOffset At)? _known;
    private Newest? _newest;

    public string Name => "elasticsearch";

    // What it has acknowledged is in its log on disk.
    public bool MayHaveLost => false;

    private string Alias => AliasOf(SearchDocument.Format);

    /// <summary>Asks which engine it is, and makes calls of each kind, of which the first takes up to half a second.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await connection.FlavorAsync(cancellationToken);
            if (await ServingAsync(cancellationToken) is { } serving)
            {
                await FindAsync(serving, [Guid.Empty], cancellationToken);
                await SearchAsync(new SearchRequest { Tokens = [], Limit = 1 }, cancellationToken);
            }
        }
        catch (StoreUnavailableException e)
        {
            log.LogWarning("The search engine is not there yet: {Reason}", e.Message);
        }
        catch (GenerationMissingException)
        {
            // The first comparison makes another.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<int?> ServingAsync(CancellationToken ct) =>
        (await IndicesAsync(new GetAliasRequest((Names)Alias), ct)).Select(index => (int?)NumberOf(index)).FirstOrDefault();

    public async Task<string?> ComplaintAsync(CancellationToken ct)
    {
        var (status, settings) = await connection.SendAsync(
            HttpMethod.GET, $"{Alias}/_settings/index.blocks.*?flat_settings=true", default, ct);
        using (settings)
        {
            if (status == NotFound)
            {
                return "No index serves yet.";
            }

            foreach (var index in settings!.RootElement.EnumerateObject())
            {
                if (index.Value.GetProperty("settings").EnumerateObject().FirstOrDefault(block => block.Value.GetString() == "true")
                    is { Value.ValueKind: JsonValueKind.String } block)
                {
                    return $"The index {index.Name} is not written to while its setting {block.Name} is true, as when a disk is full.";
                }
            }
        }

        var health = await connection.CallAsync(
            (client, token) => client.Cluster.HealthAsync(new HealthRequest((Indices)Alias) { Timeout = HealthTimeout }, token), ct);
        return health.Status == HealthStatus.Red ? "A part of the index is on no node of the engine that runs." : null;
    }

    public async Task<IReadOnlyList<int>> GenerationsAsync(CancellationToken ct)
    {
        if (_known is { } known && clock.GetUtcNow() - known.At < GenerationsKept)
        {
            return known.Generations;
        }

        IReadOnlyList<int> generations =
            [.. (await IndicesAsync(new GetAliasRequest((Indices)$"{Alias}-0*"), ct)).Select(NumberOf).Order()];
        _known = (generations, clock.GetUtcNow());
        return generations;
    }

    public async Task CreateAsync(int generation, CancellationToken ct)
    {
        var finds = await connection.FindsMeaningsAsync(ct);
        if (!finds || await PutAsync(keepsVectors: true, Refused) == Refused)
        {
            // Before 9.2 there was no such setting, nor need of it.
            await PutAsync(keepsVectors: false);
        }

        var request = new CreateIndexRequest(Index(generation)) { Aliases = new Dictionary<Name, Alias> { [Writes(generation)] = new() } };
        var answer = await connection.CallAsync((client, token) => client.Indices.CreateAsync(request, token), ct, Refused);
        _known = null;
        if (answer.ApiCallDetails.HttpStatusCode == Refused
            && answer.ElasticsearchServerError?.Error?.Type != "resource_already_exists_exception")
        {
            throw new InvalidOperationException($"The index {Index(generation)} can't be made: {answer.ElasticsearchServerError}");
        }

        async Task<int> PutAsync(bool keepsVectors, params int[] allowed)
        {
            var (status, said) = await connection.SendAsync(HttpMethod.PUT, $"_index_template/{Alias}",
                ElasticsearchSchema.Template(Alias + "-", words, settings.Value, finds, keepsVectors), ct, allowed);
            said?.Dispose();
            return status;
        }
    }

    public async Task ServeAsync(int generation, CancellationToken ct)
    {
        var target = Index(generation);
        var before = (await IndicesAsync(new GetAliasRequest((Names)Alias), ct)).Where(index => index != target);
        var request = new UpdateAliasesRequest
        {
            Actions = [
                .. before.Select(index => (IndexUpdateAliasesAction)new RemoveAction { Index = index, Alias = Alias }),
                new AddAction { Index = target, Alias = Alias }],
        };
        var answer = await connection.CallAsync((client, token) => client.Indices.UpdateAliasesAsync(request, token), ct);
        if (answer.ApiCallDetails.HttpStatusCode == NotFound)
        {
            throw new GenerationMissingException(generation);
        }
    }

    public async Task DropAsync(int generation, CancellationToken ct)
    {
        await connection.CallAsync((client, token) => client.Indices.DeleteAsync((Indices)Index(generation), token), ct);
        _known = null;
    }

    public async Task DropEarlierFormatsAsync(CancellationToken ct)
    {
        foreach (var alias in SearchDocument.EarlierFormats.Select(AliasOf))
        {
            foreach (var index in await IndicesAsync(new GetAliasRequest((Indices)$"{alias}-0*"), ct))
            {
                await connection.CallAsync((client, token) => client.Indices.DeleteAsync((Indices)index, token), ct);
                log.LogInformation("The index {Index} of an earlier version was removed.", index);
            }

            (await connection.SendAsync(HttpMethod.DELETE, $"_index_template/{alias}", default, ct)).Body?.Dispose();
        }
    }

    public Task<int> ApplyAsync(int generation, IReadOnlyList<DocumentChange> changes, CancellationToken ct) =>
        _documents.ApplyAsync(generation, Writes(generation), changes, ct);

    public async Task<IReadOnlyDictionary<Guid, SearchDocument>> FindAsync(
        int generation, IReadOnlyCollection<Guid> ids, CancellationToken ct) =>
        (await _documents.ReadAsync(generation, Writes(generation), ids, ct)).ToDictionary(
            known => known.Key, known => known.Value.Document);

    public async Task<SearchResult> SearchAsync(SearchRequest request, CancellationToken ct)
    {
        if (request.Near is not null && !await FindsMeaningsAsync(ct))
        {
            return SearchResult.Of([]);
        }

        // Opened with the second page: a view for every search would be too many for the engine to keep.
        var view = request is { Sort: SearchRequest.Relevance, After: { } after } ? after.View ?? await OpenViewAsync(ct) : null;
        var flavor = request.Highlights ? await connection.FlavorAsync(ct) : default;
        var (status, body) = await SendAsync(view);
        if (status == NotFound)
        {
            // The view has expired, or another generation serves since: on with the index as it is now.
            body?.Dispose();
            view = null;
            (status, body) = await SendAsync(null);
        }

        using (body)
        {
            return status == NotFound
                ? throw new StoreUnavailableException("The index is being filled for the first time.")
                : ElasticsearchAnswers.Read(body!.RootElement, request, view);
        }

        Task<(int, JsonDocument?)> SendAsync(string? name) =>
            connection.SendAsync(HttpMethod.POST,
                (name is null ? $"{Alias}/_search" : "_search") + (request.Clauses is null ? "" : "?include_named_queries_score=true"),
                _queries.Build(request, QueryTimeout, name is null ? null : new JsonObject { ["id"] = name, ["keep_alive"] = ViewKept },
                    request.Highlights ? ElasticsearchHighlights.Build(request, flavor) : null), ct);
    }

    public async Task<DateTimeOffset?> IndexedUntilAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (_newest is { } known && now - known.AskedAt < NewestKept)
        {
            return known.At;
        }

        var (status, body) = await connection.SendAsync(HttpMethod.POST, $"{Alias}/_search", NewestChange, ct);
        using (body)
        {
            _newest = new Newest(status == NotFound ? null : ElasticsearchAnswers.Instant(body!.RootElement, "newest"), now);
        }

        return _newest.At;
    }

    public async Task<IReadOnlyDictionary<string, long>> CountAsync(int generation, CancellationToken ct)
    {
        var (status, body) = await connection.SendAsync(HttpMethod.POST, $"{Writes(generation)}/_search", KindsCount, ct);
        using (body)
        {
            return status == NotFound ? throw new GenerationMissingException(generation)
                : ElasticsearchAnswers.Buckets(body!.RootElement, SearchFields.Kind);
        }
    }

    public async Task RefreshAsync(int generation, CancellationToken ct)
    {
        var answer = await connection.CallAsync(
            (client, token) => client.Indices.RefreshAsync((Indices)Writes(generation), token), ct);
        if (answer.ApiCallDetails.HttpStatusCode == NotFound)
        {
            throw new GenerationMissingException(generation);
        }
    }

    private string AliasOf(int format) => $"{prefix}-search-v{format}";

    private string Index(int generation) => $"{Alias}-{generation:000000}";

    private string Writes(int generation) => $"{Alias}-writes-{generation:000000}";

    private static int NumberOf(string index) => int.Parse(index[(index.LastIndexOf('-') + 1)..], CultureInfo.InvariantCulture);

    private async Task<IEnumerable<string>> IndicesAsync(GetAliasRequest request, CancellationToken ct)
    {
        var answer = await connection.CallAsync((client, token) => client.Indices.GetAliasAsync(request, token), ct);
        return answer.ApiCallDetails.HttpStatusCode == NotFound ? [] : answer.Aliases!.Keys;
    }

    private async Task<string?> OpenViewAsync(CancellationToken ct)
    {
        if (await connection.FlavorAsync(ct) == SearchFlavor.Elasticsearch)
        {
            var request = new OpenPointInTimeRequest(Alias) { KeepAlive = ViewKept };
            var opened = await connection.CallAsync((client, token) => client.OpenPointInTimeAsync(request, token), ct);
            return opened.ApiCallDetails.HttpStatusCode == NotFound ? null : opened.Id;
        }

        var (status, body) = await connection.SendAsync(
            HttpMethod.POST, $"{Alias}/_search/point_in_time?keep_alive={ViewKept}", default, ct);
        using (body)
        {
            return status == NotFound ? null : body!.RootElement.GetProperty("pit_id").GetString();
        }
    }

    private sealed record Newest(DateTimeOffset? At, DateTimeOffset AskedAt);
}
