using System.ComponentModel.DataAnnotations;
using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;

namespace Itsm.Incidents.UseCases;

/// <summary>Ends a wait.</summary>
internal static class ResumeIncident
{
    /// <summary>Why.</summary>
    /// <example>{ "reason": "The spare part is here." }</example>
    public sealed record Request
    {
        /// <summary>In the caller's words.</summary>
        [StringLength(1000, MinimumLength = 3)]
        public string? Reason { get; init; }
    }

    public static void Map(IEndpointRouteBuilder incidents) => incidents.MapPost("{id}/resume", Handle)
        .WithName(nameof(ResumeIncident)).WithSummary("Goes on with an incident after a wait").Requires(Permissions.Work).ChangesOne().Produces<Incident>();

    private static Task<IResult> Handle(string id, Request request, Write write, AggregateStore<Incident> incidents, CancellationToken ct) =>
        write.ChangeAsync(incidents, id, IncidentLifeCycle.Resume, request.Reason, (incident, act) => incident.Resume(act), ct);
}
