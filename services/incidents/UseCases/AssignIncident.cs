using System.ComponentModel.DataAnnotations;
using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Ticketing;

namespace Itsm.Incidents.UseCases;

/// <summary>Gives an incident to a group, to one of its members, or to nobody.</summary>
internal static class AssignIncident
{
    /// <summary>To whom.</summary>
    /// <example>{ "assignmentGroup": "network", "assignee": "agent1", "reason": "It is the switch." }</example>
    public sealed record Request
    {
        /// <summary>Id or key of the group; null takes it from its group.</summary>
        public string? AssignmentGroup { get; init; }

        /// <summary>Id or user name of a member; null where nobody in particular.</summary>
        public string? Assignee { get; init; }

        /// <summary>Why.</summary>
        [StringLength(1000)]
        public string? Reason { get; init; }
    }

    public static void Map(IEndpointRouteBuilder incidents) => incidents.MapPost("{id}/assign", Handle)
        .WithName(nameof(AssignIncident)).WithSummary("Gives an incident to a group, a person, or both").Requires(Permissions.Work).ChangesOne().Produces<Incident>();

    private static Task<IResult> Handle(string id, Request request, Write write, AggregateStore<Incident> incidents, People people, CancellationToken ct) =>
        write.ChangeAsync(incidents, id, "assign", request.Reason, async (incident, _) =>
        {
            var (group, assignee) = await people.RequireAssignmentAsync(request.AssignmentGroup, request.Assignee, ct);
            incident.Assign(group, assignee);
            incident.Surround(await people.SurroundingsAsync(incident.Requester, group, ct));
        }, ct);
}
