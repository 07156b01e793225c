using System.ComponentModel.DataAnnotations;
using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Ticketing;

namespace Itsm.Incidents.UseCases;

/// <summary>The resolution did not hold: takes the work up again.</summary>
internal static class ReopenIncident
{
    /// <summary>Why.</summary>
    /// <example>{ "reason": "It burns again." }</example>
    public sealed record Request
    {
        /// <summary>In the caller's words.</summary>
        [Required, StringLength(1000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    public static void Map(IEndpointRouteBuilder incidents) => incidents.MapPost("{id}/reopen", Handle)
        .WithName(nameof(ReopenIncident)).WithSummary("Takes a resolved incident up again").Requires(Permissions.Reopen).ChangesOne().Produces<Incident>();

    private static Task<IResult> Handle(string id, Request request, Write write, AggregateStore<Incident> incidents, CancellationToken ct) =>
        write.ChangeAsync(incidents, id, IncidentLifeCycle.Reopen, request.Reason, (incident, act) =>
        {
            incident.Reopen(act);
        }, ct);
}
