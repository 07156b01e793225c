using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Requests.Domain;
using Itsm.Requests.Ordering;

namespace Itsm.Requests.UseCases;

/// <summary>Replaces the draft of a catalog item; what is published stays until the draft is published.</summary>
internal static class RewriteCatalogItem
{
    /// <summary>Another draft.</summary>
    /// <example>{ "content": { "name": "Monitor", "description": "A second screen, with a stand.", "plan": [{ "key": "deliver",
    /// "title": "Bring the monitor", "group": "service-desk" }] } }</example>
    public sealed record Request
    {
        /// <summary>All of it: what is left out is not kept.</summary>
        [Required]
        public required ItemContent Content { get; init; }
    }

    public static void Map(IEndpointRouteBuilder items) => items.MapPut("{id}/draft", Handle)
        .WithName("RewriteCatalogItemDraft").WithSummary("Replaces the draft; what is published stays until the draft is published")
        .Requires(Permissions.OfTickets.Configure).ChangesOne().Produces<CatalogItem>();

    private static Task<IResult> Handle(
        string id, Request request, Write write, AggregateStore<CatalogItem> items, ItemCheck check, CancellationToken ct) =>
        write.ChangeAsync(
        items, id, "rewrite", null,
        async (item, _) => item.Rewrite(request.Content, await check.RequireAsync(request.Content, item.Key, "/content", ct)), ct);
}
