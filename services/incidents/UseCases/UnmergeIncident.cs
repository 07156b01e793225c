using System.ComponentModel.DataAnnotations;
using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;

namespace Itsm.Incidents.UseCases;

/// <summary>Takes a merge back: the incident goes on by itself, and the other one gives back what it took over.</summary>
internal static class UnmergeIncident
{
    /// <summary>Why.</summary>
    /// <example>{ "reason": "Two printers after all." }</example>
    public sealed record Request
    {
        /// <summary>In the caller's words.</summary>
        [Required, StringLength(1000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    public static void Map(IEndpointRouteBuilder incidents) => incidents.MapPost("{id}/unmerge", Handle)
        .WithName(nameof(UnmergeIncident)).WithSummary("Takes a merge back").Requires(Permissions.OfTickets.Work).ChangesOne()
        .Produces<Incident>();

    private static Task<IResult> Handle(
        string id, Request request, Write write, AggregateStore<Incident> incidents, CancellationToken ct) =>
        write.ChangeAsync(incidents, id, "unmerge", request.Reason, (incident, audit) => incident.Unmerge(audit), ct);
}
