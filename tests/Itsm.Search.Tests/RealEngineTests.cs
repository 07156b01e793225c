using Itsm.Testing;

namespace Itsm.Search.Tests;

// Tests of the service on real engines: one suite for each engine, whose tests run one after another, and one for what rebuilds its index.
[CollectionDefinition(Name)]
public sealed class ElasticsearchTestsCollection : ICollectionFixture<ElasticsearchSuite>
{
    public const string Name = "Elasticsearch";
}

[CollectionDefinition(Name)]
public sealed class OpenSearchTestsCollection : ICollectionFixture<OpenSearchSuite>
{
    public const string Name = "OpenSearch";
}

[OuterTier]
[Collection(ElasticsearchTestsCollection.Name)]
public sealed class SearchOnElasticsearchTests(ElasticsearchSuite suite) : SearchScenarios(suite);

[OuterTier]
[Collection(OpenSearchTestsCollection.Name)]
public sealed class SearchOnOpenSearchTests(OpenSearchSuite suite) : SearchScenarios(suite);

[OuterTier]
public sealed class ItemsOnElasticsearchTests(ElasticsearchItemSuite suite) : ItemScenarios(suite), IClassFixture<ElasticsearchItemSuite>;

[OuterTier]
public sealed class ItemsOnOpenSearchTests(OpenSearchItemSuite suite) : ItemScenarios(suite), IClassFixture<OpenSearchItemSuite>;

[OuterTier]
[Collection(ElasticsearchTestsCollection.Name)]
public sealed class SavedSearchOnElasticsearchTests(ElasticsearchSuite suite) : SavedSearchScenarios(suite);

[OuterTier]
[Collection(OpenSearchTestsCollection.Name)]
public sealed class SavedSearchOnOpenSearchTests(OpenSearchSuite suite) : SavedSearchScenarios(suite);

[OuterTier]
public sealed class IndexOnElasticsearchTests(ElasticsearchSuite suite) : IndexScenarios(suite), IClassFixture<ElasticsearchSuite>;

[OuterTier]
public sealed class IndexOnOpenSearchTests(OpenSearchSuite suite) : IndexScenarios(suite), IClassFixture<OpenSearchSuite>;
