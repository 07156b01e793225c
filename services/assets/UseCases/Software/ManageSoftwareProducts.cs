using System.ComponentModel.DataAnnotations;
using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Ticketing;

namespace Itsm.Assets.UseCases;

/// <summary>The software that licenses and installations are of.</summary>
internal static class ManageSoftwareProducts
{
    private static readonly ListDefinition Lists = new()
    {
        Filters =
        [
            Filter.Text("name", "nameKey", text => AssetDetails.KeyOf(text) ?? ""),
            Filter.Text("publisher", "publisherKey", text => AssetDetails.KeyOf(text) ?? ""), Filter.Person("owner"),
        ],
        Sorts = ["number"], DefaultSort = "number", TextSorts = new Dictionary<string, string> { ["name"] = "nameKey" },
        Expandable = ["owner"],
        Summary = new HashSet<string>(["version", "number", "name", "publisher", "owner"]),
    };

    /// <summary>A new product.</summary>
    /// <example>{ "name": "Draw", "publisher": "Example Software", "versions": [{ "version": "2026", "endOfSupport": "2031-10-14" }],
    /// "owner": "manager1" }</example>
    public sealed record CreateRequest
    {
        /// <summary>Name shown to people.</summary>
        [Required, StringLength(200, MinimumLength = 1)]
        public required string Name { get; init; }

        /// <summary>Who makes it.</summary>
        [Required, StringLength(200, MinimumLength = 1)]
        public required string Publisher { get; init; }

        /// <summary>The versions that matter here.</summary>
        [MaxLength(500)]
        public IReadOnlyList<SoftwareVersion>? Versions { get; init; }

        /// <summary>Id or user name of the person who answers for it.</summary>
        public string? Owner { get; init; }

        /// <summary>What else there is to know.</summary>
        [StringLength(32_000, MinimumLength = 1)]
        public string? Notes { get; init; }
    }

    /// <summary>What is absent stays; null removes.</summary>
    /// <example>{ "versions": [{ "version": "2026", "endOfSupport": "2031-10-14" }, { "version": "2029" }] }</example>
    public sealed record EditRequest
    {
        /// <summary>Name shown to people.</summary>
        [StringLength(200, MinimumLength = 1)]
        public Optional<string> Name { get; init; }

        /// <summary>Who makes it.</summary>
        [StringLength(200, MinimumLength = 1)]
        public Optional<string> Publisher { get; init; }

        /// <summary>All versions that matter here.</summary>
        [MaxLength(500)]
        public Optional<IReadOnlyList<SoftwareVersion>> Versions { get; init; }

        /// <summary>Id or user name of the person who answers for it.</summary>
        public Optional<string> Owner { get; init; }

        /// <summary>What else there is to know.</summary>
        [StringLength(32_000, MinimumLength = 1)]
        public Optional<string> Notes { get; init; }
    }

    public static void Map(IEndpointRouteBuilder products)
    {
        products.MapGet("",
            (ListQuery list, AggregateStore<SoftwareProduct> store, CancellationToken ct) => list.PageAsync(store, Lists, ct))
            .WithName("ListSoftwareProducts").WithSummary("Lists software products").Requires(AssetPermissions.Read)
            .Lists<SoftwareProduct>(Lists);
        products.MapGet("{id}",
            (string id, Read read, AggregateStore<SoftwareProduct> store, CancellationToken ct) => read.OneAsync(store, id, ct))
            .WithName("GetSoftwareProduct").WithSummary("Reads a software product by id or number").Requires(AssetPermissions.Read)
            .Reads<SoftwareProduct>(Lists);
        products.MapPost("", CreateAsync).WithName("CreateSoftwareProduct")
            .WithSummary("Adds a software product; of a publisher each name is there once").Requires(AssetPermissions.Manage)
            .Produces<SoftwareProduct>(StatusCodes.Status201Created);
        products.MapPatch("{id}", EditAsync).WithName("EditSoftwareProduct").WithSummary("Changes what is written of a software product")
            .Requires(AssetPermissions.Manage).ChangesOne().Produces<SoftwareProduct>();
    }

    private static Task<IResult> CreateAsync(CreateRequest request, Write write, AggregateStore<SoftwareProduct> store,
        NumberSeries<SoftwareProduct> numbers, AssetLookup lookup, CancellationToken ct) => write.CreateAsync(store, async audit =>
    {
        var details = new ProductDetails(request.Name, request.Publisher, request.Versions ?? [],
            await lookup.PersonAsync(request.Owner, "/owner", ct), request.Notes);
        details.Require();
        return SoftwareProduct.Create(await numbers.NextAsync(ct), details, audit);
    }, ct);

    private static Task<IResult> EditAsync(string id, EditRequest request, Write write, AggregateStore<SoftwareProduct> store,
        AssetLookup lookup, CancellationToken ct) => write.ChangeAsync(store, id, "update", null, async (product, _) =>
    {
        var known = product.Details;
        product.Describe(new ProductDetails(
            request.Name.Or(known.Name, "/name"), request.Publisher.Or(known.Publisher, "/publisher"),
            request.Versions.Or(known.Versions) ?? [],
            request.Owner.IsPresent ? await lookup.PersonAsync(request.Owner.Value, "/owner", ct) : known.Owner,
            request.Notes.Or(known.Notes)));
    }, ct);
}
