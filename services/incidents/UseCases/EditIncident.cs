using System.ComponentModel.DataAnnotations;
using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Ticketing;

namespace Itsm.Incidents.UseCases;

/// <summary>Changes fields of an incident by JSON Merge Patch; its state moves by actions only.</summary>
internal static class EditIncident
{
    /// <summary>What is absent stays; null removes.</summary>
    /// <example>{ "impact": "high", "category": "network-vpn", "description": "The whole floor is cut off." }</example>
    public sealed record Request
    {
        /// <summary>What is wrong, in one line.</summary>
        [StringLength(200, MinimumLength = 3)]
        public Optional<string> Title { get; init; }

        /// <summary>What is wrong, in full.</summary>
        [StringLength(32_000)]
        public Optional<string> Description { get; init; }

        /// <summary>Id or user name of the person for whom it is.</summary>
        public Optional<string> Requester { get; init; }

        /// <summary>How far the damage reaches.</summary>
        public Optional<Level?> Impact { get; init; }

        /// <summary>How soon it must end.</summary>
        public Optional<Level?> Urgency { get; init; }

        /// <summary>Id or key of the category.</summary>
        public Optional<string> Category { get; init; }

        /// <summary>Reference to the affected service.</summary>
        [StringLength(200, MinimumLength = 1)]
        public Optional<string> AffectedService { get; init; }

        /// <summary>References to the affected configuration items.</summary>
        [MaxLength(100)]
        public Optional<IReadOnlyList<string>> ConfigurationItems { get; init; }
    }

    public static void Map(IEndpointRouteBuilder incidents) => incidents.MapPatch("{id}", Handle)
        .WithName(nameof(EditIncident)).WithSummary("Changes fields of an incident").Requires(Permissions.Edit).ChangesOne()
        .Produces<Incident>();

    private static Task<IResult> Handle(
        string id, Request request, Write write, AggregateStore<Incident> incidents, AggregateStore<Category<Incident>> categories,
        AggregateStore<PriorityMatrix<Incident>> matrices, People people, CancellationToken ct) =>
        write.ChangeAsync(incidents, id, "update", null, async (incident, _) =>
        {
            incident.Describe(Required(request.Title, incident.Title, "/title"),
                request.Description.IsPresent ? request.Description.Value : incident.Description);
            if (request.Impact.IsPresent || request.Urgency.IsPresent)
            {
                incident.Rate(
                    Required(request.Impact, incident.Impact, "/impact")!.Value,
                    Required(request.Urgency, incident.Urgency, "/urgency")!.Value,
                    await matrices.FindAsync(PriorityMatrix.TheId, ct) ?? PriorityMatrix<Incident>.Default());
            }

            if (request.Requester.IsPresent)
            {
                if (incident.Security is not null && !write.Caller.May(Permissions.HandleSecurity.Name))
                {
                    throw HttpProblemException.Forbidden($"{incident.Number} is a security incident: its requester, who sees it, is "
                        + $"changed with the permission {Permissions.HandleSecurity.Name}.");
                }

                incident.TransferTo(await people.RequirePersonIdAsync(request.Requester.Value, "/requester", ct)
                    ?? throw new InvalidValueException("/requester", "requester can't be removed."));
                incident.Surround(await people.SurroundingsAsync(incident.Requester, incident.AssignmentGroup, ct));
            }

            if (request.Category.IsPresent)
            {
                incident.Categorize((await categories.RequireCategoryAsync(request.Category.Value, "/category", ct))?.Id);
            }

            if (request.AffectedService.IsPresent || request.ConfigurationItems.IsPresent)
            {
                incident.Affect(
                    request.AffectedService.IsPresent ? request.AffectedService.Value : incident.AffectedService,
                    request.ConfigurationItems.IsPresent ? request.ConfigurationItems.Value ?? [] : incident.ConfigurationItems);
            }
        }, ct);

    private static T Required<T>(Optional<T> patch, T current, string pointer) =>
        patch.IsPresent ? patch.Value ?? throw new InvalidValueException(pointer, $"{pointer[1..]} can't be removed.") : current;
}
