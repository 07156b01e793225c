using Itsm.Assets.Domain;
using Itsm.Platform.Aggregates;

namespace Itsm.Assets;

/// <summary>Lets one at a time, of all processes, make relations of which a rule looks at more items than their source.</summary>
internal sealed class RelationGuard(AggregateStore<RelationLease> leases, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits until nobody else makes any.</summary>
    /// <exception cref="ConcurrentChangeException">Others kept making relations.</exception>
    public async Task<Hold> TakeAsync(CancellationToken ct)
    {
        var (holder, started) = (Guid.CreateVersion7(Now), clock.GetTimestamp());
        await leases.AddMissingAsync(new RelationLease { Id = RelationLease.TheOne }, Act("take"), ct);
        while (!await TryTakeAsync(holder, ct))
        {
            if (clock.GetElapsedTime(started) > Patience)
            {
                throw new ConcurrentChangeException($"Others kept making relations; try again.");
            }

            await Task.Delay(Pause, clock, ct);
        }

        return new Hold(this, holder) { Until = Now + RelationLease.HeldFor };
    }

    private async Task<bool> TryTakeAsync(Guid holder, CancellationToken ct)
    {
        var taken = false;
        await leases.UpdateAsync(RelationLease.TheOne, Act("take"), lease => taken = lease.TryTake(holder, Now), ct);
        return taken;
    }

    private DateTimeOffset Now => clock.GetUtcNow();

    private Task<RelationLease?> ReleaseAsync(Guid holder) => leases.UpdateAsync(
        RelationLease.TheOne, Act("release"), lease => lease.Release(holder), CancellationToken.None);

    private AuditContext Act(string action) => AuditContext.OfService("assets", action, clock);

    /// <summary>As long as it is not disposed of, and renewed, nobody else makes any.</summary>
    public sealed class Hold(RelationGuard guard, Guid holder) : IAsyncDisposable
    {
        /// <summary>A save takes no longer.</summary>
        private static readonly TimeSpan Reserve = TimeSpan.FromSeconds(15);

        /// <summary>When another may take it.</summary>
        internal DateTimeOffset Until { get; set; }

        /// <summary>Before each save: looks whether it holds for as long as the save may take, and takes it for longer where it does
        /// not.</summary>
        /// <exception cref="ConcurrentChangeException">It took too long: another may have made relations meanwhile.</exception>
        public async ValueTask RenewAsync(CancellationToken ct)
        {
            var now = guard.Now;
            if (now + Reserve < Until)
            {
                return;
            }

            if (now >= Until || !await guard.TryTakeAsync(holder, ct))
            {
                throw new ConcurrentChangeException($"Others kept making relations; try again.");
            }

            Until = now + RelationLease.HeldFor;
        }

        /// <inheritdoc/>
        public ValueTask DisposeAsync() => new(guard.ReleaseAsync(holder));
    }
}
