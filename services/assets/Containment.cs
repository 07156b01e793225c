using Itsm.Assets.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Platform.Values;

namespace Itsm.Assets;

/// <summary>Puts an asset into another one. Rules look at both, but a save writes one: so the one that will have the other is claimed
/// first, by a write of its own, which keeps it from being retired meanwhile and tells whoever looks for circles. Of assets that would hold
/// each other at most one gets into the other, since each claims before it looks. What a dead process claimed holds for a minute.</summary>
internal sealed class Containment(AggregateStore<Asset> assets, AssetLookup lookup, TimeProvider clock, ILogger<Containment> log)
{
    /// <summary>Changes an asset to one that is in another.</summary>
    /// <param name="write">The request.</param>
    /// <param name="id">Of the asset.</param>
    /// <param name="holder">The other one, as the request names it.</param>
    /// <param name="reason">Why; null where the caller gave no reason.</param>
    /// <param name="put">Puts the asset there.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="RuleViolationException"><c>asset.holder-state</c>, <c>asset.holder-circle</c>.</exception>
    public async Task<IResult> PutAsync(
        Write write, string id, string holder, string? reason, Action<Asset, Guid, AuditContext> put, CancellationToken ct)
    {
        HoldClaim? claim = null;
        Guid claimed = default;
        try
        {
            return await write.ChangeAsync(assets, id, AssetLifeCycle.CheckOut, reason, async (asset, audit) =>
            {
                asset.RequireMove(AssetLifeCycle.CheckOut);
                if (asset.Version != claim!.AssetVersion)
                {
                    throw new ConcurrentChangeException($"{asset.Number} was changed meanwhile; try again.");
                }

                await RequireNoCircleAsync(asset, claimed, ct);
                put(asset, claimed, audit);
            }, ct, prepare: async asset =>
            {
                asset.RequireMove(AssetLifeCycle.CheckOut);
                claimed = (await lookup.AssetAsync(holder, "/asset", write.Caller, ct)).Id;
                var now = clock.GetUtcNow().ToMilliseconds();
                var made = new HoldClaim(Guid.CreateVersion7(now), asset.Id, asset.Version, now);
                var audit = new AuditContext { By = write.Caller.Actor, Action = "claim", At = now, Reason = reason };
                await assets.UpdateAsync(claimed, audit, async other => other.Take(made, await AliveAsync(other, ct)), ct);

                // Of an asset that is put into itself the version has grown with that.
                claim = asset.Id == claimed ? made with { AssetVersion = made.AssetVersion + 1 } : made;
            });
        }
        finally
        {
            if (claim is not null)
            {
                await ReleaseAsync(claim, claimed);
            }
        }
    }

    /// <exception cref="RuleViolationException"><c>asset.holds-others</c>.</exception>
    public async ValueTask RequireEmptyAsync(Asset asset, CancellationToken ct)
    {
        foreach (var claim in await AliveAsync(asset, ct))
        {
            var inside = await assets.FindAsync(claim.Asset, ct);
            throw new RuleViolationException("asset.holds-others", $"{inside?.Number} is in {asset.Number}: check it in first.");
        }
    }

    private async ValueTask RequireNoCircleAsync(Asset asset, Guid holder, CancellationToken ct)
    {
        var (seen, next) = (new HashSet<Guid>(), new Queue<Asset>([asset]));
        while (next.TryDequeue(out var one))
        {
            if (one.Id == holder)
            {
                throw new RuleViolationException("asset.holder-circle",
                    $"{asset.Number} can't be put into {one.Number}, which is {asset.Number} or in it.");
            }

            foreach (var claim in seen.Add(one.Id) ? await AliveAsync(one, ct) : [])
            {
                next.Enqueue((await assets.FindAsync(claim.Asset, ct))!);
            }
        }
    }

    private async ValueTask<IReadOnlyList<HoldClaim>> AliveAsync(Asset asset, CancellationToken ct)
    {
        var alive = new List<HoldClaim>();
        foreach (var claim in asset.Claims)
        {
            if (claim.IsAlive(asset, await assets.FindAsync(claim.Asset, ct), clock.GetUtcNow()))
            {
                alive.Add(claim);
            }
        }

        return alive;
    }

    /// <summary>Where the asset did not get there.</summary>
    private async Task ReleaseAsync(HoldClaim claim, Guid holder)
    {
        try
        {
            if ((await assets.FindAsync(claim.Asset, CancellationToken.None))?.HolderAsset != holder)
            {
                var audit = AuditContext.OfService("assets", "release", clock);
                await assets.UpdateAsync(holder, audit, other => other.Release(claim.Id), CancellationToken.None);
            }
        }
        catch (Exception e) when (e is StoreUnavailableException or ConcurrentChangeException)
        {
            log.LogWarning("{Holder} stays claimed for a minute: {Reason}", holder, e.Message);
        }
    }
}
