using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.ServiceLevels.Domain;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Itsm.ServiceLevels;

/// <summary>Degraded while there are tickets whose clocks could not be counted anew, or counting them stands still.</summary>
internal sealed class RecountHealth(AggregateStore<Recount> recounts, TimeProvider clock) : IHealthCheck
{
    private static readonly TimeSpan LongestSlice = TimeSpan.FromMinutes(5);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            // One for each calendar.
            var found = await recounts.Documents.ScanAsync(null, DocumentQuery.MostLimit, cancellationToken);
            List<Recount> all = [.. found.Select(AggregateStore<Recount>.Load)];
            List<Guid> failed = [.. all.SelectMany(one => one.Failed).Distinct()];
            if (failed.Count == 0 && all.Find(one => one.Running && clock.GetUtcNow() - one.MovedAt > LongestSlice) is { } still)
            {
                return HealthCheckResult.Degraded($"Clocks are to be counted anew, which has not moved since {still.MovedAt:u}.");
            }

            return failed.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(failed.Count == 1
                ? $"The clocks of ticket {failed[0]} could not be counted anew: they are tried again."
                : $"The clocks of {failed.Count} tickets could not be counted anew, among them {failed[0]}: they are tried again.");
        }
        catch (StoreUnavailableException e)
        {
            return HealthCheckResult.Degraded(e.Message);
        }
    }
}
