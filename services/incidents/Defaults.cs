using Itsm.Incidents.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Hosting;
using Itsm.Platform.Values;
using Itsm.Ticketing;

namespace Itsm.Incidents;

/// <summary>What the service must have before its first incident: the priority matrix.</summary>
internal sealed class Defaults(AggregateStore<PriorityMatrix<Incident>> matrices, TimeProvider clock, ILogger<Defaults> log)
    : Preparation(clock, log)
{
    protected override Task PrepareAsync(CancellationToken ct) => matrices.AddMissingAsync(
        PriorityMatrix<Incident>.Default(),
        new AuditContext { By = new(null, "incidents"), Action = "create", At = Clock.GetUtcNow().ToMilliseconds() }, ct);
}
