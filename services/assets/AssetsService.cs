using Itsm.Assets.Domain;
using Itsm.Assets.UseCases;
using Itsm.Contracts.Assets;
using Itsm.Contracts.Directory;
using Itsm.Platform.Hosting;
using Itsm.Platform.Http;
using Itsm.Ticketing;

namespace Itsm.Assets;

/// <summary>Assets and configuration: what there is, who answers for it, and what depends on it. This file is the table of
/// contents.</summary>
public sealed class AssetsService : IServiceModule
{
    /// <inheritdoc/>
    public string Name => "assets";

    /// <inheritdoc/>
    public IReadOnlyList<string> Paths => ["assets", "configuration-items", "configuration-classes", "relation-types"];

    /// <inheritdoc/>
    public void AddServices(ServiceBuilder service)
    {
        service
            .Stores(Asset.Definition)
            .AddNumbers<Asset>("AST")
            .Replicates<SiteChanged>(new Platform.Documents.IndexDefinition("key"))
            .Publishes<Asset, AssetChanged>(asset => asset.Snapshot())
            .Timer<Asset>(Asset.ReturnTimer, "note-overdue", (asset, audit) => asset.NoteReturnIsDue(audit))
            .Grants(AssetPermissions.All);
        service.Services.AddSingleton<AssetLookup>().AddSingleton<Containment>();
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
    }
}
