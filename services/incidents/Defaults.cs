using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Ticketing;

namespace Itsm.Incidents;

/// <summary>What the service must have before its first incident: the priority matrix.</summary>
internal sealed class Defaults(AggregateStore<PriorityMatrix> matrices, TimeProvider clock) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => matrices.AddMissingAsync(
        PriorityMatrix.Default(), new Act { By = new(null, "incidents"), Action = "create", At = clock.GetUtcNow().ToMilliseconds() }, cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
