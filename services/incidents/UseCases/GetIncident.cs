using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;

namespace Itsm.Incidents.UseCases;

/// <summary>Reads one incident with the actions that are open to the caller.</summary>
internal static class GetIncident
{
    public static void Map(IEndpointRouteBuilder incidents) => incidents
        .MapGet("{id}", (string id, Read read, AggregateStore<Incident> store, CancellationToken ct) => read.OneAsync(store, id, ct))
        .WithName(nameof(GetIncident)).WithSummary("Reads an incident by id or number").Requires(Permissions.Read).Takes("fields").Produces<Incident>();
}
