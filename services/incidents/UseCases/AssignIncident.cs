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
    /// <summary>To whom; what is absent stays, but for an assignee who is no member of the new group.</summary>
    /// <example>{ "assignmentGroup": "network", "assignee": "agent1", "reason": "It is the switch." }</example>
    public sealed record Request
    {
        /// <summary>Id or key of the group; null takes it from its group, and gives it to the default group where nobody has it then.</summary>
        public Optional<string> AssignmentGroup { get; init; }

        /// <summary>Id or user name of a member; null for nobody in particular.</summary>
        public Optional<string> Assignee { get; init; }

        /// <summary>Why.</summary>
        [StringLength(1000)]
        public string? Reason { get; init; }
    }

    public static void Map(IEndpointRouteBuilder incidents) => incidents.MapPost("{id}/assign", Handle)
        .WithName(nameof(AssignIncident)).WithSummary("Gives an incident to a group, a person, or both").Requires(Permissions.Work).ChangesOne().Produces<Incident>();

    private static Task<IResult> Handle(string id, Request request, Write write, AggregateStore<Incident> incidents, Ownerless<Incident> ownerless, People people, CancellationToken ct) =>
        write.ChangeAsync(incidents, id, "assign", request.Reason, async (incident, _) =>
        {
            var (group, assignee) = await people.ReassignAsync(request.AssignmentGroup, request.Assignee, incident.AssignmentGroup, incident.Assignee, ct);
            group ??= assignee is null && incident.Security is null ? await ownerless.DefaultGroupAsync(ct) : null;
            incident.Assign(group?.Id, assignee);
            incident.Surround(await people.SurroundingsAsync(incident.Requester, group?.Id, ct));
        }, ct);
}
