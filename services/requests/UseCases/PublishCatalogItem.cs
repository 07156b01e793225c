using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Requests.Domain;
using Itsm.Requests.Ordering;

namespace Itsm.Requests.UseCases;

/// <summary>Publishes the draft of a catalog item as its next edition: new orders are made of it.</summary>
internal static class PublishCatalogItem
{
    /// <summary>Why.</summary>
    /// <example>{ "reason": "The new models are in." }</example>
    public sealed record Request
    {
        /// <summary>In the actor's words.</summary>
        [StringLength(1000, MinimumLength = 3)]
        public string? Reason { get; init; }
    }

    public static void Map(IEndpointRouteBuilder items) => items.MapPost("{id}/publish", Handle)
        .WithName(nameof(PublishCatalogItem)).WithSummary("Publishes the draft as the next edition")
        .Requires(Permissions.OfTickets.Configure)
        .ChangesOne().Produces<CatalogItem>();

    // What was right when it was written may name somebody who is gone since.
    private static Task<IResult> Handle(string id, Request request, Write write, AggregateStore<CatalogItem> items,
        AggregateStore<CatalogEdition> editions, ItemCheck check, CancellationToken ct) =>
        write.ChangeAsync(
        items, id, "publish", request.Reason, async (item, audit) =>
        {
            var edition = item.Publish(await check.RequireAsync(item.Draft, item.Key, "/draft", ct), audit);
            await editions.AddMissingAsync(edition,
                new AuditContext { By = audit.By, Action = "publish", At = audit.At, Reason = audit.Reason }, ct);
        }, ct);
}
