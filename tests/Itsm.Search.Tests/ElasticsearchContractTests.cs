using Elastic.Clients.Elasticsearch;
using Elastic.Clients.Elasticsearch.IndexManagement;
using Itsm.Search.Engines;
using Itsm.Search.Engines.Elasticsearch;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Itsm.Search.Tests;

/// <summary>A real Elasticsearch, where <c>ITSM_TEST_ELASTICSEARCH</c> names one or a container engine starts one.</summary>
[Testing.OuterTier]
public sealed class ElasticsearchContractTests() : RealEngineContract(Testing.Engines.ElasticsearchAsync);

/// <summary>A real OpenSearch, where <c>ITSM_TEST_OPENSEARCH</c> names one or a container engine starts one.</summary>
[Testing.OuterTier]
public sealed class OpenSearchContractTests() : RealEngineContract(Testing.Engines.OpenSearchAsync);

/// <summary>The contract on an engine of its own process, with indices that are gone afterwards.</summary>
public abstract class RealEngineContract(Func<Task<string>> find) : EngineContract
{
    private readonly string _prefix = "itsm-tests-" + Path.GetRandomFileName().Replace('.', '-');
    private ElasticsearchClient? _client;

    public override async ValueTask InitializeAsync()
    {
        _client = new ElasticsearchClient(ElasticsearchAddress.Parse(await find(), Settings));
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.Indices.DeleteAsync(new DeleteIndexRequest(
                (Indices)$"{_prefix}-search-v2-000001,{_prefix}-search-v2-000002") { IgnoreUnavailable = true });
            await _client.Indices.DeleteIndexTemplateAsync(new DeleteIndexTemplateRequest((Names)$"{_prefix}-search-v2"));
        }

        await base.DisposeAsync();
    }

    private protected override ISearchEngine Open() =>
        new ElasticsearchEngine(new ElasticsearchConnection(_client!, null), _prefix, Analysis, Options.Create(Settings), TimeProvider.System,
            NullLogger<ElasticsearchEngine>.Instance);
}
