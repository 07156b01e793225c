using System.ComponentModel.DataAnnotations;
using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Http;

namespace Itsm.Incidents.UseCases;

/// <summary>Makes an incident follow another one that is about the same.</summary>
internal static class MarkDuplicate
{
    /// <summary>Of what.</summary>
    /// <example>{ "of": "INC0001001" }</example>
    public sealed record Request
    {
        /// <summary>Id or number of the original.</summary>
        [Required]
        public required string Of { get; init; }
    }

    public static void Map(IEndpointRouteBuilder incidents) => incidents.MapPost("{id}/mark-duplicate", Handle)
        .WithName(nameof(MarkDuplicate)).WithSummary("Says that another incident is about the same").Requires(Permissions.OfTickets.Work)
        .ChangesOne()
        .Produces<Incident>();

    private static Task<IResult> Handle(string id, Request request, Write write, Relations relations, CancellationToken ct) =>
        relations.RelateAsync(write, id, "mark-duplicate", null, ("/of", request.Of), "incident.duplicate",
            (incident, target, audit) => incident.MarkDuplicate(target, audit), ct);
}
