using Itsm.Search.Engines;
using Itsm.Search.Engines.Elasticsearch;
using Microsoft.Extensions.Options;

namespace Itsm.Search.Tests;

/// <summary>A real Elasticsearch or OpenSearch, where <c>ITSM_TEST_ELASTICSEARCH</c> names one or a container engine starts one.</summary>
[Testing.OuterTier]
public sealed class ElasticsearchContractTests : EngineContract
{
    private readonly string _prefix = "itsm-tests-" + Path.GetRandomFileName().Replace('.', '-');
    private HttpClient? _http;

    public override async ValueTask InitializeAsync()
    {
        _http = new HttpClient { BaseAddress = new Uri((await Testing.Engines.ElasticsearchAsync()).TrimEnd('/') + "/") };
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        if (_http is not null)
        {
            (await _http.DeleteAsync($"{_prefix}-search-000001,{_prefix}-search-000002?ignore_unavailable=true")).Dispose();
            (await _http.DeleteAsync($"_index_template/{_prefix}-search")).Dispose();
            _http.Dispose();
        }

        await base.DisposeAsync();
    }

    private protected override ISearchEngine Open() =>
        new ElasticsearchEngine(new ElasticsearchClient(_http!), _prefix, Analysis, Options.Create(Settings), TimeProvider.System);
}
