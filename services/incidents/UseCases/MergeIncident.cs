using System.ComponentModel.DataAnnotations;
using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Http;

namespace Itsm.Incidents.UseCases;

/// <summary>Ends an incident and points to the one that goes on, which shows its comments.</summary>
internal static class MergeIncident
{
    /// <summary>Into what, and why.</summary>
    /// <example>{ "into": "INC0001001", "reason": "The same printer." }</example>
    public sealed record Request
    {
        /// <summary>Id or number of the incident that goes on.</summary>
        [Required]
        public required string Into { get; init; }

        /// <summary>Why.</summary>
        [Required, StringLength(1000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    public static void Map(IEndpointRouteBuilder incidents) => incidents.MapPost("{id}/merge", Handle)
        .WithName(nameof(MergeIncident)).WithSummary("Merges an incident into another one").Requires(Permissions.OfTickets.Work)
        .ChangesOne()
        .Produces<Incident>();

    private static Task<IResult> Handle(string id, Request request, Write write, Relations relations, CancellationToken ct) =>
        relations.RelateAsync(write, id, "merge", request.Reason, ("/into", request.Into), "incident.merge",
            (incident, target, audit) => incident.MergeInto(target, audit), ct);
}
