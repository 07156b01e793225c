using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Requests.Domain;
using Itsm.Ticketing;

namespace Itsm.Requests.UseCases;

/// <summary>Ends a request without fulfilling it; what it ordered ends with it.</summary>
internal static class CancelRequest
{
    /// <summary>Why.</summary>
    /// <example>{ "reason": "Not needed any more." }</example>
    public sealed record Request
    {
        /// <summary>In the actor's words.</summary>
        [Required, StringLength(1000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    public static void Map(IEndpointRouteBuilder requests) => requests.MapPost("{id}/cancel", Handle)
        .WithName(nameof(CancelRequest)).WithSummary("Ends a request without fulfilling it").Requires(Permissions.Cancel).ChangesOne().Produces<ServiceRequest>();

    private static Task<IResult> Handle(string id, Request request, Write write, AggregateStore<ServiceRequest> requests, CancellationToken ct) =>
        write.ChangeAsync(requests, id, RequestLifeCycle.Cancel, request.Reason, (found, act) =>
        {
            found.Cancel(request.Reason, act);
        }, ct);
}
