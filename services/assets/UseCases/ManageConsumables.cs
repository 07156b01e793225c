using System.ComponentModel.DataAnnotations;
using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Ticketing;

namespace Itsm.Assets.UseCases;

/// <summary>Consumables: what there is of them, and what is written of them.</summary>
internal static class ManageConsumables
{
    private static readonly ListDefinition Lists = new()
    {
        Filters = [Filter.Text("site"), Filter.Text("model"), Filter.Flag("reorderDue")], Sorts = ["number"], DefaultSort = "number",
        Summary = new HashSet<string>(
            ["version", "number", "name", "model", "manufacturer", "site", "supplier", "stock", "reorderLevel", "reorderDue"]),
    };

    /// <summary>A new consumable.</summary>
    /// <example>{ "name": "Toner, black", "model": "TN-2420", "manufacturer": "Brother", "site": "berlin", "stock": 12,
    /// "reorderLevel": 3 }</example>
    public sealed record CreateRequest
    {
        /// <summary>Name shown to people.</summary>
        [Required, StringLength(200, MinimumLength = 1)]
        public required string Name { get; init; }

        /// <summary>Of which model.</summary>
        [StringLength(200, MinimumLength = 1)]
        public string? Model { get; init; }

        /// <summary>Who made it.</summary>
        [StringLength(200, MinimumLength = 1)]
        public string? Manufacturer { get; init; }

        /// <summary>Key of the site where it is kept.</summary>
        public string? Site { get; init; }

        /// <summary>Who sells it.</summary>
        [StringLength(200, MinimumLength = 1)]
        public string? Supplier { get; init; }

        /// <summary>How many there are.</summary>
        [Range(0, 1_000_000)]
        public long Stock { get; init; }

        /// <summary>How many there are when more should be bought; left out where nobody cares.</summary>
        [Range(0, 1_000_000)]
        public long? ReorderLevel { get; init; }
    }

    /// <summary>What is absent stays; null removes.</summary>
    /// <example>{ "reorderLevel": 5 }</example>
    public sealed record EditRequest
    {
        /// <summary>Name shown to people.</summary>
        [StringLength(200, MinimumLength = 1)]
        public Optional<string> Name { get; init; }

        /// <summary>Of which model.</summary>
        [StringLength(200, MinimumLength = 1)]
        public Optional<string> Model { get; init; }

        /// <summary>Who made it.</summary>
        [StringLength(200, MinimumLength = 1)]
        public Optional<string> Manufacturer { get; init; }

        /// <summary>Key of the site where it is kept.</summary>
        public Optional<string> Site { get; init; }

        /// <summary>Who sells it.</summary>
        [StringLength(200, MinimumLength = 1)]
        public Optional<string> Supplier { get; init; }

        /// <summary>How many there are when more should be bought.</summary>
        [Range(0, 1_000_000)]
        public Optional<long?> ReorderLevel { get; init; }
    }

    public static void Map(IEndpointRouteBuilder consumables)
    {
        consumables.MapGet("",
            (ListQuery list, AggregateStore<Consumable> store, CancellationToken ct) => list.PageAsync(store, Lists, ct))
            .WithName("ListConsumables").WithSummary("Lists consumables; reorderDue=true for what should be bought")
            .Requires(AssetPermissions.Read).Lists<Consumable>(Lists);
        consumables.MapGet("{id}",
            (string id, Read read, AggregateStore<Consumable> store, CancellationToken ct) => read.OneAsync(store, id, ct))
            .WithName("GetConsumable").WithSummary("Reads a consumable by id or number").Requires(AssetPermissions.Read)
            .Reads<Consumable>();
        consumables.MapPost("", CreateAsync).WithName("CreateConsumable").WithSummary("Adds a consumable")
            .Requires(AssetPermissions.Manage).Produces<Consumable>(StatusCodes.Status201Created);
        consumables.MapPatch("{id}", EditAsync).WithName("EditConsumable").WithSummary("Changes what is written of a consumable")
            .Requires(AssetPermissions.Manage).ChangesOne().Produces<Consumable>();
    }

    private static Task<IResult> CreateAsync(CreateRequest request, Write write, AggregateStore<Consumable> store,
        NumberSeries<Consumable> numbers, AssetLookup lookup, CancellationToken ct) => write.CreateAsync(store, async audit =>
    {
        var details = new ConsumableDetails(request.Name, request.Model, request.Manufacturer,
            await lookup.SiteAsync(request.Site, "/site", ct), request.Supplier, request.ReorderLevel);
        return Consumable.Create(await numbers.NextAsync(ct), details, request.Stock, audit);
    }, ct);

    private static Task<IResult> EditAsync(
        string id, EditRequest request, Write write, AggregateStore<Consumable> store, AssetLookup lookup, CancellationToken ct) =>
        write.ChangeAsync(store, id, "update", null, async (one, _) =>
        {
            var known = one.Details;
            one.Describe(new ConsumableDetails(
                request.Name.Or(known.Name, "/name"),
                request.Model.Or(known.Model), request.Manufacturer.Or(known.Manufacturer),
                request.Site.IsPresent ? await lookup.SiteAsync(request.Site.Value, "/site", ct) : known.Site,
                request.Supplier.Or(known.Supplier), request.ReorderLevel.Or(known.ReorderLevel)));
        }, ct);
}
