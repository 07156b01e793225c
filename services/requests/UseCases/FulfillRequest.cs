using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Requests.Domain;
using Itsm.Ticketing;
using Microsoft.Extensions.Options;

namespace Itsm.Requests.UseCases;

/// <summary>Says that what was asked for is there: where a plan is followed, once all its tasks have ended.</summary>
internal static class FulfillRequest
{
    /// <summary>A remark.</summary>
    /// <example>{ "note": "Handed out at the desk." }</example>
    public sealed record Request
    {
        /// <summary>In the actor's words.</summary>
        [StringLength(4000, MinimumLength = 3)]
        public string? Note { get; init; }
    }

    public static void Map(IEndpointRouteBuilder requests) => requests.MapPost("{id}/fulfill", Handle)
        .WithName(nameof(FulfillRequest)).WithSummary("Says that what was asked for is there; refused while tasks are left").Requires(Permissions.Work).ChangesOne().Produces<ServiceRequest>();

    private static Task<IResult> Handle(string id, Request request, Write write, AggregateStore<ServiceRequest> requests, Leavers leavers, IOptions<RequestSettings> settings, CancellationToken ct) =>
        write.ChangeAsync(requests, id, RequestLifeCycle.Fulfill, request.Note, async (found, act) =>
        {
            await leavers.FollowAsync(found, fulfill: false, act, ct);
            found.Fulfill(settings.Value.CloseAfter, act);
        }, ct);
}
