using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;

namespace Itsm.Incidents.UseCases;

/// <summary>Lists the incidents that the caller may see.</summary>
internal static class ListIncidents
{
    public static void Map(IEndpointRouteBuilder incidents) => incidents
        .MapGet("", (ListQuery list, AggregateStore<Incident> store, CancellationToken ct) => list.PageAsync(store, IncidentStore.Lists, ct))
        .WithName(nameof(ListIncidents)).WithSummary("Lists incidents").Requires(Permissions.Read).Lists(IncidentStore.Lists).Produces<Page<Incident>>();
}
