using Itsm.Testing;

namespace Itsm.Suite.Tests;

/// <summary>The whole suite for tests that run one after another: none writes under another.</summary>
[CollectionDefinition(Name)]
public sealed class WholeSuite : ICollectionFixture<RunningSuite>
{
    public const string Name = "Whole suite";
}

/// <summary>As <see cref="WholeSuite"/>, on Elasticsearch.</summary>
[CollectionDefinition(Name)]
public sealed class SuiteOnElasticsearch : ICollectionFixture<SuiteOnElasticsearch.Suite>
{
    public const string Name = "Whole suite on Elasticsearch";

    public sealed class Suite : RunningSuite
    {
        protected override SearchEngine SearchEngine { get; } = new(Engines.ElasticsearchAsync);
    }
}

/// <summary>As <see cref="WholeSuite"/>, on OpenSearch.</summary>
[CollectionDefinition(Name)]
public sealed class SuiteOnOpenSearch : ICollectionFixture<SuiteOnOpenSearch.Suite>
{
    public const string Name = "Whole suite on OpenSearch";

    public sealed class Suite : RunningSuite
    {
        protected override SearchEngine SearchEngine { get; } = new(Engines.OpenSearchAsync);
    }
}
