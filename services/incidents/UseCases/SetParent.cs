using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;

namespace Itsm.Incidents.UseCases;

/// <summary>Makes an incident follow another one, or (with null) none.</summary>
internal static class SetParent
{
    /// <summary>Whom it follows.</summary>
    /// <example>{ "parent": "INC0001001" }</example>
    public sealed record Request
    {
        /// <summary>Id or number of the parent; null for none.</summary>
        public required string? Parent { get; init; }
    }

    public static void Map(IEndpointRouteBuilder incidents) => incidents.MapPost("{id}/set-parent", Handle)
        .WithName(nameof(SetParent)).WithSummary("Puts an incident below another one").Requires(Permissions.OfTickets.Work).ChangesOne()
        .Produces<Incident>();

    private static Task<IResult> Handle(
        string id, Request request, Write write, Relations relations, AggregateStore<Incident> incidents, CancellationToken ct) =>
        request.Parent is { } parent
        ? relations.RelateAsync(write, id, "set-parent", null, ("/parent", parent), "incident.parent",
            (incident, target, _) => incident.SetParent(target), ct)
        : write.ChangeAsync(incidents, id, "set-parent", null, (incident, _) => incident.LeaveParent(), ct);
}
