using Itsm.Assets.Domain;
using Itsm.Assets.Health;
using Itsm.Assets.Import;
using Itsm.Assets.Subscriptions;
using Itsm.Assets.UseCases;
using Itsm.Contracts.Assets;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Documents;
using Itsm.Platform.Hosting;
using Itsm.Platform.Http;
using Itsm.Ticketing;

namespace Itsm.Assets;

/// <summary>Configuration items, their classes and relations, where they come from, and how sound they are.</summary>
public sealed partial class AssetsService
{
    private static void AddConfiguration(ServiceBuilder service)
    {
        service
            .Stores(ConfigurationClass.Definition)
            .Stores(RelationType.Definition)
            .Stores(ConfigurationItem.Definition)
            .Stores(RelationLease.Definition)
            .AddNumbers<ConfigurationItem>("CI")
            .Backfills<ItemTicket, TicketChanged>(ItemTicket.Definition, "number")
            .SubscribesInBatches<TicketChanged, FollowTickets>(ItemTicket.IsWanted)
            .Publishes<ConfigurationItem, ConfigurationItemChanged>(item => item.Snapshot())
            .Stores(ItemImport.Definition)
            .Projects(ItemImportRow.Definition)
            .Timer<ItemImport, RunItemImport>(ItemImport.RunTimer)
            .Timer<ItemImport, ExpireItemImport>(ItemImport.ExpireTimer)
            .Timer<ConfigurationClass, IdentifyItems>(ConfigurationClass.IdentifyTimer)
            .Timer<ConfigurationItem, SettleMerge>(ConfigurationItem.MergeTimer)
            .Stores(ConfigurationHealth.Definition)
            .Projects(HealthFinding.Definition)
            .Timer<ConfigurationHealth, RunHealth>(ConfigurationHealth.RunTimer)
            .Timer<ConfigurationItem, HideFindings>(ConfigurationItem.HideTimer);
        service.Services.AddSingleton<ItemLookup>().AddSingleton<Relating>().AddSingleton<RelationGuard>().AddSingleton<Reconciling>()
            .AddSingleton<ItemMatching>().AddSingleton<ReportedRelations>().AddSingleton<ConfigurationMap>().AddSingleton<Walking>()
            .AddSingleton<ReadChangesAround>().AddSingleton<ReadDifferences>();
        service.Services.AddSingleton(provider => new ItemFiles(provider.GetRequiredKeyedService<IDocumentDatabase>(Own).Blobs));
        service.Services.AddHostedService<Defaults>().AddHostedService<HealthDefaults>()
            .AddHostedService(provider => provider.GetRequiredService<ConfigurationMap>());
    }

    private static void MapConfiguration(IEndpointRouteBuilder api)
    {
        var classes = api.MapGroup("configuration-classes").WithTags("Configuration classes");
        ManageConfigurationClasses.Map(classes);
        classes.MapHistory<ConfigurationClass>(Permissions.ReadHistory, "configuration class");
        var types = api.MapGroup("relation-types").WithTags("Configuration classes");
        ManageRelationTypes.Map(types);
        types.MapHistory<RelationType>(Permissions.ReadHistory, "relation type");

        var items = api.MapGroup("configuration-items").WithTags("Configuration items");
        ReadConfigurationItems.Map(items);
        AddConfigurationItem.Map(items);
        ReportItems.Map(items);
        ImportItems.Map(items);
        MergeItems.Map(items);
        EditConfigurationItem.Map(items);
        MoveConfigurationItem.Map(items);
        RelateConfigurationItems.Map(items);
        ReadImpact.Map(items);
        ReadChangesAround.Map(items);
        ReadDifferences.Map(items);
        items.MapHistory<ConfigurationItem>(Permissions.ReadHistory, "configuration item");
        ReadHealth.Map(api.MapGroup("configuration-health").WithTags("Configuration items"));
    }
}
