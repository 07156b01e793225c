using System.ComponentModel.DataAnnotations;
using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Ticketing;

namespace Itsm.Incidents.UseCases;

/// <summary>Escalates to a group with more knowledge, or to a person with more say.</summary>
internal static class EscalateIncident
{
    /// <summary>To whom, and why.</summary>
    /// <example>{ "group": "network", "reason": "It needs access to the switch." }</example>
    public sealed record Request
    {
        /// <summary>Id or key of a group with more knowledge (functional escalation).</summary>
        public string? Group { get; init; }

        /// <summary>Id or user name: with a group, one of its members; alone, a person with more say (hierarchical escalation).</summary>
        public string? Person { get; init; }

        /// <summary>Why.</summary>
        [Required, StringLength(1000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    public static void Map(IEndpointRouteBuilder incidents) => incidents.MapPost("{id}/escalate", Handle)
        .WithName(nameof(EscalateIncident)).WithSummary("Escalates an incident to a group or a person").Requires(Permissions.Escalate).ChangesOne().Produces<Incident>();

    private static Task<IResult> Handle(string id, Request request, Write write, AggregateStore<Incident> incidents, People people, CancellationToken ct) =>
        request.Group is null && request.Person is null
            ? throw HttpProblemException.Invalid("/group", "Name a group or a person to escalate to.")
            : write.ChangeAsync(incidents, id, "escalate", request.Reason, async (incident, act) =>
            {
                var (group, person) = await people.RequireAssignmentAsync(request.Group, request.Person, ct, "/group", "/person");
                incident.Escalate(group, person, request.Reason, act);
                incident.Surround(await people.SurroundingsAsync(incident.Requester, incident.AssignmentGroup, ct));
            }, ct);
}
