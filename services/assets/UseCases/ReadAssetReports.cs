using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using MongoDB.Bson;

namespace Itsm.Assets.UseCases;

/// <summary>What somebody should look after: devices without patches, without warranty, and those that nobody has seen.</summary>
internal sealed class ReadAssetReports(
    AggregateStore<Asset> assets, AggregateStore<DeviceSoftware> devices, AggregateStore<AssetAudit> audits,
    AggregateStore<AuditedAsset> audited, People people)
{
    private const int MostAudits = 200;
    private const int PageSize = 200;

    /// <summary>Nobody looks after what is retired or disposed of.</summary>
    private static readonly BsonValue[] Kept =
    [
        .. Enum.GetValues<AssetState>().Except([AssetState.Retired, AssetState.Disposed]).Select(state => BsonMapping.Value(state)),
    ];

    private static readonly QueryParameter<long> Limit = new("limit", QueryValue.Whole(1, 1000), "How many items at most.", 200);
    private static readonly QueryParameter<string> Severity = new("severity", QueryValue.Member<PatchSeverity>(),
        "The least severity of a patch.", "low");
    private static readonly QueryParameter<long> Within = new("within", QueryValue.Whole(0, 3650),
        "Also those whose warranty ends in so many days.", 0);

    /// <summary>Devices that miss patches.</summary>
    /// <param name="Items">By number.</param>
    /// <param name="Truncated">True where there are more.</param>
    public sealed record UnpatchedDevices(IReadOnlyList<UnpatchedDevice> Items, bool Truncated);

    /// <summary>A device that misses patches.</summary>
    /// <param name="Asset">Which.</param>
    /// <param name="SeenAt">When it was so.</param>
    /// <param name="Patches">Those of the severity that was asked for, or a worse one; the worst first.</param>
    public sealed record UnpatchedDevice(ReportedAsset Asset, DateTimeOffset SeenAt, IReadOnlyList<MissingPatch> Patches);

    /// <summary>Assets whose warranty has ended, or ends soon.</summary>
    /// <param name="Items">The first to end first.</param>
    /// <param name="Truncated">True where there are more.</param>
    public sealed record UnwarrantedAssets(IReadOnlyList<UnwarrantedAsset> Items, bool Truncated);

    /// <summary>An asset whose warranty has ended, or ends soon.</summary>
    /// <param name="Asset">Which.</param>
    /// <param name="WarrantyEndsOn">The last day of its warranty.</param>
    /// <param name="DaysLeft">How many days after today that is; negative where it has ended.</param>
    public sealed record UnwarrantedAsset(ReportedAsset Asset, DateOnly WarrantyEndsOn, int DaysLeft);

    /// <summary>Assets that the last audit that looked for them did not find.</summary>
    /// <param name="Items">Those of the newest audit first.</param>
    /// <param name="Truncated">True where there are more, or more than 200 closed audits.</param>
    public sealed record UnseenAssets(IReadOnlyList<UnseenAsset> Items, bool Truncated);

    /// <summary>An asset that was not found.</summary>
    /// <param name="Asset">Which, as it is now.</param>
    /// <param name="Audit">The last closed audit that looked for it.</param>
    /// <param name="ExpectedSite">Key of the site where it should have been.</param>
    /// <param name="ExpectedHolder">The person who should have had it.</param>
    public sealed record UnseenAsset(ReportedAsset Asset, ReportedAudit Audit, string? ExpectedSite, PersonOrGroup? ExpectedHolder);

    /// <summary>An asset.</summary>
    /// <param name="Id">Identity.</param>
    /// <param name="Number">Shown to people.</param>
    /// <param name="Tag">As printed on the device.</param>
    /// <param name="Name">Shown to people.</param>
    /// <param name="Model">Of which model.</param>
    /// <param name="State">Where it stands.</param>
    /// <param name="Site">Key of the site where it is.</param>
    /// <param name="Holder">The person who has it.</param>
    /// <param name="Href">Where it is read.</param>
    public sealed record ReportedAsset(Guid Id, string Number, string? Tag, string Name, string? Model, AssetState State, string? Site,
        PersonOrGroup? Holder, string Href);

    /// <summary>An audit.</summary>
    /// <param name="Id">Identity.</param>
    /// <param name="Number">Shown to people.</param>
    /// <param name="Name">Shown to people.</param>
    /// <param name="ClosedAt">When it was closed.</param>
    /// <param name="Href">Where it is read.</param>
    public sealed record ReportedAudit(Guid Id, string Number, string Name, DateTimeOffset? ClosedAt, string Href);

    public static void Map(IEndpointRouteBuilder reports)
    {
        reports.MapGet("missing-patches", (ReadAssetReports read, Caller caller, HttpRequest request, CancellationToken ct) =>
                read.UnpatchedAsync(caller, request, ct))
            .WithName("ReportMissingPatches").WithSummary("Reads which devices miss patches, by what was last reported of them")
            .Requires(AssetPermissions.Read).Takes(Severity, Limit).Produces<UnpatchedDevices>();
        reports.MapGet("out-of-warranty", (ReadAssetReports read, Caller caller, HttpRequest request, CancellationToken ct) =>
                read.UnwarrantedAsync(caller, request, ct))
            .WithName("ReportOutOfWarranty")
            .WithSummary("Reads which assets have no warranty any more, or soon; without those retired or disposed of")
            .Requires(AssetPermissions.Read).Takes(Within, Limit).Produces<UnwarrantedAssets>();
        reports.MapGet("not-seen-in-last-audit", (ReadAssetReports read, Caller caller, HttpRequest request, CancellationToken ct) =>
                read.UnseenAsync(caller, request, ct))
            .WithName("ReportNotSeenInLastAudit")
            .WithSummary("Reads which assets are missing by the last closed audit that looked for them, or found them")
            .Requires(AssetPermissions.Read).Takes(Limit).Produces<UnseenAssets>();
    }

    private async Task<UnpatchedDevices> UnpatchedAsync(Caller caller, HttpRequest request, CancellationToken ct)
    {
        var (least, limit) = (Enum.Parse<PatchSeverity>(Severity.Of(request)!, ignoreCase: true), (int)Limit.Of(request));
        BsonValue[] severities = [.. Enum.GetValues<PatchSeverity>().Where(one => one >= least).Select(one => BsonMapping.Value(one))];
        var (items, truncated) = (new List<UnpatchedDevice>(), false);
        await foreach (var document in devices.Documents.AllAsync(new DocumentQuery(
            [Condition.In("worstSeverity", severities), Condition.In("readers", caller.TokenValues)], "number", false, null, PageSize), ct))
        {
            var device = AggregateStore<DeviceSoftware>.Load(document);
            if (await FindAsync(device.Id, ct) is not { } asset)
            {
                continue;
            }

            if (truncated = items.Count == limit)
            {
                break;
            }

            items.Add(new(asset, device.SeenAt, [.. device.MissingPatches.Where(patch => patch.Severity >= least)
                .OrderByDescending(patch => patch.Severity).ThenBy(patch => patch.Id, StringComparer.Ordinal)]));
        }

        return new(items, truncated);
    }

    private async Task<UnwarrantedAssets> UnwarrantedAsync(Caller caller, HttpRequest request, CancellationToken ct)
    {
        var (today, limit) = (DateOnly.FromDateTime(assets.Clock.GetUtcNow().UtcDateTime), (int)Limit.Of(request));
        var last = today.AddDays((int)Within.Of(request));
        var found = await assets.Documents.QueryAsync(new DocumentQuery(
        [
            Condition.In("readers", caller.TokenValues), Condition.In("state", Kept),
            Condition.Within("warrantyEndsOn", "", true, BsonMapping.Value(last), true),
        ], "warrantyEndsOn", false, null, limit + 1), ct);
        var items = new List<UnwarrantedAsset>();
        foreach (var asset in found.Take(limit).Select(AggregateStore<Asset>.Load))
        {
            var ends = asset.WarrantyEndsOn!.Value;
            items.Add(new(await ShowAsync(asset, ct), ends, ends.DayNumber - today.DayNumber));
        }

        return new(items, found.Count > limit);
    }

    private async Task<UnseenAssets> UnseenAsync(Caller caller, HttpRequest request, CancellationToken ct)
    {
        var (limit, items) = ((int)Limit.Of(request), new List<UnseenAsset>());
        var closed = await audits.Documents.QueryAsync(new DocumentQuery(
            [Condition.In("state", BsonMapping.Value(AssetAuditState.Closed)), Condition.In("readers", caller.TokenValues)],
            "startedAt", true, null, MostAudits + 1), ct);
        var rounds = closed.Take(MostAudits).Select(AggregateStore<AssetAudit>.Load)
            .OrderByDescending(round => round.ClosedAt).ToList();
        var decided = new HashSet<Guid>();
        var places = rounds.Index().ToDictionary(one => one.Item.Id, one => one.Index);
        foreach (var round in rounds)
        {
            await foreach (var document in audited.Documents.AllAsync(new DocumentQuery(
                [Condition.In("audit", BsonMapping.Value(round.Id)), Condition.In("finding", BsonMapping.Value(AuditFinding.Missing))],
                "number", false, null, PageSize), ct))
            {
                var missing = AggregateStore<AuditedAsset>.Load(document);
                if (!decided.Add(missing.Asset!.Value) || await LastAsync(missing.Asset.Value, places, ct) != round.Id
                    || await FindAsync(missing.Asset.Value, ct) is not { } asset)
                {
                    continue;
                }

                if (items.Count == limit)
                {
                    return new(items, true);
                }

                items.Add(new(asset, new(round.Id, round.Number, round.Name, round.ClosedAt, $"/api/v1/asset-audits/{round.Id}"),
                    missing.ExpectedSite, await PersonAsync(missing.ExpectedHolder, ct)));
            }
        }

        return new(items, closed.Count > MostAudits);
    }

    /// <summary>The last of these audits that expected an asset, or found it.</summary>
    private async ValueTask<Guid> LastAsync(Guid asset, Dictionary<Guid, int> places, CancellationToken ct) =>
        (await audited.Documents.QueryAsync(
            new DocumentQuery([Condition.In("asset", BsonMapping.Value(asset))], "number", false, null, DocumentQuery.MostLimit), ct))
            .Select(found => AggregateStore<AuditedAsset>.Load(found).Audit).Where(places.ContainsKey).MinBy(round => places[round]);

    /// <summary>An asset; null where it is retired or disposed of.</summary>
    private async ValueTask<ReportedAsset?> FindAsync(Guid id, CancellationToken ct) =>
        await assets.FindAsync(id, ct) is { State: not (AssetState.Retired or AssetState.Disposed) } asset
            ? await ShowAsync(asset, ct)
            : null;

    private async ValueTask<ReportedAsset> ShowAsync(Asset asset, CancellationToken ct) => new(asset.Id, asset.Number, asset.Tag,
        asset.Name, asset.Model, asset.State, asset.Site, await PersonAsync(asset.Holder, ct), $"/api/v1/assets/{asset.Id}");

    private async ValueTask<PersonOrGroup?> PersonAsync(Guid? id, CancellationToken ct) =>
        id is { } person ? await PersonOrGroup.FindAsync(person, people, ct) : null;
}
