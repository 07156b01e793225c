using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Requests.Domain;
using Itsm.Ticketing;

namespace Itsm.Requests.UseCases;

/// <summary>Lets a request wait. Waiting for the requester needs a comment that tells them so; their answer ends the wait.</summary>
internal static class HoldRequest
{
    /// <summary>For whom, and why.</summary>
    /// <example>{ "reason": "vendor", "comment": "The laptop comes next week." }</example>
    public sealed record Request
    {
        /// <summary>For whom or what it waits.</summary>
        public required RequestHoldReason Reason { get; init; }

        /// <summary>A public comment; needed when it waits for the requester.</summary>
        [StringLength(32_000, MinimumLength = 1)]
        public string? Comment { get; init; }
    }

    public static void Map(IEndpointRouteBuilder requests) => requests.MapPost("{id}/hold", Handle)
        .WithName(nameof(HoldRequest)).WithSummary("Lets a request wait for somebody else").Requires(Permissions.Work).ChangesOne().Produces<ServiceRequest>();

    private static Task<IResult> Handle(string id, Request request, Write write, AggregateStore<ServiceRequest> requests, CancellationToken ct) =>
        request is { Reason: RequestHoldReason.Requester, Comment: null }
            ? throw HttpProblemException.Invalid("/comment", "comment is required: it tells the requester what is needed.")
            : write.ChangeAsync(requests, id, RequestLifeCycle.Hold, request.Comment, (found, act) =>
            {
                found.Hold(request.Reason, request.Comment, act);
            }, ct);
}
