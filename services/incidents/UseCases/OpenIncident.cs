using System.ComponentModel.DataAnnotations;
using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Ticketing;

namespace Itsm.Incidents.UseCases;

/// <summary>Opens an incident, for oneself or for somebody else; its category routes it to a group.</summary>
internal static class OpenIncident
{
    /// <summary>What is known of the incident.</summary>
    /// <example>{ "title": "The printer is on fire", "description": "Second floor, next to the kitchen.", "impact": "medium",
    /// "urgency": "high", "category": "hardware-printer" }</example>
    public sealed record Request
    {
        /// <summary>What is wrong, in one line.</summary>
        [Required, StringLength(200, MinimumLength = 3)]
        public required string Title { get; init; }

        /// <summary>What is wrong, in full.</summary>
        [StringLength(32_000)]
        public string? Description { get; init; }

        /// <summary>Id or user name of the person for whom it is; oneself where left out.</summary>
        public string? Requester { get; init; }

        /// <summary>How far the damage reaches; medium where left out.</summary>
        public Level? Impact { get; init; }

        /// <summary>How soon it must end; medium where left out.</summary>
        public Level? Urgency { get; init; }

        /// <summary>How it came in; portal where left out.</summary>
        public Channel? Channel { get; init; }

        /// <summary>Id or key of the category.</summary>
        public string? Category { get; init; }

        /// <summary>True to let only those see it who have it, of all who work on incidents; so too where its category says so.</summary>
        public bool Confidential { get; init; }

        /// <summary>Id or key of the group that works on it; the category's where left out.</summary>
        public string? AssignmentGroup { get; init; }

        /// <summary>Id or user name of the person who works on it.</summary>
        public string? Assignee { get; init; }

        /// <summary>Reference to the affected service.</summary>
        [StringLength(200, MinimumLength = 1)]
        public string? AffectedService { get; init; }

        /// <summary>References to the affected configuration items.</summary>
        [MaxLength(100)]
        public IReadOnlyList<string>? ConfigurationItems { get; init; }
    }

    public static void Map(IEndpointRouteBuilder incidents) => incidents.MapPost("", Handle)
        .WithName(nameof(OpenIncident)).WithSummary("Opens an incident").Requires(Permissions.Open)
        .Produces<Incident>(StatusCodes.Status201Created);

    private static Task<IResult> Handle(
        Request request, Write write, AggregateStore<Incident> incidents, AggregateStore<Category<Incident>> categories,
        AggregateStore<PriorityMatrix<Incident>> matrices, NumberSeries<Incident> numbers, Ownerless<Incident> ownerless, People people,
        ConfigurationLookup items, CancellationToken ct) =>
        write.CreateAsync(incidents, async audit =>
        {
            var requester = await people.RequirePersonIdAsync(request.Requester, "/requester", ct) ?? write.Caller.Person;
            RequireForOthers(write.Caller, requester != write.Caller.Person, "/requester");
            RequireForOthers(write.Caller, request.AssignmentGroup is not null || request.Assignee is not null, "/assignmentGroup");
            var category = await categories.RequireCategoryAsync(request.Category, "/category", ct);
            var (group, assignee) = await people.RequireAssignmentAsync(request.AssignmentGroup, request.Assignee, ct);
            var service = await items.RequireServiceAsync(request.AffectedService, null, write.Caller, "/affectedService", ct);
            var affected = await items.RequireItemsAsync(
                request.ConfigurationItems ?? [], [], write.Caller, "/configurationItems", ct);
            var matrix = await PriorityMatrix<Incident>.OfAsync(matrices, ct);
            var incident = Incident.Open(
                new NewIncident
                {
                    Number = await numbers.NextAsync(ct), Title = request.Title, Description = request.Description, Requester = requester,
                    OpenedBy = write.Caller.Person, Impact = request.Impact ?? Level.Medium, Urgency = request.Urgency ?? Level.Medium,
                    Channel = request.Channel ?? Channel.Portal, Category = category?.Id,
                    Confidential = request.Confidential || await Category<Incident>.IsConfidentialAsync(categories, category, ct),
                    AssignmentGroup = group?.Id
                        ?? (assignee is null
                            ? (await ownerless.OrDefaultAsync(await Category<Incident>.RouteOfAsync(categories, category, people, ct), ct))
                                ?.Id
                            : null), Assignee = assignee, AffectedService = service,
                    ConfigurationItems = affected,
                }, matrix, audit);
            incident.Surround(await people.SurroundingsAsync(requester, incident.AssignmentGroup, ct));
            return incident;
        }, ct);

    private static void RequireForOthers(Caller caller, bool applies, string pointer)
    {
        if (applies && !caller.May(Permissions.OpenForOthers.Name))
        {
            throw new HttpProblemException(Problems.Create(403, "permission-missing", $"Permission missing",
                $"{pointer[1..]} needs the permission {Permissions.OpenForOthers.Name}."));
        }
    }
}
