using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Requests.Domain;
using Itsm.Requests.Ordering;

namespace Itsm.Requests.UseCases;

/// <summary>Submits a draft, as an order of what is published now.</summary>
internal static class SubmitRequest
{
    /// <summary>Nothing more is needed.</summary>
    public sealed record Request;

    public static void Map(IEndpointRouteBuilder requests) => requests.MapPost("{id}/submit", Handle)
        .WithName(nameof(SubmitRequest)).WithSummary("Submits a draft").Requires(Permissions.Order).ChangesOne().Produces<ServiceRequest>();

    private static Task<IResult> Handle(
        string id, Request _, Write write, AggregateStore<ServiceRequest> requests, Catalog catalog, CancellationToken ct) =>
        write.ChangeAsync(
            requests, id, RequestLifeCycle.Submit, null, (found, audit) => catalog.SubmitAsync(found, write.Caller, audit, ct), ct);
}
