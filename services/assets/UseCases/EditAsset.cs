using System.ComponentModel.DataAnnotations;
using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Ticketing;

namespace Itsm.Assets.UseCases;

/// <summary>Changes what is written of an asset; its state, and who has it, move by actions only.</summary>
internal static class EditAsset
{
    /// <summary>What is absent stays; null removes.</summary>
    /// <example>{ "site": "lisbon", "notes": "The lid is scratched." }</example>
    public sealed record Request
    {
        /// <summary>As printed on the device.</summary>
        [StringLength(100, MinimumLength = 1)]
        public Optional<string> Tag { get; init; }

        /// <summary>Name shown to people.</summary>
        [StringLength(200, MinimumLength = 1)]
        public Optional<string> Name { get; init; }

        /// <summary>Of which model.</summary>
        [StringLength(200, MinimumLength = 1)]
        public Optional<string> Model { get; init; }

        /// <summary>Who made it.</summary>
        [StringLength(200, MinimumLength = 1)]
        public Optional<string> Manufacturer { get; init; }

        /// <summary>As the manufacturer gave it.</summary>
        [StringLength(200, MinimumLength = 1)]
        public Optional<string> SerialNumber { get; init; }

        /// <summary>Key of the site where it is.</summary>
        public Optional<string> Site { get; init; }

        /// <summary>Id or user name of the person who answers for it.</summary>
        public Optional<string> Owner { get; init; }

        /// <summary>Id or key of the group that answers for it.</summary>
        public Optional<string> OwnerGroup { get; init; }

        /// <summary>When it is expected back from whoever has it.</summary>
        public Optional<DateTimeOffset?> ExpectedReturn { get; init; }

        /// <summary>Who sold it.</summary>
        [StringLength(200, MinimumLength = 1)]
        public Optional<string> Supplier { get; init; }

        /// <summary>What it cost.</summary>
        public Optional<Cost> Cost { get; init; }

        /// <summary>The day of its purchase.</summary>
        public Optional<DateOnly?> PurchasedOn { get; init; }

        /// <summary>The last day of its warranty.</summary>
        public Optional<DateOnly?> WarrantyEndsOn { get; init; }

        /// <summary>Months over which it loses its value.</summary>
        [Range(1, 600)]
        public Optional<int?> UsefulLife { get; init; }

        /// <summary>What it is worth after that, in the minor unit of the cost's currency.</summary>
        [Range(0, long.MaxValue)]
        public Optional<long?> SalvageValue { get; init; }

        /// <summary>What else there is to know.</summary>
        [StringLength(32_000, MinimumLength = 1)]
        public Optional<string> Notes { get; init; }

        /// <summary>Id of the configuration item that it is operated as, which the caller sees; of a merged one that of the other is
        /// kept.</summary>
        public Optional<Guid?> ConfigurationItem { get; init; }
    }

    public static void Map(IEndpointRouteBuilder assets) => assets.MapPatch("{id}", Handle)
        .WithName(nameof(EditAsset)).WithSummary("Changes what is written of an asset").Requires(AssetPermissions.Manage).ChangesOne()
        .Produces<Asset>();

    private static Task<IResult> Handle(
        string id, Request request, Write write, AggregateStore<Asset> assets, AssetLookup lookup, ItemLookup items,
        CancellationToken ct) =>
        AssetTwins.NameAsync(write.ChangeAsync(assets, id, "update", null, async (asset, audit) =>
        {
            var known = asset.Details;
            asset.Describe(new AssetDetails
            {
                Tag = request.Tag.Or(known.Tag),
                Name = request.Name.Or(known.Name, "/name"),
                Model = request.Model.Or(known.Model), Manufacturer = request.Manufacturer.Or(known.Manufacturer),
                SerialNumber = request.SerialNumber.Or(known.SerialNumber),
                Site = request.Site.IsPresent ? await lookup.SiteAsync(request.Site.Value, "/site", ct) : known.Site,
                Owner = request.Owner.IsPresent ? await lookup.PersonAsync(request.Owner.Value, "/owner", ct) : known.Owner,
                OwnerGroup =
                    request.OwnerGroup.IsPresent ? await lookup.GroupAsync(request.OwnerGroup.Value, "/ownerGroup", ct) : known.OwnerGroup,
                Supplier = request.Supplier.Or(known.Supplier), Cost = request.Cost.Or(known.Cost),
                PurchasedOn = request.PurchasedOn.Or(known.PurchasedOn), WarrantyEndsOn = request.WarrantyEndsOn.Or(known.WarrantyEndsOn),
                UsefulLife = request.UsefulLife.Or(known.UsefulLife), SalvageValue = request.SalvageValue.Or(known.SalvageValue),
                Notes = request.Notes.Or(known.Notes), ConfigurationItem = await items.RequireSurvivorIdAsync(
                    request.ConfigurationItem.Or(known.ConfigurationItem), known.ConfigurationItem, write.Caller, "/configurationItem", ct),
            });
            request.ExpectedReturn.IfPresent(back => asset.Expect(back, audit));
        }, ct), request.Tag.Value, request.SerialNumber.Value);
}
