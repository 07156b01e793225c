using System.ComponentModel.DataAnnotations;
using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Ticketing;

namespace Itsm.Incidents.UseCases;

/// <summary>Opens a new incident for a part of another one; the two are linked.</summary>
internal static class SplitIncident
{
    /// <summary>What the new one is about; the rest is taken from the original.</summary>
    /// <example>{ "title": "The kitchen needs a new socket", "assignmentGroup": "service-desk" }</example>
    public sealed record Request
    {
        /// <summary>What is wrong, in one line.</summary>
        [Required, StringLength(200, MinimumLength = 3)]
        public required string Title { get; init; }

        /// <summary>What is wrong, in full.</summary>
        [StringLength(32_000)]
        public string? Description { get; init; }

        /// <summary>Id or key of the group that works on it; the original's where left out.</summary>
        public string? AssignmentGroup { get; init; }
    }

    public static void Map(IEndpointRouteBuilder incidents) => incidents.MapPost("{id}/split", Handle)
        .WithName(nameof(SplitIncident)).WithSummary("Opens a new incident for a part of another one").Requires(Permissions.OfTickets.Work)
        .Produces<Incident>(StatusCodes.Status201Created);

    private static Task<IResult> Handle(
        string id, Request request, Write write, Read read, AggregateStore<Incident> incidents,
        AggregateStore<PriorityMatrix<Incident>> matrices, NumberSeries<Incident> numbers, Ownerless<Incident> ownerless, People people,
        CancellationToken ct) =>
        write.CreateAsync(incidents, async audit =>
        {
            var origin = AggregateStore<Incident>.Load(await read.FindAsync(incidents, id, ct));
            origin.RequireWorker(write.Caller, Permissions.OfTickets.Work);
            var part = Incident.Open(
                new NewIncident
                {
                    Number = await numbers.NextAsync(ct), Title = request.Title, Description = request.Description,
                    Requester = origin.Requester, OpenedBy = write.Caller.Person, Impact = origin.Impact, Urgency = origin.Urgency,
                    Channel = origin.Channel, Category = origin.Category,
                    AssignmentGroup = await people.RequireGroupIdAsync(request.AssignmentGroup, "/assignmentGroup", ct)
                        ?? (origin.Security is null
                            ? (await ownerless.OrDefaultAsync(origin.AssignmentGroup, ct))?.Id
                            : origin.AssignmentGroup),
                    Confidential = origin.Confidential, AffectedService = origin.AffectedService,
                    ConfigurationItems = origin.ConfigurationItems,
                }, await PriorityMatrix<Incident>.OfAsync(matrices, ct), audit);
            part.SplitOff(origin, audit);
            part.Surround(await people.SurroundingsAsync(part.Requester, part.AssignmentGroup, ct));
            return part;
        }, ct, part => $"/api/v1/incidents/{part.Id}");
}
