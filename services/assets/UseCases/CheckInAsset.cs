using System.ComponentModel.DataAnnotations;
using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;

namespace Itsm.Assets.UseCases;

/// <summary>Takes an asset back into stock.</summary>
internal static class CheckInAsset
{
    /// <summary>How it came back.</summary>
    /// <example>{ "condition": "good", "note": "Without the charger.", "site": "berlin" }</example>
    public sealed record Request
    {
        /// <summary>How it looks.</summary>
        public AssetCondition? Condition { get; init; }

        /// <summary>What else there is to know.</summary>
        [StringLength(4000, MinimumLength = 3)]
        public string? Note { get; init; }

        /// <summary>Key of the site where it is now; left out where it stays.</summary>
        public string? Site { get; init; }
    }

    public static void Map(IEndpointRouteBuilder assets) => assets.MapPost($"{{id}}/{AssetLifeCycle.CheckIn}", Handle)
        .WithName(nameof(CheckInAsset)).WithSummary("Takes an asset back into stock").Requires(AssetPermissions.Manage).ChangesOne()
        .Produces<Asset>();

    private static Task<IResult> Handle(
        string id, Request request, Write write, AggregateStore<Asset> assets, AssetLookup lookup, CancellationToken ct) =>
        write.ChangeAsync(assets, id, AssetLifeCycle.CheckIn, request.Note, async (asset, audit) =>
            asset.TakeBack(request.Condition, request.Note, await lookup.SiteAsync(request.Site, "/site", ct), audit), ct);
}
