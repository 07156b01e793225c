using System.ComponentModel.DataAnnotations;
using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Microsoft.Extensions.Options;

namespace Itsm.Incidents.UseCases;

/// <summary>Says that service is restored, how and by what; the caller may reopen it until it closes.</summary>
internal static class ResolveIncident
{
    /// <summary>How it was resolved.</summary>
    /// <example>{ "code": "fixedPermanently", "notes": "Replaced the fuser." }</example>
    public sealed record Request
    {
        /// <summary>What kind of resolution.</summary>
        public required ResolutionCode Code { get; init; }

        /// <summary>What was done.</summary>
        [Required, StringLength(4000, MinimumLength = 3)]
        public required string Notes { get; init; }
    }

    public static void Map(IEndpointRouteBuilder incidents) => incidents.MapPost("{id}/resolve", Handle)
        .WithName(nameof(ResolveIncident)).WithSummary("Says that service is restored").Requires(Permissions.OfTickets.Work).ChangesOne()
        .Produces<Incident>();

    private static Task<IResult> Handle(string id, Request request, Write write, AggregateStore<Incident> incidents,
        IOptions<IncidentSettings> settings, CancellationToken ct) =>
        write.ChangeAsync(incidents, id, IncidentLifeCycle.Resolve, request.Notes,
            (incident, audit) => incident.Resolve(request.Code, request.Notes, settings.Value.CloseAfter, audit), ct);
}
