using Itsm.Assets.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Timers;
using MongoDB.Bson;

namespace Itsm.Assets.Subscriptions;

/// <summary>Lists what an audit expects: what was in its scope when it began. Safe to run twice: each asset is listed once.</summary>
internal sealed class PrepareAudit(
    AggregateStore<AssetAudit> audits, AggregateStore<AuditedAsset> audited, AggregateStore<Asset> assets, TimeProvider clock)
    : ITimerHandler
{
    private const int PageSize = 500;
    private static readonly BsonValue[] Present = [.. AssetLifeCycle.Holding.Select(state => BsonMapping.Value(state))];

    public async Task RunAsync(Guid id, CancellationToken ct)
    {
        if (await audits.FindAsync(id, ct) is not { State: AssetAuditState.Preparing } round)
        {
            return;
        }

        var (audit, count) = (AuditContext.OfService("assets", "prepare", clock), 0);
        await foreach (var document in assets.Documents.AllAsync(new DocumentQuery(ScopeOf(round), "number", false, null, PageSize), ct))
        {
            var asset = AggregateStore<Asset>.Load(document);
            if (asset.CreatedAt <= round.StartedAt)
            {
                await audited.AddMissingAsync(AuditedAsset.Of(round, asset), audit, ct);
                count++;
            }
        }

        await audits.UpdateAsync(id, audit with { Action = "open" }, one => one.Open(count), ct);
    }

    private static List<Condition> ScopeOf(AssetAudit round)
    {
        List<Condition> scope = [Condition.In("state", Present)];
        if (round.Site is { } site)
        {
            scope.Add(Condition.In("site", site));
        }

        if (round.Holder is { } holder)
        {
            scope.Add(Condition.In("holder", BsonMapping.Value(holder)));
        }

        if (round.Model is { } model)
        {
            scope.Add(Condition.In("model", model));
        }

        return scope;
    }
}

/// <summary>Says of what an audit did not find that it is missing. Safe to run twice: what was found stays so.</summary>
internal sealed class CloseAudit(AggregateStore<AssetAudit> audits, AggregateStore<AuditedAsset> audited, TimeProvider clock)
    : ITimerHandler
{
    private const int PageSize = 500;

    public async Task RunAsync(Guid id, CancellationToken ct)
    {
        if (await audits.FindAsync(id, ct) is not { State: AssetAuditState.Closing })
        {
            return;
        }

        var audit = AuditContext.OfService("assets", "close", clock);
        var unseen = new DocumentQuery([Condition.In("audit", BsonMapping.Value(id)),
            Condition.In("finding", BsonMapping.Value(AuditFinding.Expected))], "number", false, null, PageSize);
        while (await audited.Documents.QueryAsync(unseen, ct) is { Count: > 0 } page)
        {
            foreach (var one in page)
            {
                await audited.UpdateAsync(one.Id, audit, asset => asset.EndUnseen(), ct);
            }
        }

        await audits.UpdateAsync(id, audit, one => one.End(), ct);
    }
}
