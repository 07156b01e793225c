using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Requests.Domain;

namespace Itsm.Requests.UseCases;

/// <summary>Takes an item out of the catalog; requests under way go on.</summary>
internal static class RetireCatalogItem
{
    /// <summary>Why.</summary>
    /// <example>{ "reason": "Out of stock for good." }</example>
    public sealed record Request
    {
        /// <summary>In the actor's words.</summary>
        [StringLength(1000, MinimumLength = 3)]
        public string? Reason { get; init; }
    }

    public static void Map(IEndpointRouteBuilder items) => items.MapPost("{id}/retire", Handle)
        .WithName(nameof(RetireCatalogItem)).WithSummary("Takes an item out of the catalog; requests under way go on")
        .Requires(Permissions.OfTickets.Configure).ChangesOne().Produces<CatalogItem>();

    private static Task<IResult> Handle(string id, Request request, Write write, AggregateStore<CatalogItem> items, CancellationToken ct) =>
        write.ChangeAsync(items, id, "retire", request.Reason, (item, _) => item.Retire(), ct);
}
