using System.ComponentModel.DataAnnotations;
using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;

namespace Itsm.Incidents.UseCases;

/// <summary>The communication plan of a major incident, and its status updates.</summary>
internal static class CommunicateMajorIncident
{
    /// <summary>Who hears what, how often.</summary>
    /// <example>{ "audiences": [{ "name": "Everybody in Berlin", "channel": "mail", "everyMinutes": 30 }] }</example>
    public sealed record PlanRequest
    {
        /// <summary>At least one.</summary>
        [Required, MinLength(1), MaxLength(20)]
        public required IReadOnlyList<AudienceRequest> Audiences { get; init; }
    }

    /// <summary>One audience.</summary>
    public sealed record AudienceRequest
    {
        /// <summary>Who: executives.</summary>
        [Required, StringLength(80, MinimumLength = 2)]
        public required string Name { get; init; }

        /// <summary>How: mail, chat, status page.</summary>
        [Required, StringLength(80, MinimumLength = 2)]
        public required string Channel { get; init; }

        /// <summary>How often, from 1 to 1,440 minutes; null: when there is something to say.</summary>
        [Range(1, 1440)]
        public int? EveryMinutes { get; init; }
    }

    /// <summary>A status update.</summary>
    /// <example>{ "text": "Mail comes late; we expect it to be as usual by 15:00.", "audiences": ["Everybody in Berlin"] }</example>
    public sealed record UpdateRequest
    {
        /// <summary>In plain words.</summary>
        [Required, StringLength(4000, MinimumLength = 3)]
        public required string Text { get; init; }

        /// <summary>Names of audiences of the plan; all where left out.</summary>
        public IReadOnlyList<string>? Audiences { get; init; }
    }

    public static void Map(IEndpointRouteBuilder incidents)
    {
        incidents.MapPost("{id}/plan-communication", Plan).WithName("PlanMajorIncidentCommunication")
            .WithSummary("Says who hears of a major incident, and how often")
            .Requires(Permissions.DecideMajor).ChangesOne().Produces<Incident>();
        incidents.MapPost("{id}/publish-update", Publish).WithName("PublishMajorIncidentUpdate")
            .WithSummary("Publishes a status update of a major incident")
            .Requires(Permissions.DecideMajor).ChangesOne().Produces<Incident>();
    }

    private static Task<IResult> Plan(
        string id, PlanRequest request, Write write, AggregateStore<Incident> incidents, CancellationToken ct) =>
        write.ChangeAsync(incidents, id, "plan-communication", null, (incident, audit) => incident.PlanCommunication(
            [.. request.Audiences.Select(audience =>
                new Audience(audience.Name, audience.Channel,
                    audience.EveryMinutes is { } minutes ? TimeSpan.FromMinutes(minutes) : null))], audit), ct);

    private static Task<IResult> Publish(
        string id, UpdateRequest request, Write write, AggregateStore<Incident> incidents, CancellationToken ct) =>
        write.ChangeAsync(incidents, id, "publish-update", null,
            (incident, audit) => incident.PublishUpdate(request.Text, request.Audiences ?? [], audit), ct);
}
