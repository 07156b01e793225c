using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Search.Domain;
using Itsm.Search.Engines;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Itsm.Search;

/// <summary>Degraded where no index serves or takes writes, and where a comparison or a rebuild does not get on.</summary>
internal sealed class SearchHealth(ISearchEngine engine, AggregateStore<IndexState> store) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var complaint = await engine.ComplaintAsync(cancellationToken)
                ?? (await store.FindAsync(IndexState.TheOne, cancellationToken))?.Complaint(store.Clock.GetUtcNow());
            return complaint is null ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(complaint);
        }
        catch (StoreUnavailableException e)
        {
            return HealthCheckResult.Degraded(e.Message);
        }
    }
}
