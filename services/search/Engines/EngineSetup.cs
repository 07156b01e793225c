using Itsm.Search.Engines.Lucene;

namespace Itsm.Search.Engines;

/// <summary>The engine that <c>ConnectionStrings:elasticsearch</c> names; in Development without it the embedded one.</summary>
internal static class EngineSetup
{
    public static void AddSearchEngine(this IServiceCollection services)
    {
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<LuceneEngine>(provider, Path.Combine(provider.GetRequiredService<IConfiguration>()["Storage:Path"] ?? ".itsm", "search-index")));
        services.AddSingleton<ISearchEngine>(provider => provider.GetRequiredService<LuceneEngine>());
        services.AddHostedService(provider => provider.GetRequiredService<LuceneEngine>());
    }
}
