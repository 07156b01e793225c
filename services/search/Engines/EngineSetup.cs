using Elastic.Clients.Elasticsearch;
using Itsm.Search.Domain;
using Itsm.Search.Engines.Elasticsearch;
using Itsm.Search.Engines.Lucene;
using Microsoft.Extensions.Options;

namespace Itsm.Search.Engines;

/// <summary>The engine that <c>ConnectionStrings:elasticsearch</c> names; in Development without it the embedded one.</summary>
internal static class EngineSetup
{
    /// <exception cref="InvalidOperationException">When the engine is first asked for: the connection string is missing outside
    /// Development, or can't be understood.</exception>
    public static void AddSearchEngine(this IServiceCollection services)
    {
        services.AddSingleton<ISearchEngine>(provider =>
            provider.GetRequiredService<IConfiguration>().GetConnectionString("elasticsearch") is { Length: > 0 } connection
                ? Elasticsearch(provider, connection)
                : provider.GetRequiredService<IWebHostEnvironment>().IsDevelopment() ? Lucene(provider)
                : throw new InvalidOperationException("ConnectionStrings:elasticsearch is missing: outside Development Elasticsearch does "
                    + "the searching."));
        services.AddHostedService(provider => provider.GetRequiredService<ISearchEngine>());
    }

    private static ElasticsearchEngine Elasticsearch(IServiceProvider provider, string connection)
    {
        var settings = provider.GetRequiredService<IOptions<SearchSettings>>().Value;
        var client = new ElasticsearchClient(ElasticsearchAddress.Parse(connection, settings));
        return ActivatorUtilities.CreateInstance<ElasticsearchEngine>(provider, new ElasticsearchConnection(client, settings.Flavor),
            provider.GetRequiredService<IConfiguration>()["Storage:Prefix"] is { Length: > 0 } prefix ? prefix : "itsm");
    }

    private static LuceneEngine Lucene(IServiceProvider provider) =>
        ActivatorUtilities.CreateInstance<LuceneEngine>(provider,
            Path.Combine(provider.GetRequiredService<IConfiguration>()["Storage:Path"] ?? ".itsm", "search-index",
                LuceneEngine.FolderOf(SearchDocument.Format)));
}
