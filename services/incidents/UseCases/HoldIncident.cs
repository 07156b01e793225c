using System.ComponentModel.DataAnnotations;
using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;

namespace Itsm.Incidents.UseCases;

/// <summary>Lets an incident wait. Waiting for the caller needs a comment that tells them so; their answer ends the wait.</summary>
internal static class HoldIncident
{
    /// <summary>For whom, and why.</summary>
    /// <example>{ "reason": "caller", "comment": "Which printer is it?" }</example>
    public sealed record Request
    {
        /// <summary>For whom or what it waits.</summary>
        public required HoldReason Reason { get; init; }

        /// <summary>A public comment; needed when it waits for the caller.</summary>
        [StringLength(32_000, MinimumLength = 3)]
        public string? Comment { get; init; }
    }

    public static void Map(IEndpointRouteBuilder incidents) => incidents.MapPost("{id}/hold", Handle)
        .WithName(nameof(HoldIncident)).WithSummary("Lets an incident wait for somebody else").Requires(Permissions.Work).ChangesOne().Produces<Incident>();

    private static Task<IResult> Handle(string id, Request request, Write write, AggregateStore<Incident> incidents, CancellationToken ct) =>
        request is { Reason: HoldReason.Caller, Comment: null }
            ? throw HttpProblemException.Invalid("/comment", "comment is required when it waits for the caller: tell them what you need.")
            : write.ChangeAsync(incidents, id, IncidentLifeCycle.Hold, request.Comment, (incident, act) => incident.Hold(request.Reason, request.Comment, act), ct);
}
