using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Requests.Domain;
using Itsm.Ticketing;
using Microsoft.Extensions.Options;

namespace Itsm.Requests.UseCases;

/// <summary>Adds work to a request that its plan did not foresee.</summary>
internal static class AddTask
{
    /// <summary>The work.</summary>
    /// <example>{ "key": "bring-adapter", "title": "Bring a travel adapter", "assignmentGroup": "service-desk",
    /// "dueAt": "2030-03-02T16:00:00Z" }</example>
    public sealed record Request
    {
        /// <summary>Tells it apart from the others.</summary>
        [Required,
            RegularExpression("^[a-z0-9]+(-[a-z0-9]+)*$", ErrorMessage = "key is made of lower-case letters, digits and single hyphens."),
            StringLength(60)]
        public required string Key { get; init; }

        /// <summary>One line.</summary>
        [Required, StringLength(200, MinimumLength = 2)]
        public required string Title { get; init; }

        /// <summary>The full text.</summary>
        [StringLength(32_000)]
        public string? Description { get; init; }

        /// <summary>Id or key of the group that does it; that of the request where left out.</summary>
        public string? AssignmentGroup { get; init; }

        /// <summary>When it should be done.</summary>
        public DateTimeOffset? DueAt { get; init; }
    }

    public static void Map(IEndpointRouteBuilder requests) => requests.MapPost("{id}/tasks", Handle)
        .WithName("AddRequestTask").WithSummary("Adds work that the plan did not foresee").Requires(Permissions.Work).ChangesOne()
        .Produces<ServiceRequest>();

    private static Task<IResult> Handle(string id, Request request, Write write, AggregateStore<ServiceRequest> requests, People people,
        IOptions<RequestSettings> settings, CancellationToken ct) =>
        write.ChangeAsync(requests, id, "add-task", null, async (found, audit) =>
        {
            var group = request.AssignmentGroup is { } named ? await people.RequireGroupAsync(named, "/assignmentGroup", ct) : null;
            found.AddTask(
                new RequestTask
                {
                    Key = request.Key, Kind = StepKind.Work, Title = request.Title, Description = request.Description,
                    DueAt = request.DueAt, AssignmentGroup = group?.Id ?? found.AssignmentGroup,
                    GroupName = group is null ? found.GroupName : group.Name,
                }, Deadlines.None, settings.Value.CloseAfter, audit);
        }, ct);
}
