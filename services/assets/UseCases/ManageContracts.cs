using System.ComponentModel.DataAnnotations;
using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Ticketing;

namespace Itsm.Assets.UseCases;

/// <summary>Contracts about assets.</summary>
internal static class ManageContracts
{
    /// <summary>How long before the last day of notice it is said.</summary>
    private static readonly TimeSpan NoticeAhead = TimeSpan.FromDays(30);

    private static readonly ListDefinition Lists = new()
    {
        Filters =
        [
            Filter.Text("supplier"), Filter.OneOf<ContractKind>("kind"), Filter.Person("owner"), Filter.Id("asset", "assets"),
            Filter.Day("endsOn"), Filter.Day("noticeOn"),
        ],
        Sorts = ["number"], DefaultSort = "number", Expandable = ["owner"],
        TextSorts = new Dictionary<string, string> { ["endsOn"] = "endsOn", ["noticeOn"] = "noticeOn" },
    };

    /// <summary>A new contract.</summary>
    /// <example>{ "name": "Repair of laptops", "kind": "support", "supplier": "Office Supplies Ltd", "reference": "S-0815",
    /// "startsOn": "2026-01-01", "endsOn": "2028-12-31", "noticeOn": "2028-09-30", "renewsItself": true,
    /// "cost": { "amount": 360000, "currency": "EUR" }, "owner": "manager1" }</example>
    public sealed record CreateRequest
    {
        /// <summary>Name shown to people.</summary>
        [Required, StringLength(200, MinimumLength = 1)]
        public required string Name { get; init; }

        /// <summary>What it is about.</summary>
        public ContractKind Kind { get; init; }

        /// <summary>With whom.</summary>
        [Required, StringLength(200, MinimumLength = 1)]
        public required string Supplier { get; init; }

        /// <summary>The supplier's own number of it.</summary>
        [StringLength(200, MinimumLength = 1)]
        public string? Reference { get; init; }

        /// <summary>Its first day.</summary>
        public required DateOnly StartsOn { get; init; }

        /// <summary>Its last day; left out where it has no end.</summary>
        public DateOnly? EndsOn { get; init; }

        /// <summary>The last day on which notice can be given.</summary>
        public DateOnly? NoticeOn { get; init; }

        /// <summary>True where it goes on unless notice is given.</summary>
        public bool RenewsItself { get; init; }

        /// <summary>What it costs in all.</summary>
        public Cost? Cost { get; init; }

        /// <summary>Id or user name of the person who answers for it.</summary>
        public string? Owner { get; init; }

        /// <summary>Ids or numbers of the assets that it covers.</summary>
        [MaxLength(1_000)]
        public IReadOnlyList<string>? Assets { get; init; }

        /// <summary>What else there is to know.</summary>
        [StringLength(32_000, MinimumLength = 1)]
        public string? Notes { get; init; }
    }

    /// <summary>What is absent stays; null removes.</summary>
    /// <example>{ "endsOn": "2029-12-31", "noticeOn": "2029-09-30" }</example>
    public sealed record EditRequest
    {
        /// <summary>Name shown to people.</summary>
        [StringLength(200, MinimumLength = 1)]
        public Optional<string> Name { get; init; }

        /// <summary>What it is about.</summary>
        public Optional<ContractKind?> Kind { get; init; }

        /// <summary>With whom.</summary>
        [StringLength(200, MinimumLength = 1)]
        public Optional<string> Supplier { get; init; }

        /// <summary>The supplier's own number of it.</summary>
        [StringLength(200, MinimumLength = 1)]
        public Optional<string> Reference { get; init; }

        /// <summary>Its first day.</summary>
        public Optional<DateOnly?> StartsOn { get; init; }

        /// <summary>Its last day.</summary>
        public Optional<DateOnly?> EndsOn { get; init; }

        /// <summary>The last day on which notice can be given.</summary>
        public Optional<DateOnly?> NoticeOn { get; init; }

        /// <summary>True where it goes on unless notice is given.</summary>
        public Optional<bool?> RenewsItself { get; init; }

        /// <summary>What it costs in all.</summary>
        public Optional<Cost> Cost { get; init; }

        /// <summary>Id or user name of the person who answers for it.</summary>
        public Optional<string> Owner { get; init; }

        /// <summary>Ids or numbers of all assets that it covers.</summary>
        [MaxLength(1_000)]
        public Optional<IReadOnlyList<string>> Assets { get; init; }

        /// <summary>What else there is to know.</summary>
        [StringLength(32_000, MinimumLength = 1)]
        public Optional<string> Notes { get; init; }
    }

    public static void Map(IEndpointRouteBuilder contracts)
    {
        contracts.MapGet("",
            (ListQuery list, AggregateStore<AssetContract> store, CancellationToken ct) => list.PageAsync(store, Lists, ct))
            .WithName("ListContracts").WithSummary("Lists contracts; endsOn[lte] for those that expire").Requires(AssetPermissions.Read)
            .Lists<AssetContract>(Lists);
        contracts.MapGet("{id}",
            (string id, Read read, AggregateStore<AssetContract> store, CancellationToken ct) => read.OneAsync(store, id, ct))
            .WithName("GetContract").WithSummary("Reads a contract by id or number").Requires(AssetPermissions.Read)
            .Reads<AssetContract>(Lists);
        contracts.MapPost("", CreateAsync).WithName("CreateContract").WithSummary("Adds a contract about assets")
            .Requires(AssetPermissions.Manage).Produces<AssetContract>(StatusCodes.Status201Created);
        contracts.MapPatch("{id}", EditAsync).WithName("EditContract").WithSummary("Changes a contract")
            .Requires(AssetPermissions.Manage).ChangesOne().Produces<AssetContract>();
    }

    private static Task<IResult> CreateAsync(CreateRequest request, Write write, AggregateStore<AssetContract> store,
        NumberSeries<AssetContract> numbers, AssetLookup lookup, CancellationToken ct) => write.CreateAsync(store, async audit =>
    {
        var details = new ContractDetails
        {
            Name = request.Name, Kind = request.Kind, Supplier = request.Supplier, Reference = request.Reference,
            StartsOn = request.StartsOn, EndsOn = request.EndsOn, NoticeOn = request.NoticeOn, RenewsItself = request.RenewsItself,
            Cost = request.Cost, Owner = await lookup.PersonAsync(request.Owner, "/owner", ct),
            Assets = await lookup.AssetsAsync(request.Assets ?? [], "/assets", write.Caller, ct), Notes = request.Notes,
        };
        details.Require();
        return AssetContract.Create(await numbers.NextAsync(ct), details, NoticeAhead, audit);
    }, ct);

    private static Task<IResult> EditAsync(string id, EditRequest request, Write write, AggregateStore<AssetContract> store,
        AssetLookup lookup, CancellationToken ct) => write.ChangeAsync(store, id, "update", null, async (contract, audit) =>
    {
        var known = contract.Details;
        contract.Describe(new ContractDetails
        {
            Name = request.Name.Or(known.Name, "/name"),
            Kind = request.Kind.Or(known.Kind, "/kind")!.Value,
            Supplier = request.Supplier.Or(known.Supplier, "/supplier"),
            Reference = request.Reference.Or(known.Reference),
            StartsOn = request.StartsOn.Or(known.StartsOn, "/startsOn")!.Value,
            EndsOn = request.EndsOn.Or(known.EndsOn), NoticeOn = request.NoticeOn.Or(known.NoticeOn),
            RenewsItself = request.RenewsItself.Or(known.RenewsItself, "/renewsItself")!.Value,
            Cost = request.Cost.Or(known.Cost),
            Owner = request.Owner.IsPresent ? await lookup.PersonAsync(request.Owner.Value, "/owner", ct) : known.Owner,
            Assets = request.Assets.IsPresent
                ? await lookup.AssetsAsync(request.Assets.Value ?? [], "/assets", write.Caller, ct)
                : known.Assets,
            Notes = request.Notes.Or(known.Notes),
        }, NoticeAhead, audit);
    }, ct);
}
