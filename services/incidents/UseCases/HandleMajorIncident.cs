using System.ComponentModel.DataAnnotations;
using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Ticketing;
using Microsoft.Extensions.Options;

namespace Itsm.Incidents.UseCases;

/// <summary>Proposes, accepts, rejects and demotes major incidents.</summary>
internal static class HandleMajorIncident
{
    /// <summary>Why.</summary>
    /// <example>{ "reason": "All of Berlin is without mail." }</example>
    public sealed record Request
    {
        /// <summary>In the caller's words.</summary>
        [Required, StringLength(1000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    /// <summary>Who coordinates.</summary>
    /// <example>{ "coordinator": "manager1", "reason": "More than 500 people." }</example>
    public sealed record AcceptRequest
    {
        /// <summary>Id or user name; oneself where left out.</summary>
        public string? Coordinator { get; init; }

        /// <summary>Why.</summary>
        [StringLength(1000, MinimumLength = 3)]
        public string? Reason { get; init; }
    }

    public static void Map(IEndpointRouteBuilder incidents)
    {
        Map(incidents, "propose-major", "ProposeMajorIncident", "Proposes to handle an incident as a major one", Permissions.ProposeMajor,
            (incident, reason, _, audit) => incident.ProposeMajor(reason, audit));
        Map(incidents, "reject-major", "RejectMajorIncident", "Refuses to handle an incident as a major one", Permissions.DecideMajor,
            (incident, reason, _, audit) => incident.RejectMajor(reason, audit));
        Map(incidents, "demote-major", "DemoteMajorIncident", "Goes back to handling a major incident as an ordinary one",
            Permissions.DecideMajor, (incident, reason, settings, audit) => incident.DemoteMajor(reason, settings.CloseAfter, audit));
        incidents.MapPost("{id}/accept-major", Accept).WithName("AcceptMajorIncident")
            .WithSummary("Decides to handle an incident as a major one")
            .Requires(Permissions.DecideMajor).ChangesOne().Produces<Incident>();
    }

    private static void Map(IEndpointRouteBuilder incidents, string action, string name, string summary, Permission permission,
        Action<Incident, string, IncidentSettings, AuditContext> change) =>
        incidents
        .MapPost($"{{id}}/{action}",
            (string id, Request request, Write write, AggregateStore<Incident> store, IOptions<IncidentSettings> settings,
                CancellationToken ct) =>
            write.ChangeAsync(
                store, id, action, request.Reason, (incident, audit) => change(incident, request.Reason, settings.Value, audit), ct))
        .WithName(name).WithSummary(summary).Requires(permission).ChangesOne().Produces<Incident>();

    private static Task<IResult> Accept(
        string id, AcceptRequest request, Write write, AggregateStore<Incident> incidents, People people, CancellationToken ct) =>
        write.ChangeAsync(incidents, id, "accept-major", request.Reason, async (incident, audit) =>
            incident.AcceptMajor(await people.RequirePersonIdAsync(request.Coordinator, "/coordinator", ct) ?? write.Caller.Person, audit),
            ct);
}
