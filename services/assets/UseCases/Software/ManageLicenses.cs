using System.ComponentModel.DataAnnotations;
using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Ticketing;

namespace Itsm.Assets.UseCases;

/// <summary>Licenses: what was bought, for how long, and for what.</summary>
internal static class ManageLicenses
{
    private const int MostSeats = 1_000_000;

    private static readonly ListDefinition Lists = new()
    {
        Filters =
        [
            Filter.Thing<SoftwareProduct>("product"), Filter.OneOf<LicenseMetric>("metric"), Filter.OneOf<LicenseState>("state"),
            Filter.Text("supplier"), Filter.Id("contract"), Filter.Person("owner"), Filter.Day("startsOn"), Filter.Day("expiresOn"),
        ],
        Sorts = ["number"], DefaultSort = "number", Expandable = ["owner"], Expanders = [ExpandedProduct.Expander],
        TextSorts = new Dictionary<string, string> { ["startsOn"] = "startsOn", ["expiresOn"] = "expiresOn" },
    };

    /// <summary>A new license.</summary>
    /// <example>{ "name": "Office, Berlin", "product": "SWP0001001", "metric": "perUser", "seats": 150, "startsOn": "2026-01-01",
    /// "expiresOn": "2028-12-31", "cost": { "amount": 1800000, "currency": "EUR" }, "supplier": "Office Supplies Ltd",
    /// "reference": "L-0815", "owner": "manager1" }</example>
    public sealed record CreateRequest
    {
        /// <summary>Name shown to people.</summary>
        [Required, StringLength(200, MinimumLength = 1)]
        public required string Name { get; init; }

        /// <summary>Id or number of the product that it is for.</summary>
        [Required, StringLength(100, MinimumLength = 1)]
        public required string Product { get; init; }

        /// <summary>What a seat is for.</summary>
        public required LicenseMetric Metric { get; init; }

        /// <summary>How many seats it has.</summary>
        [Range(1, MostSeats)]
        public required int Seats { get; init; }

        /// <summary>Its first day.</summary>
        public required DateOnly StartsOn { get; init; }

        /// <summary>Its last day, UTC; left out where it has no end.</summary>
        public DateOnly? ExpiresOn { get; init; }

        /// <summary>What it costs in all.</summary>
        public Cost? Cost { get; init; }

        /// <summary>Who sold it.</summary>
        [StringLength(200, MinimumLength = 1)]
        public string? Supplier { get; init; }

        /// <summary>The supplier's own number of it.</summary>
        [StringLength(200, MinimumLength = 1)]
        public string? Reference { get; init; }

        /// <summary>Id or number of the contract that it belongs to.</summary>
        public string? Contract { get; init; }

        /// <summary>Id or user name of the person who answers for it.</summary>
        public string? Owner { get; init; }

        /// <summary>What else there is to know.</summary>
        [StringLength(32_000, MinimumLength = 1)]
        public string? Notes { get; init; }
    }

    /// <summary>What is absent stays; null removes. Product and metric stay what they are.</summary>
    /// <example>{ "seats": 200, "expiresOn": "2029-12-31" }</example>
    public sealed record EditRequest
    {
        /// <summary>Name shown to people.</summary>
        [StringLength(200, MinimumLength = 1)]
        public Optional<string> Name { get; init; }

        /// <summary>How many seats it has: not fewer than are assigned.</summary>
        [Range(1, MostSeats)]
        public Optional<int?> Seats { get; init; }

        /// <summary>Its first day.</summary>
        public Optional<DateOnly?> StartsOn { get; init; }

        /// <summary>Its last day, UTC.</summary>
        public Optional<DateOnly?> ExpiresOn { get; init; }

        /// <summary>What it costs in all.</summary>
        public Optional<Cost> Cost { get; init; }

        /// <summary>Who sold it.</summary>
        [StringLength(200, MinimumLength = 1)]
        public Optional<string> Supplier { get; init; }

        /// <summary>The supplier's own number of it.</summary>
        [StringLength(200, MinimumLength = 1)]
        public Optional<string> Reference { get; init; }

        /// <summary>Id or number of the contract that it belongs to.</summary>
        public Optional<string> Contract { get; init; }

        /// <summary>Id or user name of the person who answers for it.</summary>
        public Optional<string> Owner { get; init; }

        /// <summary>What else there is to know.</summary>
        [StringLength(32_000, MinimumLength = 1)]
        public Optional<string> Notes { get; init; }
    }

    /// <summary>Why.</summary>
    /// <example>{ "reason": "Replaced by a subscription." }</example>
    public sealed record RetireRequest
    {
        /// <summary>In the caller's words.</summary>
        [Required, StringLength(1000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    public static void Map(IEndpointRouteBuilder licenses)
    {
        licenses.MapGet("", (ListQuery list, AggregateStore<License> store, CancellationToken ct) => list.PageAsync(store, Lists, ct))
            .WithName("ListLicenses").WithSummary("Lists licenses; expiresOn[lte] for those that expire").Requires(AssetPermissions.Read)
            .Lists<License>(Lists);
        licenses.MapGet("{id}", (string id, Read read, AggregateStore<License> store, CancellationToken ct) => read.OneAsync(store, id, ct))
            .WithName("GetLicense").WithSummary("Reads a license by id or number").Requires(AssetPermissions.Read).Reads<License>(Lists);
        licenses.MapPost("", CreateAsync).WithName("CreateLicense").WithSummary("Adds a license of a software product")
            .Requires(AssetPermissions.Manage).Produces<License>(StatusCodes.Status201Created);
        licenses.MapPatch("{id}", EditAsync).WithName("EditLicense")
            .WithSummary("Changes a license; it keeps as many seats as are assigned").Requires(AssetPermissions.Manage).ChangesOne()
            .Produces<License>();
        licenses.MapPost("{id}/retire",
            (string id, RetireRequest request, Write write, AggregateStore<License> store, CancellationToken ct) =>
                write.ChangeAsync(store, id, "retire", request.Reason, (license, audit) => license.Retire(audit), ct))
            .WithName("RetireLicense").WithSummary("Retires a license: nothing more is assigned of it").Requires(AssetPermissions.Manage)
            .ChangesOne().Produces<License>();
    }

    private static Task<IResult> CreateAsync(CreateRequest request, Write write, AggregateStore<License> store,
        NumberSeries<License> numbers, AssetLookup lookup, SoftwareLookup software, CancellationToken ct) =>
        write.CreateAsync(store, async audit =>
        {
            var product = await software.ProductAsync(request.Product, "/product", ct);
            var details = new LicenseDetails
            {
                Name = request.Name, Seats = request.Seats, StartsOn = request.StartsOn, ExpiresOn = request.ExpiresOn, Cost = request.Cost,
                Supplier = request.Supplier, Reference = request.Reference,
                Contract = await software.ContractAsync(request.Contract, "/contract", ct),
                Owner = await lookup.PersonAsync(request.Owner, "/owner", ct), Notes = request.Notes,
            };
            details.Require();
            return License.Create(await numbers.NextAsync(ct), product.Id, request.Metric, details, audit);
        }, ct);

    private static Task<IResult> EditAsync(string id, EditRequest request, Write write, AggregateStore<License> store, AssetLookup lookup,
        SoftwareLookup software, CancellationToken ct) => write.ChangeAsync(store, id, "update", null, async (license, audit) =>
    {
        var known = license.Details;
        license.Describe(new LicenseDetails
        {
            Name = request.Name.Or(known.Name, "/name"),
            Seats = request.Seats.Or(known.Seats, "/seats")!.Value,
            StartsOn = request.StartsOn.Or(known.StartsOn, "/startsOn")!.Value,
            ExpiresOn = request.ExpiresOn.Or(known.ExpiresOn), Cost = request.Cost.Or(known.Cost),
            Supplier = request.Supplier.Or(known.Supplier), Reference = request.Reference.Or(known.Reference),
            Contract = request.Contract.IsPresent
                ? await software.ContractAsync(request.Contract.Value, "/contract", ct)
                : known.Contract,
            Owner = request.Owner.IsPresent ? await lookup.PersonAsync(request.Owner.Value, "/owner", ct) : known.Owner,
            Notes = request.Notes.Or(known.Notes),
        }, audit);
    }, ct);
}

/// <summary>The software product that an id stands for, where the caller may see it.</summary>
public sealed record ExpandedProduct : INamed
{
    /// <summary>As in the field.</summary>
    public required Guid Id { get; init; }

    /// <summary>Number shown to people.</summary>
    public required string Number { get; init; }

    /// <summary>Name shown to people.</summary>
    public required string Name { get; init; }

    /// <summary>Who makes it.</summary>
    public required string Publisher { get; init; }

    /// <summary>Of the field <c>product</c>.</summary>
    internal static Expander Expander { get; } = Expander.Thing<SoftwareProduct, ExpandedProduct>("product");
}
