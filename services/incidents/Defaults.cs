using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Ticketing;

namespace Itsm.Incidents;

/// <summary>What the service must have before its first incident: the priority matrix.</summary>
internal sealed class Defaults(AggregateStore<PriorityMatrix> matrices, TimeProvider clock) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (await matrices.FindAsync(PriorityMatrix.TheId, cancellationToken) is not null)
        {
            return;
        }

        try
        {
            await matrices.TrySaveAsync(PriorityMatrix.Default(), new Act { By = new(null, "incidents"), Action = "create", At = clock.GetUtcNow().ToMilliseconds() }, cancellationToken);
        }
        catch (DuplicateKeyException)
        {
            // Another replica made it first.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
