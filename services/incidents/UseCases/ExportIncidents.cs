using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;

namespace Itsm.Incidents.UseCases;

/// <summary>Streams all incidents that the caller may see and that meet the filters, one JSON object a line.</summary>
internal static class ExportIncidents
{
    public static void Map(IEndpointRouteBuilder incidents) => incidents
        .MapGet("export", (ListQuery list, AggregateStore<Incident> store, CancellationToken ct) => list.ExportAsync(store, IncidentStore.Lists, ct))
        .WithName(nameof(ExportIncidents)).WithSummary("Exports incidents, one JSON object a line").Requires(Permissions.Read).Exports(IncidentStore.Lists)
        .Produces<string>(contentType: "application/x-ndjson");
}
