using Elastic.Clients.Elasticsearch;
using Elastic.Clients.Elasticsearch.IndexManagement;
using Itsm.Search.Engines;
using Itsm.Search.Engines.Elasticsearch;
using Itsm.Search.Tests;
using Itsm.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

[assembly: AssemblyFixture(typeof(SearchSuite))]

namespace Itsm.Search.Tests;

/// <summary>The service with those that say what can be found, and the stream that tells of counts; on the embedded engine.</summary>
public class SearchSuite : RunningSuite
{
    protected override IReadOnlyList<string> Services => ["directory", "incidents", "notifications", "requests", "search"];

    /// <summary>Runs before each test; skips it where what the suite needs is not there.</summary>
    public virtual ValueTask StartAsync() => ValueTask.CompletedTask;
}

/// <summary>The same on a real engine, from the first test on.</summary>
public abstract class RealEngineSuite(Func<Task<string>> find) : SearchSuite
{
    private readonly RealIndices _indices = new();
    private string? _address;

    public override ValueTask InitializeAsync() => _address is null ? ValueTask.CompletedTask : base.InitializeAsync();

    public override async ValueTask StartAsync()
    {
        if (_address is null)
        {
            _address = await find();
            await base.InitializeAsync();
            Assert.Equal("elasticsearch", Modules.GetRequiredService<ISearchEngine>().Name);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_address is not null)
        {
            await _indices.DeleteAsync(_address);
        }

        GC.SuppressFinalize(this);
    }

    protected override void Configure(WebApplicationBuilder builder)
    {
        builder.Configuration["ConnectionStrings:elasticsearch"] = _address;
        builder.Configuration["Storage:Prefix"] = _indices.Prefix;
    }
}

/// <summary>On Elasticsearch.</summary>
public sealed class ElasticsearchSuite() : RealEngineSuite(Testing.Engines.ElasticsearchAsync);

/// <summary>On OpenSearch.</summary>
public sealed class OpenSearchSuite() : RealEngineSuite(Testing.Engines.OpenSearchAsync);

/// <summary>What a test makes on an engine that others use, too.</summary>
public sealed class RealIndices
{
    /// <summary>Before all names.</summary>
    public string Prefix { get; } = "itsm-tests-" + Path.GetRandomFileName().Replace('.', '-');

    public async Task DeleteAsync(string address)
    {
        var client = new ElasticsearchClient(ElasticsearchAddress.Parse(address, new SearchSettings()));
        var found = await client.Indices.GetAliasAsync(new GetAliasRequest((Indices)$"{Prefix}-*"));
        if (found.Aliases is { Count: > 0 } aliases)
        {
            await client.Indices.DeleteAsync((Indices)string.Join(',', aliases.Keys));
        }

        await client.Indices.DeleteIndexTemplateAsync(new DeleteIndexTemplateRequest((Names)$"{Prefix}-search-v2"));
    }
}
