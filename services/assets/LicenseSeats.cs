using Itsm.Assets.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Timers;
using Itsm.Platform.Values;

namespace Itsm.Assets;

/// <summary>Frees seats that were claimed for assignments that never came to be, or have ended.</summary>
internal sealed class SettleSeats(AggregateStore<License> licenses, AggregateStore<LicenseAssignment> assignments) : ITimerHandler
{
    public Task RunAsync(Guid id, CancellationToken ct) =>
        licenses.UpdateAsync(id, AuditContext.OfService("assets", "settle", licenses.Clock), async license =>
        {
            var until = licenses.Clock.GetUtcNow().ToMilliseconds() - License.Allowance;
            var lost = new HashSet<Guid>();
            foreach (var claim in license.Unsettled(until))
            {
                if (await assignments.FindAsync(claim.Assignment, ct) is not { EndedAt: null })
                {
                    lost.Add(claim.Assignment);
                }
            }

            license.Settle(lost, until);
        }, ct);
}

/// <summary>Frees the seats of an assignment that has ended; safe to run twice.</summary>
internal sealed class ReleaseSeats(
    AggregateStore<License> licenses, AggregateStore<LicenseAssignment> assignments, ILogger<ReleaseSeats> log) : ITimerHandler
{
    public async Task RunAsync(Guid id, CancellationToken ct)
    {
        if (await assignments.FindAsync(id, ct) is { EndedAt: not null } ended)
        {
            await licenses.UpdateAsync(ended.License, AuditContext.OfService("assets", "release", licenses.Clock),
                license => license.Release(id), ct);
        }
    }

    /// <summary>Does it now, where that is possible; else its timer does.</summary>
    public async Task TryAsync(Guid id)
    {
        try
        {
            await RunAsync(id, CancellationToken.None);
        }
        catch (Exception e) when (e is Platform.Documents.StoreUnavailableException or ConcurrentChangeException)
        {
            log.LogWarning("The seats of {Assignment} are freed a little later: {Reason}", id, e.Message);
        }
    }
}
