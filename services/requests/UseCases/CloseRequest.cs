using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Requests.Domain;
using Itsm.Ticketing;

namespace Itsm.Requests.UseCases;

/// <summary>Confirms that it is done.</summary>
internal static class CloseRequest
{
    /// <summary>A remark.</summary>
    /// <example>{ "note": "It works, thank you." }</example>
    public sealed record Request
    {
        /// <summary>In the actor's words.</summary>
        [StringLength(4000, MinimumLength = 3)]
        public string? Note { get; init; }
    }

    public static void Map(IEndpointRouteBuilder requests) => requests.MapPost("{id}/close", Handle)
        .WithName(nameof(CloseRequest)).WithSummary("Confirms that it is done").Requires(Permissions.Close).ChangesOne().Produces<ServiceRequest>();

    private static Task<IResult> Handle(string id, Request request, Write write, AggregateStore<ServiceRequest> requests, CancellationToken ct) =>
        write.ChangeAsync(requests, id, RequestLifeCycle.Close, request.Note, (found, act) =>
        {
            found.Close(act);
        }, ct);
}
