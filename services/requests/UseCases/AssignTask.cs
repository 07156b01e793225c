using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Requests.Domain;
using Itsm.Ticketing;

namespace Itsm.Requests.UseCases;

/// <summary>Gives a task of a request to a group, a person, or both.</summary>
internal static class AssignTask
{
    /// <summary>Who works on it; what is absent stays.</summary>
    /// <example>{ "assignee": "agent2" }</example>
    public sealed record Request
    {
        /// <summary>Id or key of the group; null for none.</summary>
        public Optional<string> AssignmentGroup { get; init; }

        /// <summary>Id or user name of the person; null for none.</summary>
        public Optional<string> Assignee { get; init; }
    }

    public static void Map(IEndpointRouteBuilder requests) => requests.MapPost("{id}/tasks/{task}/assign", Handle)
        .WithName("AssignRequestTask").WithSummary("Gives a task to a group, a person, or both").Requires(Permissions.Work).ChangesOne()
        .Produces<ServiceRequest>();

    private static Task<IResult> Handle(string id, string task, Request request, Write write, AggregateStore<ServiceRequest> requests,
        People people, CancellationToken ct) =>
        write.ChangeAsync(requests, id, "assign-task", null, async (found, audit) =>
        {
            var known = MoveTask.Find(found, task);
            var (group, assignee) = await people.ReassignAsync(request.AssignmentGroup, request.Assignee, known.AssignmentGroup,
                known.Assignee, ct);
            found.AssignTask(task, group?.Id, group?.Name, assignee, audit);
        }, ct);
}
