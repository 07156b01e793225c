using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Requests.Domain;
using Itsm.Ticketing;

namespace Itsm.Requests.UseCases;

/// <summary>Gives a request to a group, a person, or both.</summary>
internal static class AssignRequest
{
    /// <summary>Who works on it; what is absent stays, but for an assignee who is no member of the new group.</summary>
    /// <example>{ "assignmentGroup": "applications", "assignee": "agent2" }</example>
    public sealed record Request
    {
        /// <summary>Id or key of the group; null takes it from its group, and gives it to the default group where nobody has it then.</summary>
        public Optional<string> AssignmentGroup { get; init; }

        /// <summary>Id or user name of the person; null for none.</summary>
        public Optional<string> Assignee { get; init; }
    }

    public static void Map(IEndpointRouteBuilder requests) => requests.MapPost("{id}/assign", Handle)
        .WithName(nameof(AssignRequest)).WithSummary("Gives a request to a group, a person, or both").Requires(Permissions.Work).ChangesOne().Produces<ServiceRequest>();

    private static Task<IResult> Handle(string id, Request request, Write write, AggregateStore<ServiceRequest> requests, Ownerless<ServiceRequest> ownerless, People people, CancellationToken ct) =>
        write.ChangeAsync(requests, id, "assign", null, async (found, _) =>
        {
            var (group, assignee) = await people.ReassignAsync(request.AssignmentGroup, request.Assignee, found.AssignmentGroup, found.Assignee, ct);
            group ??= assignee is null ? await ownerless.DefaultGroupAsync(ct) : null;
            found.Assign(group?.Id, group?.Name, assignee);
            found.Surround(await people.SurroundingsAsync(found.Requester, group?.Id, ct));
        }, ct);
}
