using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Requests.Domain;
using Itsm.Ticketing;

namespace Itsm.Requests.UseCases;

/// <summary>Takes the work up again: what came is not what was asked for.</summary>
internal static class ReopenRequest
{
    /// <summary>Why.</summary>
    /// <example>{ "reason": "It is the wrong model." }</example>
    public sealed record Request
    {
        /// <summary>In the actor's words.</summary>
        [Required, StringLength(1000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    public static void Map(IEndpointRouteBuilder requests) => requests.MapPost("{id}/reopen", Handle)
        .WithName(nameof(ReopenRequest)).WithSummary("Takes the work up again: what came is not what was asked for").Requires(Permissions.Reopen).ChangesOne().Produces<ServiceRequest>();

    private static Task<IResult> Handle(string id, Request request, Write write, AggregateStore<ServiceRequest> requests, Leavers leavers, CancellationToken ct) =>
        write.ChangeAsync(requests, id, RequestLifeCycle.Reopen, request.Reason, async (found, act) =>
        {
            found.Reopen(act);
            await leavers.FollowAsync(found, fulfill: false, act, ct);
        }, ct);
}
