using System.ComponentModel.DataAnnotations;
using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Platform.Values;

namespace Itsm.Assets.UseCases;

/// <summary>Who and what has seats of licenses.</summary>
internal static class AssignLicenses
{
    /// <summary>Half of what is left to a claim that nobody knows of.</summary>
    private static readonly TimeSpan Patience = License.Allowance / 2;

    private static readonly ListDefinition Lists = Of(Filter.Id("license"), Filter.Id("product"));

    private static readonly ListDefinition OfOne = Of();

    /// <summary>To whom or what: a person, or an asset, as the license's metric says.</summary>
    /// <example>{ "person": "employee1" }</example>
    public sealed record AssignRequest
    {
        /// <summary>Id or user name of the person; of a license per user.</summary>
        public string? Person { get; init; }

        /// <summary>Id, number or tag of the asset; of a license per device or per core.</summary>
        [StringLength(100, MinimumLength = 1)]
        public string? Asset { get; init; }

        /// <summary>How many processor cores of it count; of a license per core.</summary>
        [Range(1, 1024)]
        public int? Cores { get; init; }
    }

    /// <summary>Why.</summary>
    /// <example>{ "reason": "Moved to another team." }</example>
    public sealed record EndRequest
    {
        /// <summary>In the caller's words.</summary>
        [StringLength(1000, MinimumLength = 3)]
        public string? Reason { get; init; }
    }

    public static void MapLicenses(IEndpointRouteBuilder licenses)
    {
        licenses.MapGet("{id}/assignments",
            async (string id, ListQuery list, Read read, AggregateStore<License> store, AggregateStore<LicenseAssignment> assignments,
                CancellationToken ct) => await list.PageAsync(assignments, OfOne, ct,
                    Condition.In("license", BsonMapping.Value((await read.FindAsync(store, id, ct)).Id))))
            .WithName("ListAssignmentsOfLicense").WithSummary("Lists who and what has seats of a license, or had them")
            .Requires(AssetPermissions.Read).Lists<LicenseAssignment>(OfOne);
        licenses.MapPost("{id}/assignments", AssignAsync).WithName("AssignLicense")
            .WithSummary("Gives seats of a license to a person or an asset, while there are some")
            .WithDescription("A license per user goes to a person; one per device to an asset; one per core to an asset, for as many seats "
                + "as cores. A person or an asset has a license once.")
            .Requires(AssetPermissions.Manage).Produces<LicenseAssignment>(StatusCodes.Status201Created);
    }

    public static void Map(IEndpointRouteBuilder assignments)
    {
        assignments.MapGet("",
            (ListQuery list, AggregateStore<LicenseAssignment> store, CancellationToken ct) => list.PageAsync(store, Lists, ct))
            .WithName("ListLicenseAssignments")
            .WithSummary("Lists assignments of licenses; person=me for one's own, unusedSince[lte] for those that could be taken back")
            .Requires(AssetPermissions.ReadOwn).Lists<LicenseAssignment>(Lists);
        assignments.MapGet("{id}",
            (string id, Read read, AggregateStore<LicenseAssignment> store, CancellationToken ct) => read.OneAsync(store, id, ct))
            .WithName("GetLicenseAssignment").WithSummary("Reads an assignment of a license").Requires(AssetPermissions.ReadOwn)
            .Reads<LicenseAssignment>(Lists);
        assignments.MapPost("{id}/end", EndAsync).WithName("EndLicenseAssignment")
            .WithSummary("Ends an assignment of a license; its seats are free again").Requires(AssetPermissions.Manage).ChangesOne()
            .Produces<LicenseAssignment>();
    }

    private static Task<IResult> AssignAsync(string id, AssignRequest request, Write write, Read read, AggregateStore<License> licenses,
        AggregateStore<LicenseAssignment> assignments, AggregateStore<SoftwareProduct> products, AssetLookup lookup,
        SoftwareLookup software, StockGate gate, CancellationToken ct) => gate.TakeAsync(id, async () =>
    {
        LicenseAssignment? made = null;
        try
        {
            return await write.CreateAsync(assignments, async audit =>
            {
                var license = AggregateStore<License>.Load(await read.FindAsync(licenses, id, ct));
                var holder = await HolderAsync(license, request, lookup, software, write.Caller, ct);
                var product = await products.FindAsync(license.Product, ct);
                made = LicenseAssignment.Of(license, product!.Name, holder, audit);
                var claim = new AuditContext { By = audit.By, Action = "assign", At = audit.At };
                await licenses.UpdateAsync(license.Id, claim, one => one.Claim(made, claim), ct);
                return licenses.Clock.GetUtcNow() - audit.At < Patience
                    ? made
                    : throw new ConcurrentChangeException($"{license.Number} could not be assigned in time; try again.");
            }, ct, location: one => $"/api/v1/license-assignments/{one.Id}");
        }
        catch (DuplicateKeyException)
        {
            await licenses.UpdateAsync(made!.License, AuditContext.OfService("assets", "release", licenses.Clock),
                license => license.Release(made.Id), ct);
            throw License.AssignedAlready((await licenses.FindAsync(made.License, ct))!.Number);
        }
    }, ct);

    private static async Task<IResult> EndAsync(string id, EndRequest request, Write write, AggregateStore<LicenseAssignment> store,
        ReleaseSeats release, CancellationToken ct)
    {
        Guid? ended = null;
        var answer = await write.ChangeAsync(store, id, "end", request.Reason, (one, audit) =>
        {
            one.End(request.Reason, audit);
            ended = one.Id;
        }, ct);
        if (ended is { } its)
        {
            await release.TryAsync(its);
        }

        return answer;
    }

    private static async ValueTask<SeatHolder> HolderAsync(License license, AssignRequest request, AssetLookup lookup,
        SoftwareLookup software, Caller caller, CancellationToken ct)
    {
        var (ofPerson, ofCores) = (license.Metric == LicenseMetric.PerUser, license.Metric == LicenseMetric.PerCore);
        Require("person", request.Person is not null, ofPerson, license);
        Require("asset", request.Asset is not null, !ofPerson, license);
        Require("cores", request.Cores is not null, ofCores, license);
        if (ofPerson)
        {
            return new(await lookup.PersonAsync(request.Person, "/person", ct), null, null);
        }

        var asset = await software.DeviceAsync(request.Asset!, "/asset", caller, ct);
        return asset.State is AssetState.Retired or AssetState.Disposed
            ? throw new InvalidValueException("/asset", FieldCode.Conflicting, $"{asset.Number} is {asset.State}: no license is for it.")
            : new(null, asset.Id, request.Cores);
    }

    private static void Require(string name, bool given, bool needed, License license)
    {
        if (given != needed)
        {
            throw needed
                ? new InvalidValueException($"/{name}", FieldCode.Required, $"{name} is required: {license.Number} is {license.Metric}.")
                : new InvalidValueException($"/{name}", FieldCode.Conflicting,
                    $"{name} does not go with {license.Number}, which is {license.Metric}.");
        }
    }

    private static ListDefinition Of(params Filter[] more) => new()
    {
        Filters =
        [
            .. more, Filter.Person("person"), Filter.Id("asset"), Filter.Flag("active"), Filter.Instant("unusedSince"),
            Filter.Instant("lastUsedAt"),
        ],
        Sorts = ["assignedAt"], DefaultSort = "-assignedAt", Expandable = ["person"], Expanders = [ExpandedProduct.Expander],
        SortFields = new Dictionary<string, string> { ["unusedSince"] = "unusedSince" },
    };
}
