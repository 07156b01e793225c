using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Ticketing;

namespace Itsm.Assets.UseCases;

/// <summary>What there is, who has it, and what it is worth.</summary>
internal static class ReadAssets
{
    private static readonly ListDefinition Lists = new()
    {
        Filters =
        [
            Filter.OneOf<AssetState>("state"), Filter.Person("holder").For(AssetPermissions.Read),
            Filter.Text("holderSite").For(AssetPermissions.Read), Filter.Id("holderAsset").For(AssetPermissions.Read),
            Filter.Person("owner").For(AssetPermissions.Read), Filter.Group("ownerGroup").For(AssetPermissions.Read), Filter.Text("site"),
            Filter.Text("model"), Filter.Text("manufacturer"), Filter.Text("tag", "tagKey", text => AssetDetails.KeyOf(text) ?? ""),
            Filter.Day("warrantyEndsOn"), Filter.Flag("overdue"), Filter.OneOf<AcceptanceState>("acceptance", "acceptance.state"),
            Filter.Things("configurationItem", "Ids, numbers or keys of configuration items, with commas; none for those without.",
                FindItemAsync).For(AssetPermissions.Read),
        ],
        Sorts = ["number", "updatedAt"], DefaultSort = "number",
        TextSorts = new Dictionary<string, string> { ["tag"] = "tagKey", ["warrantyEndsOn"] = "warrantyEndsOn" },
        Expandable = ["holder", "lastHolder", "owner", "ownerGroup"],
        Summary = new HashSet<string>(
        [
            "version", "number", "tag", "name", "model", "manufacturer", "serialNumber", "state", "stateSince", "site", "owner",
            "ownerGroup", "holder", "holderSite", "holderAsset", "checkedOutAt", "expectedReturn", "overdue", "overdueSince", "acceptance",
            "purchasedOn", "warrantyEndsOn", "updatedAt",
        ]),
    };

    private static readonly QueryParameter<DateOnly> At = new("at", QueryValue.Day, "The day; today in UTC where left out.");

    /// <summary>What an asset is worth on a day.</summary>
    /// <param name="Asset">Id of the asset.</param>
    /// <param name="At">The day.</param>
    /// <param name="BookValue">Its value then, on a straight line from its cost to its salvage value.</param>
    /// <param name="Cost">What it cost.</param>
    /// <param name="SalvageValue">What remains at the end.</param>
    /// <param name="DepreciatedFrom">The day of its purchase.</param>
    /// <param name="DepreciatedUntil">The first day on which it is worth its salvage value alone.</param>
    public sealed record Value(
        Guid Asset, DateOnly At, Cost BookValue, Cost Cost, Cost SalvageValue, DateOnly DepreciatedFrom, DateOnly DepreciatedUntil);

    public static void Map(IEndpointRouteBuilder assets)
    {
        assets.MapGet("", (ListQuery list, AggregateStore<Asset> store, CancellationToken ct) => list.PageAsync(store, Lists, ct))
            .WithName("ListAssets").WithSummary("Lists assets; holder=me for what one has").Requires(AssetPermissions.ReadOwn)
            .Lists<Asset>(Lists);
        assets.MapGet("{id}", (string id, Read read, AggregateStore<Asset> store, CancellationToken ct) => read.OneAsync(store, id, ct))
            .WithName("GetAsset").WithSummary("Reads an asset by id or number").Requires(AssetPermissions.ReadOwn).Reads<Asset>(Lists);
        assets.MapGet("{id}/book-value", ValueAsync).WithName("GetBookValue").WithSummary("Reads what an asset is worth on a day")
            .Requires(AssetPermissions.Read).Takes(At).Tagged().MayRefuse().Produces<Value>();
    }

    /// <summary>The ids that assets may name an item by: those of items that were merged into it, too.</summary>
    private static async ValueTask<IReadOnlyList<Guid>> FindItemAsync(
        string named, Caller caller, IServiceProvider services, CancellationToken ct)
    {
        var item = await services.GetRequiredService<ItemLookup>().RequireSurvivorAsync(named, caller, "?configurationItem", ct);
        return [item.Id, .. item.MergedFrom.Select(one => one.Id)];
    }

    private static Task<IResult> ValueAsync(
        string id, Read read, AggregateStore<Asset> store, HttpRequest request, TimeProvider clock, CancellationToken ct) =>
        read.PartAsync(store, id, asset => ValueTask.FromResult<object>(
            ValueOf(asset, At.TryRead(request, out var day) ? day : DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime))), ct);

    private static Value ValueOf(Asset asset, DateOnly at)
    {
        if (asset is not { Cost: { } cost, PurchasedOn: { } from, UsefulLife: { } months })
        {
            var missing = new (string Name, object? Value)[]
            {
                ("cost", asset.Cost), ("purchasedOn", asset.PurchasedOn), ("usefulLife", asset.UsefulLife),
            }.Where(one => one.Value is null).Select(one => one.Name);
            throw new RuleViolationException("asset.no-depreciation",
                $"The value of {asset.Number} can't be told without {missing.Listed}.");
        }

        if (at < from)
        {
            throw new InvalidValueException("?at", FieldCode.OutOfRange,
                $"at can't be {at:yyyy-MM-dd}, before the purchase on {from:yyyy-MM-dd}.");
        }

        var salvage = asset.SalvageValue ?? 0;
        return new(asset.Id, at, cost with { Amount = Depreciation.BookValue(cost.Amount, salvage, from, months, at) }, cost,
            cost with { Amount = salvage }, from, Depreciation.End(from, months));
    }
}
