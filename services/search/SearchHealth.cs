using Itsm.Platform.Documents;
using Itsm.Search.Engines;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Itsm.Search;

/// <summary>Tells where the index does not serve.</summary>
internal sealed class SearchHealth(ISearchEngine engine) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            return await engine.ServingAsync(cancellationToken) is null
                ? HealthCheckResult.Degraded("No index serves yet.")
                : HealthCheckResult.Healthy();
        }
        catch (StoreUnavailableException e)
        {
            return HealthCheckResult.Degraded(e.Message);
        }
    }
}
