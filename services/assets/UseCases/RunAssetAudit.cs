using System.ComponentModel.DataAnnotations;
using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Ticketing;

namespace Itsm.Assets.UseCases;

/// <summary>Starts an audit, takes what is scanned, and closes it.</summary>
internal static class RunAssetAudit
{
    /// <summary>A new audit of the assets of which all of this is so.</summary>
    /// <example>{ "name": "Berlin, spring", "site": "berlin" }</example>
    public sealed record StartRequest
    {
        /// <summary>Name shown to people.</summary>
        [Required, StringLength(200, MinimumLength = 2)]
        public required string Name { get; init; }

        /// <summary>Only assets of the site with this key.</summary>
        public string? Site { get; init; }

        /// <summary>Only assets that this person has: id or user name.</summary>
        public string? Holder { get; init; }

        /// <summary>Only assets of this model.</summary>
        [StringLength(200, MinimumLength = 1)]
        public string? Model { get; init; }

        /// <summary>When it should be over.</summary>
        public DateTimeOffset? DueAt { get; init; }
    }

    /// <summary>What somebody has before their eyes.</summary>
    /// <example>{ "tag": "IT-4711", "site": "berlin" }</example>
    public sealed record ScanRequest
    {
        /// <summary>As printed on the device, or the asset's number.</summary>
        [Required, StringLength(100, MinimumLength = 1)]
        public required string Tag { get; init; }

        /// <summary>Key of the site where it is; that of the audit where left out.</summary>
        public string? Site { get; init; }

        /// <summary>What else there is to know.</summary>
        [StringLength(1000, MinimumLength = 1)]
        public string? Note { get; init; }
    }

    /// <summary>Why.</summary>
    /// <example>{ "reason": "All rooms were visited." }</example>
    public sealed record CloseRequest
    {
        /// <summary>In the caller's words.</summary>
        [StringLength(1000, MinimumLength = 3)]
        public string? Reason { get; init; }
    }

    public static void Map(IEndpointRouteBuilder audits)
    {
        audits.MapPost("", StartAsync).WithName("StartAssetAudit").WithSummary("Starts an audit: what is in its scope now is expected")
            .Requires(AssetPermissions.Manage).Produces<AssetAudit>(StatusCodes.Status201Created);
        audits.MapPost("{id}/scan", ScanAsync).WithName("ScanAsset")
            .WithSummary("Notes that an asset was seen: found, in a wrong place, or unknown").Requires(AssetPermissions.Manage)
            .Tagged().Produces<AuditedAsset>();
        audits.MapPost("{id}/close",
            (string id, CloseRequest request, Write write, AggregateStore<AssetAudit> store, CancellationToken ct) =>
                write.ChangeAsync(store, id, "close", request.Reason, (round, audit) => round.Close(audit), ct))
            .WithName("CloseAssetAudit").WithSummary("Closes an audit: what was not seen is missing").Requires(AssetPermissions.Manage)
            .ChangesOne().Produces<AssetAudit>();
    }

    private static Task<IResult> StartAsync(StartRequest request, Write write, AggregateStore<AssetAudit> audits,
        NumberSeries<AssetAudit> numbers, AssetLookup lookup, CancellationToken ct) => write.CreateAsync(audits, async audit =>
    {
        if (request.DueAt <= audit.At)
        {
            throw new InvalidValueException("/dueAt", FieldCode.OutOfRange,
                $"dueAt can't be {request.DueAt:yyyy-MM-ddTHH:mm:ssZ}: it lies in the past.");
        }

        var scope = new AuditScope(await lookup.SiteAsync(request.Site, "/site", ct),
            await lookup.PersonAsync(request.Holder, "/holder", ct), request.Model);
        return AssetAudit.Start(await numbers.NextAsync(ct), request.Name, scope, request.DueAt, audit);
    }, ct);

    private static Task<IResult> ScanAsync(string id, ScanRequest request, Read read, Write write, AggregateStore<AssetAudit> audits,
        AggregateStore<AuditedAsset> audited, AssetLookup lookup, CancellationToken ct) => write.CreateAsync(audited, async audit =>
    {
        var round = AggregateStore<AssetAudit>.Load(await read.FindAsync(audits, id, ct));
        round.RequireOpen();
        var site = await lookup.SiteAsync(request.Site, "/site", ct) ?? round.Site;
        var asset = await lookup.FindByTagAsync(request.Tag, ct);
        var its = AuditedAsset.IdOf(round.Id, asset?.Id.ToString() ?? AssetDetails.KeyOf(request.Tag)!);
        var seen = await audited.FindAsync(its, ct) ?? AuditedAsset.Unexpected(round, asset, request.Tag);
        seen.Scan(site, request.Note, audit);
        return seen;
    }, ct, status: StatusCodes.Status200OK);
}
