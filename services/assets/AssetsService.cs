using Itsm.Assets.Domain;
using Itsm.Assets.Health;
using Itsm.Assets.Import;
using Itsm.Assets.Subscriptions;
using Itsm.Assets.UseCases;
using Itsm.Contracts.Assets;
using Itsm.Contracts.Directory;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Documents;
using Itsm.Platform.Hosting;
using Itsm.Platform.Http;
using Itsm.Platform.WorkingTime;
using Itsm.Ticketing;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Itsm.Assets;

/// <summary>Assets and configuration: what there is, who answers for it, and what depends on it. This file is the table of
/// contents.</summary>
public sealed class AssetsService : IServiceModule
{
    /// <inheritdoc/>
    public string Name => "assets";

    /// <inheritdoc/>
    public IReadOnlyList<string> Paths =>
    [
        "assets", "asset-audits", "kits", "consumables", "contracts", "configuration-items", "configuration-classes", "relation-types",
        "services", "outages", "service-reports", "software-products", "licenses", "license-assignments", "software-reports",
        "software-positions", "asset-reports", "configuration-health",
    ];

    /// <inheritdoc/>
    public void AddServices(ServiceBuilder service)
    {
        service
            .Stores(Asset.Definition)
            .Stores(AssetAudit.Definition)
            .Stores(AuditedAsset.Definition)
            .Stores(Kit.Definition)
            .Stores(KitCheckOut.Definition)
            .Stores(Consumable.Definition)
            .Stores(AssetContract.Definition)
            .Stores(ConfigurationClass.Definition)
            .Stores(RelationType.Definition)
            .Stores(ConfigurationItem.Definition)
            .Stores(RelationLease.Definition)
            .AddNumbers<Asset>("AST")
            .AddNumbers<AssetAudit>("AUD")
            .AddNumbers<Consumable>("CON")
            .AddNumbers<AssetContract>("CTR")
            .AddNumbers<ConfigurationItem>("CI")
            .Replicates<SiteChanged>(new IndexDefinition("key"))
            .Backfills<ItemTicket, TicketChanged>(ItemTicket.Definition, "number")
            .SubscribesInBatches<TicketChanged, FollowTickets>(ItemTicket.IsWanted)
            .Publishes<Asset, AssetChanged>(asset => asset.Snapshot())
            .Publishes<ConfigurationItem, ConfigurationItemChanged>(item => item.Snapshot())
            .Stores(ItemImport.Definition)
            .Projects(ItemImportRow.Definition)
            .Timer<ItemImport, RunItemImport>(ItemImport.RunTimer)
            .Timer<ItemImport, ExpireItemImport>(ItemImport.ExpireTimer)
            .Timer<ConfigurationClass, IdentifyItems>(ConfigurationClass.IdentifyTimer)
            .Timer<ConfigurationItem, SettleMerge>(ConfigurationItem.MergeTimer)
            .Timer<Asset>(Asset.ReturnTimer, "note-overdue", (asset, audit) => asset.NoteReturnIsDue(audit))
            .Timer<AssetAudit, PrepareAudit>(AssetAudit.PrepareTimer)
            .Timer<AssetAudit, CloseAudit>(AssetAudit.CloseTimer)
            .Timer<AssetAudit>(AssetAudit.LateTimer, "note-overdue", (round, audit) => round.NoteIsLate(audit))
            .Timer<KitCheckOut, KitHandOut>(KitCheckOut.SettleTimer)
            .Timer<AssetContract>(AssetContract.NoticeTimer, "note-notice", (contract, audit) => contract.NoteNoticeIsDue(audit))
            .Stores(SoftwareProduct.Definition)
            .Stores(License.Definition)
            .Stores(LicenseAssignment.Definition)
            .Stores(DeviceSoftware.Definition)
            .AddNumbers<SoftwareProduct>("SWP")
            .AddNumbers<License>("LIC")
            .Subscribes<PersonChanged, EndLicensesOfLeavers>(person => !person.Active)
            .Timer<Asset, EndLicensesOfAsset>(Asset.RetirementTimer)
            .Timer<License>(License.ExpiresSoonTimer, "note-expires-soon", (license, audit) => license.NoteExpiresSoon(audit))
            .Timer<License>(License.ExpiryTimer, "note-expiry", (license, audit) => license.NoteExpiry(audit))
            .Timer<License, SettleSeats>(License.SettleTimer)
            .Timer<LicenseAssignment, ReleaseSeats>(LicenseAssignment.ReleaseTimer)
            .Stores(ServiceStatus.Definition)
            .Stores(Outage.Definition)
            .AddNumbers<Outage>("OUT")
            .Publishes<ServiceStatus, ServiceStatusChanged>(status => status.Snapshot())
            .Timer<ConfigurationItem, FollowItem>(ConfigurationItem.StatusTimer)
            .Timer<ServiceStatus, CheckServices>(ServiceStatus.CheckTimer)
            .Timer<ServiceStatus, ShowOutages>(ServiceStatus.ShowTimer)
            .Timer<ServiceStatus, SettleOutages>(ServiceStatus.SettleTimer)
            .Timer<Outage, FollowOutage>(Outage.CheckTimer)
            .Timer<Outage, ShowOutage>(Outage.ShowTimer)
            .Timer<Outage, FollowOutage>(Outage.BeginTimer)
            .Timer<Outage, FollowOutage>(Outage.EndTimer)
            .Replicates<CalendarChanged>(new IndexDefinition("key"))
            .Stores(ConfigurationHealth.Definition)
            .Projects(HealthFinding.Definition)
            .Timer<ConfigurationHealth, RunHealth>(ConfigurationHealth.RunTimer)
            .Timer<ConfigurationItem, HideFindings>(ConfigurationItem.HideTimer)
            .Grants(AssetPermissions.All)
            .Grants(Permissions.All);
        service.Services.AddSingleton<AssetLookup>().AddSingleton<Containment>().AddSingleton<KitHandOut>().AddSingleton<StockGate>();
        service.Services.AddSingleton<ItemLookup>().AddSingleton<Relating>().AddSingleton<RelationGuard>().AddSingleton<Reconciling>()
            .AddSingleton<ItemMatching>().AddSingleton<ReportedRelations>().AddSingleton<ConfigurationMap>().AddSingleton<Walking>()
            .AddSingleton<ReadChangesAround>().AddSingleton<ReadDifferences>().AddSingleton<ServiceHealth>().AddSingleton<ReadServices>();
        service.Services.AddSingleton(provider => new ItemFiles(provider.GetRequiredKeyedService<IDocumentDatabase>(Name).Blobs));
        service.Services.AddSingleton<SoftwareLookup>().AddSingleton<HeldLicenses>().AddSingleton<SoftwareUse>()
            .AddSingleton<ReadSoftwarePositions>().AddSingleton<ReadAssetReports>();
        service.Services.AddHostedService<Defaults>().AddHostedService<HealthDefaults>();
        service.Services.AddSingleton<ServiceStatuses>().AddSingleton<ServiceOutages>().AddSingleton<ServiceHours>()
            .AddSingleton<ReadAvailability>().AddHostedService<ServiceDefaults>();
        service.Services.TryAddSingleton<Calendars>();
    }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder api)
    {
        var assets = api.MapGroup("assets").WithTags("Assets");
        ReadAssets.Map(assets);
        CreateAsset.Map(assets);
        EditAsset.Map(assets);
        CheckOutAsset.Map(assets);
        CheckInAsset.Map(assets);
        AnswerAcceptance.Map(assets);
        MoveAsset.Map(assets);
        assets.MapHistory<Asset>(AssetPermissions.ReadHistory, "asset");

        var audits = api.MapGroup("asset-audits").WithTags("Assets");
        ReadAssetAudits.Map(audits);
        RunAssetAudit.Map(audits);
        audits.MapHistory<AssetAudit>(AssetPermissions.ReadHistory, "asset audit");

        var kits = api.MapGroup("kits").WithTags("Assets");
        ManageKits.Map(kits);
        kits.MapHistory<Kit>(AssetPermissions.ReadHistory, "kit");

        var consumables = api.MapGroup("consumables").WithTags("Assets");
        ManageConsumables.Map(consumables);
        MoveStock.Map(consumables);
        consumables.MapHistory<Consumable>(AssetPermissions.ReadHistory, "consumable");

        var contracts = api.MapGroup("contracts").WithTags("Assets");
        ManageContracts.Map(contracts);
        contracts.MapHistory<AssetContract>(AssetPermissions.ReadHistory, "contract");

        var products = api.MapGroup("software-products").WithTags("Software");
        ManageSoftwareProducts.Map(products);
        ReportSoftware.MapProducts(products);
        ReadSoftwarePositions.MapProducts(products);
        products.MapHistory<SoftwareProduct>(AssetPermissions.ReadHistory, "software product");
        var licenses = api.MapGroup("licenses").WithTags("Software");
        ManageLicenses.Map(licenses);
        AssignLicenses.MapLicenses(licenses);
        licenses.MapHistory<License>(AssetPermissions.ReadHistory, "license");
        var assignments = api.MapGroup("license-assignments").WithTags("Software");
        AssignLicenses.Map(assignments);
        assignments.MapHistory<LicenseAssignment>(AssetPermissions.ReadHistory, "license assignment");
        ReportSoftware.Map(api.MapGroup("software-reports").WithTags("Software"));
        ReportSoftware.MapAssets(assets);
        ReadSoftwarePositions.Map(api.MapGroup("software-positions").WithTags("Software"));
        ReadAssetReports.Map(api.MapGroup("asset-reports").WithTags("Assets"));

        var services = api.MapGroup("services").WithTags("Services");
        ReadServices.Map(services);
        SubscribeToService.Map(services);
        ReadAvailability.Map(api);
        var outages = api.MapGroup("outages").WithTags("Services");
        ManageOutages.Map(outages);
        outages.MapHistory<Outage>(Permissions.ReadHistory, "outage");

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
