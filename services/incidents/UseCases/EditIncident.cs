using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Ticketing;
using Itsm.Ticketing.Routes;

namespace Itsm.Incidents.UseCases;

/// <summary>Changes fields of an incident by JSON Merge Patch: those of any ticket, and those that its priority follows from.</summary>
internal static class EditIncident
{
    /// <summary>What is absent stays; null removes.</summary>
    /// <example>{ "impact": "high", "category": "network-vpn", "description": "The whole floor is cut off." }</example>
    public sealed record Request : EditTicket.Request
    {
        /// <summary>How far the damage reaches.</summary>
        public Optional<Level?> Impact { get; init; }

        /// <summary>How soon it must end.</summary>
        public Optional<Level?> Urgency { get; init; }
    }

    public static void Map(IEndpointRouteBuilder incidents) => incidents.MapPatch("{id}", Handle)
        .WithName(nameof(EditIncident)).WithSummary("Changes fields of an incident").Requires(Permissions.OfTickets.Edit).ChangesOne()
        .Produces<Incident>();

    private static Task<IResult> Handle(
        string id, Request request, Write write, AggregateStore<Incident> incidents, AggregateStore<Category<Incident>> categories,
        AggregateStore<PriorityMatrix<Incident>> matrices, People people, ConfigurationLookup items, CancellationToken ct) =>
        write.ChangeAsync(incidents, id, "update", null, async (incident, _) =>
        {
            if (request.Requester.IsPresent && incident.Security is not null && !write.Caller.May(Permissions.HandleSecurity.Name))
            {
                throw HttpProblemException.Forbidden($"{incident.Number} is a security incident: its requester, who sees it, is "
                    + $"changed with the permission {Permissions.HandleSecurity.Name}.");
            }

            await EditTicket.ApplyAsync(request, incident, write.Caller, Permissions.OfTickets.Work, categories, people, items, ct);
            if (request.Impact.IsPresent || request.Urgency.IsPresent)
            {
                incident.Rate(request.Impact.Or(incident.Impact, "/impact")!.Value,
                    request.Urgency.Or(incident.Urgency, "/urgency")!.Value,
                    await PriorityMatrix<Incident>.OfAsync(matrices, ct));
            }
        }, ct);
}
