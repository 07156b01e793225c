using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Requests.Domain;
using Itsm.Ticketing;
using Microsoft.Extensions.Options;

namespace Itsm.Requests.UseCases;

/// <summary>Goes on after a wait.</summary>
internal static class ResumeRequest
{
    /// <summary>A remark.</summary>
    /// <example>{ "note": "The laptop is here." }</example>
    public sealed record Request
    {
        /// <summary>In the actor's words.</summary>
        [StringLength(4000, MinimumLength = 3)]
        public string? Note { get; init; }
    }

    public static void Map(IEndpointRouteBuilder requests) => requests.MapPost("{id}/resume", Handle)
        .WithName(nameof(ResumeRequest)).WithSummary("Goes on after a wait").Requires(Permissions.Work).ChangesOne().Produces<ServiceRequest>();

    private static Task<IResult> Handle(string id, Request request, Write write, AggregateStore<ServiceRequest> requests, IOptions<RequestSettings> settings, CancellationToken ct) =>
        write.ChangeAsync(requests, id, RequestLifeCycle.Resume, request.Note, (found, act) =>
        {
            found.Resume(settings.Value.CloseAfter, act);
        }, ct);
}
