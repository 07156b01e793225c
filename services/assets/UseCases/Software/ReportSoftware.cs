using System.ComponentModel.DataAnnotations;
using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Platform.Values;

namespace Itsm.Assets.UseCases;

/// <summary>What devices have installed: told by discovery, read by people.</summary>
internal static class ReportSoftware
{
    private static readonly TimeSpan MostAhead = TimeSpan.FromMinutes(5);

    private static readonly ListDefinition Lists = new()
    {
        Filters = [], Sorts = ["number"], DefaultSort = "number", Expandable = ["holder"],
        Summary = new HashSet<string>(["version", "number", "name", "holder", "source", "seenAt", "worstSeverity"]),
    };

    /// <summary>What a device has now.</summary>
    /// <example>{ "device": "IT-1001", "installations": [{ "name": "Draw", "publisher": "Example Software", "version": "2026" }],
    /// "missingPatches": [{ "id": "KB5031455", "severity": "critical", "title": "Cumulative update", "publishedOn": "2026-10-13" }]
    /// }</example>
    public sealed record ReportRequest
    {
        /// <summary>Id, number or tag of the asset.</summary>
        [Required, StringLength(100, MinimumLength = 1)]
        public required string Device { get; init; }

        /// <summary>What tells it; <c>discovery</c> where left out.</summary>
        [StringLength(60), RegularExpression("^[a-z0-9]+(-[a-z0-9]+)*$", ErrorMessage = "lower-case letters, digits and single hyphens")]
        public string? Source { get; init; }

        /// <summary>When it was so; now where left out.</summary>
        public DateTimeOffset? SeenAt { get; init; }

        /// <summary>All that is installed; left out where that was not looked at.</summary>
        [MaxLength(1_000)]
        public IReadOnlyList<ReportedInstallation>? Installations { get; init; }

        /// <summary>All patches that are missing; left out where that was not looked at.</summary>
        [MaxLength(500)]
        public IReadOnlyList<MissingPatch>? MissingPatches { get; init; }
    }

    /// <summary>Software on the device: a product that is known, or a name and a publisher.</summary>
    public sealed record ReportedInstallation
    {
        /// <summary>Id or number of the product.</summary>
        [StringLength(100, MinimumLength = 1)]
        public string? Product { get; init; }

        /// <summary>Its name; a product of this name and publisher is found by them.</summary>
        [StringLength(200, MinimumLength = 1)]
        public string? Name { get; init; }

        /// <summary>Who makes it.</summary>
        [StringLength(200, MinimumLength = 1)]
        public string? Publisher { get; init; }

        /// <summary>Which version.</summary>
        [StringLength(100, MinimumLength = 1)]
        public string? Version { get; init; }

        /// <summary>When it was last used there.</summary>
        public DateTimeOffset? LastUsedAt { get; init; }
    }

    public static void Map(IEndpointRouteBuilder reports) => reports.MapPost("", ReportAsync).WithName("ReportSoftware")
        .WithSummary("Tells what a device has installed, and which patches it misses")
        .WithDescription("Each list is the whole of it; one that is left out stays as it was. What was seen earlier than what is stored "
            + "changes nothing: the answer has what is stored. A name and publisher that no product has are kept, and become the product's "
            + "with the next report once there is one. A use that is a week later than what is known is noted at the licenses of the "
            + "device, and of the person who has it.")
        .Requires(AssetPermissions.ReportSoftware).Tagged().Produces<DeviceSoftware>();

    public static void MapAssets(IEndpointRouteBuilder assets) => assets.MapGet("{id}/software",
        async (string id, Read read, AggregateStore<Asset> store, AggregateStore<DeviceSoftware> devices, CancellationToken ct) =>
            await read.OneAsync(devices, (await read.FindAsync(store, id, ct)).Id.ToString(), ct))
        .WithName("GetSoftwareOfAsset").WithSummary("Reads what an asset has installed, and which patches it misses")
        .Requires(AssetPermissions.Read).Reads<DeviceSoftware>(Lists);

    public static void MapProducts(IEndpointRouteBuilder products) => products.MapGet("{id}/installations",
        async (string id, ListQuery list, Read read, AggregateStore<SoftwareProduct> store, AggregateStore<DeviceSoftware> devices,
            CancellationToken ct) => await list.PageAsync(devices, Lists, ct,
                Condition.In("products", BsonMapping.Value((await read.FindAsync(store, id, ct)).Id))))
        .WithName("ListInstallations").WithSummary("Lists the devices that have a software product; fields=installations for versions")
        .Requires(AssetPermissions.Read).Lists<DeviceSoftware>(Lists);

    private static async Task<IResult> ReportAsync(ReportRequest request, Write write, Read read, AggregateStore<DeviceSoftware> devices,
        SoftwareLookup lookup, SoftwareUse use, StockGate gate, CancellationToken ct)
    {
        var asset = await lookup.DeviceAsync(request.Device, "/device", write.Caller, ct);
        var now = devices.Clock.GetUtcNow().ToMilliseconds();
        RequirePast(request.SeenAt, "/seenAt", now);
        var seenAt = request.SeenAt?.ToUniversalTime().ToMilliseconds() ?? now;
        var installations = await InstalledAsync(request.Installations, lookup, now, ct);
        foreach (var (index, patch) in (request.MissingPatches ?? []).Index())
        {
            AssetDetails.RequireDay(patch.PublishedOn, $"/missingPatches/{index}/publishedOn");
        }

        return await gate.TakeAsync(asset.Id.ToString(), async () =>
        {
            var known = await devices.FindAsync(asset.Id, ct);
            if (seenAt < known?.SeenAt)
            {
                return await read.OneAsync(devices, asset.Id.ToString(), ct);
            }

            var answer = await write.CreateAsync(devices, audit =>
            {
                known ??= DeviceSoftware.Of(asset);
                var report = new SoftwareReport(request.Source ?? "discovery", seenAt, installations, request.MissingPatches);
                known.Report(report, asset.Holder, audit);
                return ValueTask.FromResult(known);
            }, ct, status: StatusCodes.Status200OK);
            await use.NoteAsync(asset, ct);
            return answer;
        }, ct);
    }

    private static async ValueTask<IReadOnlyList<InstalledSoftware>?> InstalledAsync(
        IReadOnlyList<ReportedInstallation>? reported, SoftwareLookup lookup, DateTimeOffset now, CancellationToken ct)
    {
        if (reported is null)
        {
            return null;
        }

        var named = new Dictionary<string, SoftwareProduct>();
        foreach (var (index, one) in reported.Index())
        {
            RequireOneName(one, $"/installations/{index}");
            RequirePast(one.LastUsedAt, $"/installations/{index}/lastUsedAt", now);
            if (one.Product is { } product && !named.ContainsKey(product))
            {
                named[product] = await lookup.ProductAsync(product, $"/installations/{index}/product", ct);
            }
        }

        var known = await lookup.ByKeyAsync(
            [.. reported.Where(one => one.Product is null).Select(KeyOf).Distinct()], ct);
        return
        [
            .. reported.Select(one => (Its: one.Product is { } product ? named[product] : known.GetValueOrDefault(KeyOf(one)), One: one))
                .Select(one => new InstalledSoftware(one.Its?.Id, one.Its?.Name ?? one.One.Name!,
                    one.Its?.Publisher ?? one.One.Publisher!, one.One.Version, one.One.LastUsedAt?.ToUniversalTime().ToMilliseconds()))
                .GroupBy(one => (SoftwareProduct.KeyOf(one.Publisher, one.Name), one.Version))
                .Select(same => same.MaxBy(one => one.LastUsedAt ?? DateTimeOffset.MinValue)!),
        ];
    }

    private static string KeyOf(ReportedInstallation one) => SoftwareProduct.KeyOf(one.Publisher!, one.Name!);

    private static void RequireOneName(ReportedInstallation one, string pointer)
    {
        if (one is { Product: null, Name: null })
        {
            throw new InvalidValueException($"{pointer}/product", FieldCode.Required, $"product, or name and publisher, are required.");
        }

        if (one.Product is not null && (one.Name ?? one.Publisher) is { } other)
        {
            throw new InvalidValueException($"{pointer}/product", FieldCode.Conflicting,
                $"product {one.Product.Quoted} does not go with {other.Quoted}: product, or name and publisher.");
        }

        if (one.Product is null && (one.Name is null || one.Publisher is null))
        {
            throw new InvalidValueException($"{pointer}/{(one.Name is null ? "name" : "publisher")}", FieldCode.Required,
                $"name and publisher go together.");
        }
    }

    private static void RequirePast(DateTimeOffset? at, string pointer, DateTimeOffset now)
    {
        if (at > now + MostAhead)
        {
            throw new InvalidValueException(pointer, FieldCode.OutOfRange,
                $"{pointer[1..]} can't be {at:yyyy-MM-ddTHH:mm:ssZ}: it lies in the future.");
        }
    }
}
