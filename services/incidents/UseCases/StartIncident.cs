using System.ComponentModel.DataAnnotations;
using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;

namespace Itsm.Incidents.UseCases;

/// <summary>Begins the work; whoever begins takes the incident where nobody has.</summary>
internal static class StartIncident
{
    /// <summary>Why.</summary>
    /// <example>{ "reason": "Looking at it." }</example>
    public sealed record Request
    {
        /// <summary>In the caller's words.</summary>
        [StringLength(1000, MinimumLength = 3)]
        public string? Reason { get; init; }
    }

    public static void Map(IEndpointRouteBuilder incidents) => incidents.MapPost("{id}/start", Handle)
        .WithName(nameof(StartIncident)).WithSummary("Begins the work on an incident").Requires(Permissions.Work).ChangesOne().Produces<Incident>();

    private static Task<IResult> Handle(string id, Request request, Write write, AggregateStore<Incident> incidents, CancellationToken ct) =>
        write.ChangeAsync(incidents, id, IncidentLifeCycle.Start, request.Reason, (incident, act) => incident.Start(act), ct);
}
