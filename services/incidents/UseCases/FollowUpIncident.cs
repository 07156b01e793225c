using System.ComponentModel.DataAnnotations;
using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Ticketing;
using Microsoft.Extensions.Options;

namespace Itsm.Incidents.UseCases;

/// <summary>Opens a new incident where a closed one did not hold; the two are linked.</summary>
internal static class FollowUpIncident
{
    /// <summary>What is wrong now; the rest is taken from the closed one.</summary>
    /// <example>{ "description": "It burns again, on the same floor." }</example>
    public sealed record Request
    {
        /// <summary>What is wrong, in full.</summary>
        [Required, StringLength(32_000, MinimumLength = 3)]
        public required string Description { get; init; }

        /// <summary>What is wrong, in one line; that of the closed one where left out.</summary>
        [StringLength(200, MinimumLength = 3)]
        public string? Title { get; init; }
    }

    public static void Map(IEndpointRouteBuilder incidents) => incidents.MapPost("{id}/follow-up", Handle)
        .WithName(nameof(FollowUpIncident)).WithSummary("Opens a new incident where a closed one did not hold").Requires(Permissions.Open)
        .Produces<Incident>(StatusCodes.Status201Created);

    private static Task<IResult> Handle(
        string id, Request request, Write write, Read read, AggregateStore<Incident> incidents,
        AggregateStore<PriorityMatrix<Incident>> matrices, NumberSeries<Incident> numbers, Ownerless<Incident> ownerless, People people,
        IOptions<IncidentSettings> settings, CancellationToken ct) =>
        write.CreateAsync(incidents, async audit =>
        {
            var closed = AggregateStore<Incident>.Load(await read.FindAsync(incidents, id, ct));
            if (closed.WhyNot(write.Caller, Permissions.OfTickets.Work, Doer.Owner) is { } why)
            {
                throw HttpProblemException.Forbidden(why);
            }

            closed.RequireFollowable(settings.Value.FollowUpWithin, audit.At);
            var group = closed.Security is null ? (await ownerless.OrDefaultAsync(closed.AssignmentGroup, ct))?.Id : closed.AssignmentGroup;
            var next = Incident.Open(
                new NewIncident
                {
                    Number = await numbers.NextAsync(ct), Title = request.Title ?? closed.Title, Description = request.Description,
                    Requester = closed.Requester, OpenedBy = write.Caller.Person, Impact = closed.Impact, Urgency = closed.Urgency,
                    Channel = Channel.Portal, Category = closed.Category, AssignmentGroup = group,
                    Confidential = closed.Confidential, AffectedService = closed.AffectedService,
                    ConfigurationItems = closed.ConfigurationItems,
                }, await PriorityMatrix<Incident>.OfAsync(matrices, ct), audit);
            next.FollowUp(closed, audit);
            next.Surround(await people.SurroundingsAsync(next.Requester, next.AssignmentGroup, ct));
            return next;
        }, ct, next => $"/api/v1/incidents/{next.Id}");
}
