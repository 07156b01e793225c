using Itsm.Search.Tests;
using Itsm.Testing;

[assembly: AssemblyFixture(typeof(SearchSuite))]

namespace Itsm.Search.Tests;

/// <summary>The service with those that say what can be found, and the stream that tells of counts; on the embedded engine.</summary>
public class SearchSuite : RunningSuite
{
    protected override IReadOnlyList<string> Services => ["directory", "incidents", "notifications", "requests", "search"];
}

/// <summary>The same on Elasticsearch.</summary>
public sealed class ElasticsearchSuite : SearchSuite
{
    protected override SearchEngine SearchEngine { get; } = new(Testing.Engines.ElasticsearchAsync);
}

/// <summary>The same on OpenSearch.</summary>
public sealed class OpenSearchSuite : SearchSuite
{
    protected override SearchEngine SearchEngine { get; } = new(Testing.Engines.OpenSearchAsync);
}
