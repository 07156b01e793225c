using Itsm.Assets.Domain;
using Itsm.Assets.Subscriptions;
using Itsm.Assets.UseCases;
using Itsm.Contracts.Assets;
using Itsm.Contracts.Directory;
using Itsm.Platform.Documents;
using Itsm.Platform.Hosting;
using Itsm.Platform.Http;
using Itsm.Ticketing;

namespace Itsm.Assets;

/// <summary>Assets and configuration: what there is, who answers for it, and what depends on it. These files are the table
/// of contents.</summary>
public sealed partial class AssetsService : IServiceModule
{
    private const string Own = "assets";

    /// <inheritdoc/>
    public string Name => Own;

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
        AddAssets(service);
        AddSoftware(service);
        AddConfiguration(service);
        AddPortfolio(service);
        service.Grants(AssetPermissions.All).Grants(Permissions.All);
    }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder api)
    {
        MapAssets(api);
        MapSoftware(api);
        MapConfiguration(api);
        MapPortfolio(api);
    }

    private static void AddAssets(ServiceBuilder service)
    {
        service
            .Stores(Asset.Definition)
            .Stores(AssetAudit.Definition)
            .Stores(AuditedAsset.Definition)
            .Stores(Kit.Definition)
            .Stores(KitCheckOut.Definition)
            .Stores(Consumable.Definition)
            .Stores(AssetContract.Definition)
            .AddNumbers<Asset>("AST")
            .AddNumbers<AssetAudit>("AUD")
            .AddNumbers<Consumable>("CON")
            .AddNumbers<AssetContract>("CTR")
            .Replicates<SiteChanged>(new IndexDefinition("key"))
            .Publishes<Asset, AssetChanged>(asset => asset.Snapshot())
            .Timer<Asset>(Asset.ReturnTimer, "note-overdue", (asset, audit) => asset.NoteReturnIsDue(audit))
            .Timer<AssetAudit, PrepareAudit>(AssetAudit.PrepareTimer)
            .Timer<AssetAudit, CloseAudit>(AssetAudit.CloseTimer)
            .Timer<AssetAudit>(AssetAudit.LateTimer, "note-overdue", (round, audit) => round.NoteIsLate(audit))
            .Timer<KitCheckOut, KitHandOut>(KitCheckOut.SettleTimer)
            .Timer<AssetContract>(AssetContract.NoticeTimer, "note-notice", (contract, audit) => contract.NoteNoticeIsDue(audit));
        service.Services.AddSingleton<AssetLookup>().AddSingleton<Containment>().AddSingleton<KitHandOut>().AddSingleton<StockGate>()
            .AddSingleton<ReadAssetReports>();
    }

    private static void MapAssets(IEndpointRouteBuilder api)
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
        ReadAssetReports.Map(api.MapGroup("asset-reports").WithTags("Assets"));
    }
}
