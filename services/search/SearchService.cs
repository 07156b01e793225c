using Itsm.Contracts.Assets;
using Itsm.Contracts.Directory;
using Itsm.Contracts.Platform;
using Itsm.Contracts.Requests;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Documents;
using Itsm.Platform.Hosting;
using Itsm.Platform.Http;
using Itsm.Search.Domain;
using Itsm.Search.Engines;
using Itsm.Search.Finding;
using Itsm.Search.Queries;
using Itsm.Search.Subscriptions;
using Itsm.Search.UseCases;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Itsm.Search;

/// <summary>Finds everything that the others say, for those who may see it. This file is the table of contents.</summary>
public sealed class SearchService : IServiceModule
{
    /// <inheritdoc/>
    public string Name => "search";

    /// <inheritdoc/>
    public IReadOnlyList<string> Paths => ["search", "incidents/{id}/similar", "operations/unowned"];

    /// <inheritdoc/>
    public void AddServices(ServiceBuilder service)
    {
        service
            .Stores(IndexState.Definition)
            .Stores(SavedSearch.Definition)
            .Replicates<CategoryChanged>(new IndexDefinition("key"))
            .Replicates<TicketKindChanged>(new IndexDefinition("kind"))
            .Replicates<ConfigurationItemChanged>(NamedItems.Indexes)
            .SubscribesInBatches<TicketChanged, IndexTickets>()
            .SubscribesInBatches<TicketCommented, IndexComments>()
            .SubscribesInBatches<PersonChanged, IndexPeople>()
            .SubscribesInBatches<CatalogItemChanged, IndexCatalog>()
            .SubscribesInBatches<ConfigurationItemChanged, IndexConfigurationItems>()
            .SubscribesInBatches<AssetChanged, IndexAssets>()
            .Subscribes<TicketKindChanged, LearnKind>()
            .Subscribes<InventoryReported, CompareInventory>()
            .Subscribes<EntitiesReplayed, IndexReplayed>()
            .Timer<IndexState, StepComparison>(IndexState.StepTimer)
            .Timer<IndexState, IndexCare>(IndexState.CompareTimer)
            .Grants(Permissions.All);
        service.Services.AddOptions<SearchSettings>().BindConfiguration("Search").ValidateDataAnnotations().ValidateOnStart();
        service.Services.AddSingleton<SearchWords>().AddSingleton<NamedItems>().AddSingleton<QueryValues>()
            .AddSingleton<QueryRules>().AddSingleton<Corrections>()
            .AddSingleton<Finder>().AddSingleton<Arrivals>().AddSingleton<TicketLookup>()
            .AddSingleton<Indexing>().AddSingleton<Meanings.Meanings>().AddSingleton<IndexCare>().AddSingleton<LiveCounts>();
        service.Services.AddSearchEngine();
        service.Services.AddHealthChecks().AddCheck<SearchHealth>("search", HealthStatus.Degraded);
        service.Services.AddHostedService(provider => provider.GetRequiredService<IndexCare>())
            .AddHostedService(provider => provider.GetRequiredService<LiveCounts>())
            .AddHostedService(provider => provider.GetRequiredService<Meanings.Meanings>());
    }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder api)
    {
        var search = api.MapGroup("search").WithTags("Search");
        SearchEverything.Map(search);
        Suggest.Map(search);
        FindSimilar.Map(search);
        FindSimilar.MapOfIncident(api.MapGroup("incidents").WithTags("Search"));

        var saved = api.MapGroup("search/saved").WithTags("Saved searches");
        ManageSavedSearches.Map(saved);
        saved.MapHistory<SavedSearch>(Permissions.Search, "saved search");

        ListUnowned.Map(api);
        OperateIndex.Map(api.MapGroup("search/index").WithTags("Operations"));
    }
}
