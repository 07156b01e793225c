using Itsm.Search.Tests;
using Itsm.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

[assembly: AssemblyFixture(typeof(SearchSuite))]

namespace Itsm.Search.Tests;

internal static class Some
{
    public static void UseMiniLm(this WebApplicationBuilder builder) =>
        builder.Configuration.AddInMemoryCollection([new("Search:Model", "MiniLM")]);

    /// <summary>A word that nothing else has.</summary>
    public static string Word() => "w" + Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N")[^10..];
}

/// <summary>The service with those that say what can be found, and the stream that tells of counts; on the embedded engine.</summary>
public class SearchSuite : RunningSuite
{
    protected override IReadOnlyList<string> Services => ["directory", "incidents", "notifications", "requests", "search"];
}

/// <summary>The service on Elasticsearch.</summary>
public sealed class ElasticsearchSuite : SearchSuite
{
    protected override SearchEngine SearchEngine { get; } = new(Testing.Engines.ElasticsearchAsync);
}

/// <summary>The service with configuration items and assets: where there are any, tickets name no others.</summary>
public class ItemSuite : SearchSuite
{
    protected override IReadOnlyList<string> Services => [.. base.Services, "assets"];
}

/// <summary>The same on Elasticsearch.</summary>
public sealed class ElasticsearchItemSuite : ItemSuite
{
    protected override SearchEngine SearchEngine { get; } = new(Testing.Engines.ElasticsearchAsync);
}

/// <summary>The same on OpenSearch.</summary>
public sealed class OpenSearchItemSuite : ItemSuite
{
    protected override SearchEngine SearchEngine { get; } = new(Testing.Engines.OpenSearchAsync);
}

/// <summary>The service with a model of sentences.</summary>
public interface IMeaningSuite;

/// <summary>On the embedded engine.</summary>
public class MeaningSuite : SearchSuite, IMeaningSuite
{
    protected override void Configure(WebApplicationBuilder builder) => builder.UseMiniLm();
}

/// <summary>On Elasticsearch.</summary>
public sealed class ElasticsearchMeaningSuite : MeaningSuite
{
    protected override SearchEngine SearchEngine { get; } = new(Testing.Engines.ElasticsearchAsync);
}

/// <summary>On OpenSearch, which does not find by meaning.</summary>
public sealed class OpenSearchMeaningSuite : MeaningSuite
{
    protected override SearchEngine SearchEngine { get; } = new(Testing.Engines.OpenSearchAsync);
}

/// <summary>The service on OpenSearch.</summary>
public sealed class OpenSearchSuite : SearchSuite
{
    protected override SearchEngine SearchEngine { get; } = new(Testing.Engines.OpenSearchAsync);
}
