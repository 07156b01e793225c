using System.ComponentModel.DataAnnotations;
using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Ticketing;

namespace Itsm.Incidents.UseCases;

/// <summary>Ends an incident that needs no resolution; its requester may do so too.</summary>
internal static class CancelIncident
{
    /// <summary>Why.</summary>
    /// <example>{ "reason": "Opened by mistake." }</example>
    public sealed record Request
    {
        /// <summary>In the caller's words.</summary>
        [Required, StringLength(1000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    public static void Map(IEndpointRouteBuilder incidents) => incidents.MapPost("{id}/cancel", Handle)
        .WithName(nameof(CancelIncident)).WithSummary("Ends an incident without a resolution").Requires(Permissions.Cancel).ChangesOne().Produces<Incident>();

    private static Task<IResult> Handle(string id, Request request, Write write, AggregateStore<Incident> incidents, CancellationToken ct) =>
        write.ChangeAsync(incidents, id, IncidentLifeCycle.Cancel, request.Reason, (incident, act) =>
        {
            incident.Cancel(act);
        }, ct);
}
