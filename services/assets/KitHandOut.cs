using Itsm.Assets.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Platform.Timers;

namespace Itsm.Assets;

/// <summary>Hands out kits. Each asset is a document of its own, so all of a kit are reserved first, and given away only once none is
/// lacking; else what was reserved is released.</summary>
internal sealed class KitHandOut(
    AggregateStore<KitCheckOut> checkOuts, AggregateStore<Asset> assets, TimeProvider clock, ILogger<KitHandOut> log) : ITimerHandler
{
    private const int PageSize = 200;
    private const int Attempts = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(30);

    /// <summary>Reserves a kit for somebody, and answers with its check-out: its assets are handed out from then on.</summary>
    /// <exception cref="RuleViolationException"><c>kit.not-available</c>.</exception>
    public async Task<IResult> HandOutAsync(
        Write write, Func<AuditContext, ValueTask<(Kit Kit, KitCheckOut Begun)>> begin, CancellationToken ct)
    {
        KitCheckOut? begun = null;
        try
        {
            return await write.CreateAsync(checkOuts, async audit =>
            {
                (var kit, begun) = await begin(audit);
                await checkOuts.TrySaveAsync(begun, new AuditContext { By = audit.By, Action = "begin", At = audit.At }, ct);
                begun.HandOut(await ReserveAsync(kit, begun.Id, ct), audit);
                return begun;
            }, ct, location: made => $"/api/v1/kits/{made.Kit}/check-outs/{made.Id}");
        }
        finally
        {
            if (begun is not null)
            {
                await FailAsync(begun.Id);
            }
        }
    }

    /// <inheritdoc/>
    public async Task RunAsync(Guid id, CancellationToken ct)
    {
        if (await checkOuts.FindAsync(id, ct) is not { State: not KitCheckOutState.Done } kit)
        {
            return;
        }

        if (kit.State != KitCheckOutState.HandingOut)
        {
            await FailAsync(id);
            return;
        }

        var now = AuditContext.OfService("assets", AssetLifeCycle.CheckOut, clock);
        var audit = now with { By = kit.By, Reason = kit.KitName };
        foreach (var asset in kit.Assets)
        {
            await assets.UpdateAsync(asset, audit, one => one.GiveReserved(kit, audit), ct);
        }

        await checkOuts.UpdateAsync(id, now with { Action = "end" }, one => one.End(), ct);
    }

    private async Task<IReadOnlyList<Guid>> ReserveAsync(Kit kit, Guid id, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (reserved, lacking, contended) = (new List<Guid>(), (KitPart?)null, false);
            foreach (var part in kit.Parts)
            {
                var (taken, others) = await ReserveAsync(part, id, reserved, ct);
                reserved.AddRange(taken);
                contended |= others;
                if (taken.Count < part.Count)
                {
                    lacking = part;
                    break;
                }
            }

            if (lacking is null)
            {
                return reserved;
            }

            await ReleaseAsync(id, ct);
            if (!contended || attempt == Attempts)
            {
                throw new RuleViolationException("kit.not-available",
                    $"{kit.Name} can't be handed out: fewer than {lacking.Count} of {lacking.Model} are in stock.");
            }

            // Another kit holds what is lacking, and perhaps gives way.
            await Task.Delay(Pause * Random.Shared.NextDouble() * attempt, clock, ct);
        }
    }

    /// <returns>What was reserved, and whether others had reserved some.</returns>
    private async Task<(List<Guid> Taken, bool Others)> ReserveAsync(
        KitPart part, Guid id, List<Guid> already, CancellationToken ct)
    {
        List<Condition> where = [Condition.In("state", BsonMapping.Value(AssetState.InStock)), Condition.In("model", part.Model)];
        if (part.Manufacturer is { } maker)
        {
            where.Add(Condition.In("manufacturer", maker));
        }

        var (taken, others) = (new List<Guid>(), false);
        await foreach (var found in assets.Documents.AllAsync(new DocumentQuery(where, "number", false, null, PageSize), ct))
        {
            if (taken.Count == part.Count)
            {
                break;
            }

            var audit = AuditContext.OfService("assets", "reserve", clock);
            var got = false;
            var asset = await assets.UpdateAsync(found.Id, audit, one => got = !already.Contains(one.Id) && one.Reserve(id), ct);
            others |= !got && asset?.ReservedBy is not null && asset.ReservedBy != id;
            if (got)
            {
                taken.Add(found.Id);
            }
        }

        return (taken, others);
    }

    private async Task FailAsync(Guid id)
    {
        try
        {
            var audit = AuditContext.OfService("assets", "fail", clock);
            var kit = await checkOuts.UpdateAsync(id, audit, one => one.Fail(audit), CancellationToken.None);
            if (kit?.State == KitCheckOutState.Failed)
            {
                await ReleaseAsync(id, CancellationToken.None);
            }
        }
        catch (Exception e) when (e is StoreUnavailableException or ConcurrentChangeException)
        {
            log.LogWarning("What is reserved for {Kit} stays so for a minute: {Reason}", id, e.Message);
        }
    }

    private async Task ReleaseAsync(Guid id, CancellationToken ct)
    {
        var reserved = new DocumentQuery([Condition.In("reservedBy", BsonMapping.Value(id))], "number", false, null, PageSize);
        await foreach (var found in assets.Documents.AllAsync(reserved, ct))
        {
            await assets.UpdateAsync(found.Id, AuditContext.OfService("assets", "release", clock), one => one.Unreserve(id), ct);
        }
    }
}
