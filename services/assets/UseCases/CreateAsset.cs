using System.ComponentModel.DataAnnotations;
using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Ticketing;

namespace Itsm.Assets.UseCases;

/// <summary>Enters an asset: one that is here, or one that was ordered.</summary>
internal static class CreateAsset
{
    /// <summary>The new asset.</summary>
    /// <example>{ "tag": "IT-4711", "name": "Laptop 14", "model": "Latitude 5440", "manufacturer": "Dell", "serialNumber": "5CD2341XYZ",
    /// "site": "berlin", "owner": "manager1", "supplier": "Office Supplies Ltd", "cost": { "amount": 129900, "currency": "EUR" },
    /// "purchasedOn": "2026-03-01", "warrantyEndsOn": "2029-02-28", "usefulLife": 36, "salvageValue": 10000 }</example>
    public sealed record Request
    {
        /// <summary>As printed on the device.</summary>
        [StringLength(100, MinimumLength = 1)]
        public string? Tag { get; init; }

        /// <summary>Name shown to people.</summary>
        [Required, StringLength(200, MinimumLength = 1)]
        public required string Name { get; init; }

        /// <summary>Of which model.</summary>
        [StringLength(200, MinimumLength = 1)]
        public string? Model { get; init; }

        /// <summary>Who made it.</summary>
        [StringLength(200, MinimumLength = 1)]
        public string? Manufacturer { get; init; }

        /// <summary>As the manufacturer gave it.</summary>
        [StringLength(200, MinimumLength = 1)]
        public string? SerialNumber { get; init; }

        /// <summary><c>inStock</c> or <c>ordered</c>.</summary>
        public AssetState State { get; init; } = AssetState.InStock;

        /// <summary>Key of the site where it is.</summary>
        public string? Site { get; init; }

        /// <summary>Id or user name of the person who answers for it.</summary>
        public string? Owner { get; init; }

        /// <summary>Id or key of the group that answers for it.</summary>
        public string? OwnerGroup { get; init; }

        /// <summary>Who sold it.</summary>
        [StringLength(200, MinimumLength = 1)]
        public string? Supplier { get; init; }

        /// <summary>What it cost.</summary>
        public Cost? Cost { get; init; }

        /// <summary>The day of its purchase.</summary>
        public DateOnly? PurchasedOn { get; init; }

        /// <summary>The last day of its warranty.</summary>
        public DateOnly? WarrantyEndsOn { get; init; }

        /// <summary>Months over which it loses its value.</summary>
        [Range(1, 600)]
        public int? UsefulLife { get; init; }

        /// <summary>What it is worth after that, in the minor unit of the cost's currency.</summary>
        [Range(0, long.MaxValue)]
        public long? SalvageValue { get; init; }

        /// <summary>What else there is to know.</summary>
        [StringLength(32_000, MinimumLength = 1)]
        public string? Notes { get; init; }

        /// <summary>Id of the configuration item that it is operated as, which the caller sees; of a merged one that of the other is
        /// kept.</summary>
        public Guid? ConfigurationItem { get; init; }
    }

    public static void Map(IEndpointRouteBuilder assets) => assets.MapPost("", Handle)
        .WithName(nameof(CreateAsset)).WithSummary("Enters an asset").Requires(AssetPermissions.Manage)
        .Produces<Asset>(StatusCodes.Status201Created);

    private static Task<IResult> Handle(Request request, Write write, AggregateStore<Asset> assets, NumberSeries<Asset> numbers,
        AssetLookup lookup, ItemLookup items, CancellationToken ct) =>
        AssetTwins.NameAsync(write.CreateAsync(assets, async audit =>
        {
            if (request.State is not (AssetState.InStock or AssetState.Ordered))
            {
                throw new InvalidValueException("/state", FieldCode.NotOneOf,
                    $"A new asset can't be {request.State.ToString().Quoted}: inStock or ordered.");
            }

            var details = new AssetDetails
            {
                Tag = request.Tag, Name = request.Name, Model = request.Model, Manufacturer = request.Manufacturer,
                SerialNumber = request.SerialNumber, Site = await lookup.SiteAsync(request.Site, "/site", ct),
                Owner = await lookup.PersonAsync(request.Owner, "/owner", ct),
                OwnerGroup = await lookup.GroupAsync(request.OwnerGroup, "/ownerGroup", ct), Supplier = request.Supplier,
                Cost = request.Cost, PurchasedOn = request.PurchasedOn, WarrantyEndsOn = request.WarrantyEndsOn,
                UsefulLife = request.UsefulLife, SalvageValue = request.SalvageValue, Notes = request.Notes,
                ConfigurationItem = await items.RequireSurvivorIdAsync(
                    request.ConfigurationItem, null, write.Caller, "/configurationItem", ct),
            };
            details.Require();
            return Asset.Create(await numbers.NextAsync(ct), details, request.State, audit);
        }, ct), request.Tag, request.SerialNumber);
}
