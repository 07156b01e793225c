using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;

namespace Itsm.Assets.UseCases;

/// <summary>Audits, and what they found.</summary>
internal static class ReadAssetAudits
{
    private static readonly ListDefinition Lists = new()
    {
        Filters = [Filter.OneOf<AssetAuditState>("state"), Filter.Text("site")],
        Sorts = ["startedAt"], DefaultSort = "-startedAt", Expandable = ["holder"],
    };

    private static readonly ListDefinition Findings = new()
    {
        Filters = [Filter.OneOf<AuditFinding>("finding")],
        Sorts = ["number"], DefaultSort = "number", Expandable = ["expectedHolder"],
    };

    public static void Map(IEndpointRouteBuilder audits)
    {
        audits.MapGet("", (ListQuery list, AggregateStore<AssetAudit> store, CancellationToken ct) => list.PageAsync(store, Lists, ct))
            .WithName("ListAssetAudits").WithSummary("Lists audits of assets").Requires(AssetPermissions.Read).Lists<AssetAudit>(Lists);
        audits.MapGet("{id}",
            (string id, Read read, AggregateStore<AssetAudit> store, CancellationToken ct) => read.OneAsync(store, id, ct))
            .WithName("GetAssetAudit").WithSummary("Reads an audit by id or number").Requires(AssetPermissions.Read)
            .Reads<AssetAudit>(Lists);
        audits.MapGet("{id}/assets",
            async (string id, ListQuery list, Read read, AggregateStore<AssetAudit> store, AggregateStore<AuditedAsset> audited,
                CancellationToken ct) => await list.PageAsync(audited, Findings, ct,
                    Condition.In("audit", BsonMapping.Value((await read.FindAsync(store, id, ct)).Id))))
            .WithName("ListAuditedAssets").WithSummary("Lists what an audit expects, and what it found; with count=true how many")
            .Requires(AssetPermissions.Read).Lists<AuditedAsset>(Findings);
    }
}
