using System.ComponentModel.DataAnnotations;
using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Ticketing;

namespace Itsm.Incidents.UseCases;

/// <summary>Ends a resolved incident before it closes by itself, for example because its caller confirms.</summary>
internal static class CloseIncident
{
    /// <summary>Why.</summary>
    /// <example>{ "reason": "It works again, thank you." }</example>
    public sealed record Request
    {
        /// <summary>In the caller's words.</summary>
        [StringLength(1000, MinimumLength = 3)]
        public string? Reason { get; init; }
    }

    public static void Map(IEndpointRouteBuilder incidents) => incidents.MapPost("{id}/close", Handle)
        .WithName(nameof(CloseIncident)).WithSummary("Ends a resolved incident").Requires(Permissions.Close).ChangesOne().Produces<Incident>();

    private static Task<IResult> Handle(string id, Request request, Write write, AggregateStore<Incident> incidents, CancellationToken ct) =>
        write.ChangeAsync(incidents, id, IncidentLifeCycle.Close, request.Reason, (incident, act) =>
        {
            incident.Close(act);
        }, ct);
}
